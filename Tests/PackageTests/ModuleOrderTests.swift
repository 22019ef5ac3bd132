import Foundation
import Testing

/// Modules depend only on those before them: what a file may import, whatever the manifest allows.
@Suite struct ModuleOrderTests {
  /// The modules, from the ground up; none imports one that stands behind it.
  static let order = [
    "CBLAS", "CZlib", "CShims", "CRecords", "CPage", "CBuild", "ONNXSchema", "Basics",
    "Ranks", "Tensors", "Kernels", "Graphs", "Formats", "Models", "Interchange", "Programs",
    "Training", "Harness", "Workloads", "Economics", "History", "Reporter", "costcurve",
  ]
  /// What a module never reaches for, though it stands before it.
  static let forbidden: [String: Set<String>] = [
    "Formats": ["Kernels", "Graphs"], "Economics": ["Workloads", "Kernels", "Programs"],
    "Harness": ["Kernels", "Graphs", "Formats", "Models", "Programs", "Training"],
    "History": ["Workloads", "Kernels", "Programs"], "Reporter": ["Workloads", "Kernels"],
  ]

  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

  /// Modules that a text imports, attributes and single declarations included.
  static func imports(of text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy({ $0.hasPrefix("@") || $0 == "public" || $0 == "package" })
      else { return nil }
      let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let name = words[kinds.contains(String(words[place + 1])) ? place + 2 : place + 1]
      return String(name.split(separator: ".")[0])
    }
  }

  /// Sentences for what a module must not import.
  static func violations(in text: String, of module: String) -> [String] {
    guard let own = order.firstIndex(of: module) else { return ["\(module) has no place"] }
    return imports(of: text).compactMap { name in
      if let other = order.firstIndex(of: name), other >= own { return "\(module) imports \(name)" }
      if forbidden[module]?.contains(name) == true { return "\(module) never imports \(name)" }
      return nil
    }
  }

  @Test func noImportPointsUpwards() throws {
    let modules = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
      .filter { !$0.hasPrefix(".") }
    #expect(Set(modules) == Set(Self.order))
    for module in modules {
      let folder = Self.sources.appendingPathComponent(module)
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      for case let file as URL in try #require(files) where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(Self.violations(in: text, of: module) == [], "\(file.lastPathComponent)")
      }
    }
  }

  @Test func wouldNoticeOne() {
    #expect(Self.violations(in: "import Kernels\nimport Tensors", of: "Graphs") == [])
    #expect(Self.violations(in: "import Programs", of: "Graphs") == ["Graphs imports Programs"])
    #expect(
      Self.violations(in: "@_exported public import struct Models.Network", of: "Kernels")
        == ["Kernels imports Models"])
    #expect(Self.violations(in: "import Kernels", of: "Harness").count == 1)
  }

  /// The picture of the modules is of those that there are; `make docs` draws it.
  @Test func thePictureShowsEveryModule() throws {
    let file = Self.sources.deletingLastPathComponent().appendingPathComponent("docs/modules.svg")
    let text = try String(contentsOf: file, encoding: .utf8)
    for module in Self.order { #expect(text.contains(">\(module)</text>"), "\(module)") }
  }
}
