import ArgumentParser
import Formats
import Foundation

/// `costcurve manual`: what an installation needs beside the binary; hidden, for `make` alone.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Write the manual pages of all commands into a folder.",
    discussion: "Example: costcurve manual --folder man1", shouldDisplay: false)

  @Option(help: "Where the pages go; made where it is not there.", completion: .directory)
  var folder: String

  func run() throws {
    let pages = ManualPage.all(of: try DeclaredCommand.root(), version: Version.text)
    try Folder.make(folder)
    for page in pages { try AtomicFile.write(Data(page.text.utf8), to: "\(folder)/\(page.file)") }
  }
}
