import Foundation
import Testing

/// The image is built by the command that the README gives, from what the repository has.
struct ContainerfileTests {
  @Test func itBuildsByTheReadmesCommand() throws {
    let steps = try DocumentedCommand.text(of: "Containerfile").split(separator: "\n")
    let readme = try DocumentedCommand.text(of: "README.md")
    let made = steps.compactMap {
      $0.firstMatch(of: /^RUN (make [a-z]+)/).map { String($0.output.1) }
    }
    #expect(made == ["make install"])
    for command in made { #expect(readme.contains("`\(command)`"), "\(command)") }
  }

  @Test func whatItCopiesIsInstalled() throws {
    let steps = try DocumentedCommand.text(of: "Containerfile")
    let makefile = try DocumentedCommand.text(of: "Makefile")
    #expect(makefile.contains("PREFIX  ?= /usr/local\n"))
    let copied = steps.matches(of: /--from=build (\S+)/).map { String($0.output.1) }
    #expect(copied == ["/usr/local/bin/costcurve", "/usr/local/share/man"])
  }

  /// One build each for all that the launcher may pick.
  @Test func theLauncherNamesTheBuildsOfThePackage() throws {
    let makefile = try DocumentedCommand.text(of: "Makefile")
    let marches = try #require(makefile.firstMatch(of: /(?m)^MARCHES = (.*)$/)).output.1
      .split(separator: " ").map(String.init)
    let launcher = try DocumentedCommand.text(of: ".ci/launcher")
    #expect(launcher.matches(of: /build=(\S+?);?\s/).map { String($0.output.1) } == marches)
  }
}
