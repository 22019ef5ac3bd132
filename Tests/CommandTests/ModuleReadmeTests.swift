import Foundation
import Testing

/// A module's README names code that the product uses.
struct ModuleReadmeTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources").standardizedFileURL

  /// The words of a text, with those that are declared as types.
  ///
  /// They are gathered once a file: an expression for each type would go through all files anew.
  private struct Words {
    private static let keywords: Set = ["struct", "class", "enum", "protocol", "typealias"]
    private(set) var all: Set<String> = []
    private(set) var declared: Set<String> = []

    init(of text: String) {
      let bytes = text.utf8
      var keywordEnd: String.Index?
      for word in bytes.split(whereSeparator: { !Self.isOfAWord($0) }) {
        let name = String(decoding: word, as: UTF8.self)
        all.insert(name)
        if let end = keywordEnd, bytes[end] == UInt8(ascii: " "),
          bytes.index(after: end) == word.startIndex
        {
          declared.insert(name)
        }
        keywordEnd = Self.keywords.contains(name) ? word.endIndex : nil
      }
    }

    private static func isOfAWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
        true
      default: false
      }
    }
  }

  @Test func everyTypeThatIsNamedIsUsedOutsideItsFile() throws {
    var files: [Words] = []
    let names = try FileManager.default.subpathsOfDirectory(atPath: Self.sources.path)
    for name in names where name.hasSuffix(".swift") {
      files.append(
        Words(
          of: try String(
            contentsOf: Self.sources.appendingPathComponent(name), encoding: .utf8)))
    }
    let readmes = names.filter { $0.hasSuffix("README.md") && $0.split(separator: "/").count == 2 }
    #expect(readmes.count >= 2)
    for readme in readmes {
      let text = try String(
        contentsOf: Self.sources.appendingPathComponent(readme), encoding: .utf8)
      let types = Set(text.matches(of: /`([A-Z][A-Za-z0-9]+)[`.(:]/).map { String($0.output.1) })
      for type in types.sorted() where !type.contains("Reference") {
        // Folders and tests are named too; they declare nothing here.
        guard files.contains(where: { $0.declared.contains(type) }) else { continue }
        // One of those that mention it is where it is declared.
        let mentioning = files.count { $0.all.contains(type) }
        #expect(mentioning > 1, "\(readme) names \(type), which only tests use")
      }
    }
  }
}
