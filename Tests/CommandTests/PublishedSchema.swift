import Foundation
import TestSupport

/// The schemas that the project publishes.
enum PublishedSchema {
  /// Every file, by the name of its schema.
  static func all() throws -> [String: URL] {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources").standardized
    let ending = ".schema.json"
    let files =
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.lastPathComponent.hasSuffix(ending) } ?? []
    return Dictionary(
      uniqueKeysWithValues: files.map { (String($0.lastPathComponent.dropLast(ending.count)), $0) })
  }

  /// The schema of that name.
  static func named(_ name: String) throws -> JSONSchema {
    try JSONSchema(contentsOf: try all()[name] ?? URL(fileURLWithPath: name))
  }
}
