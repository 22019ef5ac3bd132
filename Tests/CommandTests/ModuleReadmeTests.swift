import Foundation
import Testing

/// A module's README names code that the product uses.
struct ModuleReadmeTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources").standardizedFileURL

  @Test func everyTypeThatIsNamedIsUsedOutsideItsFile() throws {
    var texts: [String: String] = [:]
    let names = try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path)
    for name in names where name.hasSuffix(".swift") {
      texts[name] = try String(
        contentsOf: Self.sources.appendingPathComponent(name), encoding: .utf8)
    }
    let readmes = names.filter { $0.hasSuffix("README.md") && $0.split(separator: "/").count == 2 }
    #expect(readmes.count >= 2)
    for readme in readmes {
      let text = try String(
        contentsOf: Self.sources.appendingPathComponent(readme), encoding: .utf8)
      let types = Set(text.matches(of: /`([A-Z][A-Za-z0-9]+)[`.(:]/).map { String($0.output.1) })
      for type in types.sorted() where !type.contains("Reference") {
        let declaration = try Regex("(struct|class|enum|protocol|typealias) \(type)\\b")
        // A full stop between two names ends a word here, which it does not in prose.
        let mention = try Regex("\\b\(type)\\b").wordBoundaryKind(.simple)
        let declaring = texts.filter { $0.value.firstMatch(of: declaration) != nil }.map(\.key)
        // Folders and tests are named too; they declare nothing here.
        guard let home = declaring.first else { continue }
        let users = texts.filter { $0.key != home && $0.value.firstMatch(of: mention) != nil }
        #expect(!users.isEmpty, "\(readme) names \(type), which only tests use")
      }
    }
  }
}
