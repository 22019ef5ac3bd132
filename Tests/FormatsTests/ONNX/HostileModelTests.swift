import Basics
import Formats
import Foundation
import TestSupport
import Testing

/// Models that lie, nest, or name files that are none of theirs: a sentence, never worse.
@Suite struct HostileModelTests {
  private func refusal(_ bytes: [UInt8], _ directory: TemporaryDirectory) throws -> Problem? {
    let path = try directory.file("m.onnx", Data(bytes))
    do throws(Problem) { _ = try ModelFile(path: path) } catch {
      #expect(error.description.contains(path))
      return error
    }
    return nil
  }

  /// Tensors that lie, and a word of the sentence.
  static let lies: [(tensor: [UInt8], word: String)] = [
    (Wire.tensor(1, [1 << 40]), "another number of elements than 1099511627776"),
    (Wire.tensor(1, [1 << 40], Wire.bytes(9, [0, 0, 0, 0])), "takes 4398046511104 bytes, not 4"),
    (Wire.tensor(1, [1 << 40, 1 << 40]), "no tensor can have"),
    (Wire.tensor(1, [1 << 49], Wire.bytes(9, [])), "no tensor can have"),
    (Wire.tensor(1, [1 << 62, 1 << 62], Wire.bytes(9, [])), "no tensor can have"),
    (Wire.tensor(1, [-1]), "no tensor can have"),
    (Wire.tensor(1, [0, 1 << 62, 1 << 62]), "no tensor can have"),
    (Wire.tensor(1, [Int64](repeating: 1, count: 65)), "no tensor can have"),
    (Wire.tensor(1, [2], Wire.bytes(9, [0, 0, 0, 0, 0])), "takes 8 bytes, not 5"),
    (Wire.tensor(1, [0], Wire.bytes(9, [0])), "takes 0 bytes, not 1"),
    (Wire.tensor(1, [2], Wire.bytes(4, Wire.float(1))), "another number of elements"),
    (Wire.tensor(1, [1], Wire.bytes(4, [1, 2, 3])), "in the middle of a field"),
    (Wire.tensor(7, [2], Wire.bytes(7, [1])), "another number of elements"),
    (Wire.tensor(7, [2], Wire.bytes(7, [1, 2, 3])), "another number of elements"),
    (Wire.tensor(7, [2], Wire.bytes(7, [1, 0x80])), "a damaged field"),
    (Wire.tensor(7, [2], Wire.bytes(5, [1, 2])), "another number of elements"),
    (Wire.tensor(7, [1 << 40], Wire.bytes(7, [1])), "another number of elements"),
    (Wire.tensor(8, [1 << 40], Wire.bytes(6, [1])), "another number of elements"),
    (Wire.tensor(8, [1], Wire.bytes(9, [])), "takes 0 bytes"),
    (Wire.tensor(99, [1]), "type 99"),
    (Wire.tensor(0, [1]), "type 0"),
    (Wire.tensor(1, [1], Wire.bytes(3, [])), "in segments"),
    (Wire.tensor(1, [1], Wire.integer(9, 0)), "another number of elements"),
    (Wire.external([1], []), "does not say where"),
    (Wire.external([1], [("location", "/etc/passwd")]), "the model's own folder"),
    (Wire.external([1], [("location", "../w.bin")]), "the model's own folder"),
    (Wire.external([1], [("location", "a/../../w.bin")]), "the model's own folder"),
    (Wire.external([1], [("location", "")]), "the model's own folder"),
    (Wire.external([1], [("location", "w.bin\0x")]), "the model's own folder"),
    (Wire.external([1], [("location", "out")]), "a link out"),
    (Wire.external([1], [("location", "folder/w.bin")]), "a link out"),
    (Wire.external([1], [("location", ".")]), "a link out"),
    (Wire.external([1], [("location", "pipe")]), "a pipe"),
    (Wire.external([5], [("location", "w.bin")]), "names bytes 0 to 0 + 20"),
    (Wire.external([1], [("location", "w.bin"), ("offset", "13")]), "names bytes 13"),
    (
      Wire.external([1], [("location", "w.bin"), ("offset", "9223372036854775807")]),
      "names bytes 9223372036854775807"
    ),
    (Wire.external([1], [("location", "w.bin"), ("offset", "-1")]), "'-1' as the offset"),
    (Wire.external([1], [("location", "w.bin"), ("offset", "1e3")]), "'1e3' as the offset"),
    (Wire.external([1], [("location", "w.bin"), ("length", "5")]), "takes 4 bytes, but names 5"),
    (Wire.external([1 << 40], [("location", "w.bin")]), "names bytes 0"),
    (
      Wire.tensor(
        8, [1], Wire.integer(14, 1), Wire.bytes(13, Wire.text(1, "location") + Wire.text(2, "w"))),
      "texts as external"
    ),
  ]

  @Test(arguments: lies)
  func refusesATensorThatLies(tensor: [UInt8], word: String) throws {
    let (outside, directory) = (try TemporaryDirectory(), try TemporaryDirectory())
    _ = try outside.file("w.bin", Data(repeating: 0, count: 16))
    _ = try directory.file("w.bin", Data(repeating: 0, count: 16))
    #expect(mkfifo(directory.path("pipe"), 0o600) == 0)
    for (name, target) in [("out", outside.path("w.bin")), ("folder", outside.root)] {
      try FileManager.default.createSymbolicLink(
        atPath: directory.path(name), withDestinationPath: target)
    }
    // As an initializer, and as what a node is told.
    let attribute = Wire.text(1, "value") + Wire.bytes(5, tensor) + Wire.integer(20, 4)
    let node = Wire.text(4, "Constant") + Wire.bytes(5, attribute)
    for bytes in [Wire.model(tensor: tensor), Wire.model(graph: Wire.bytes(1, node))] {
      let path = try directory.file("m.onnx", Data(bytes))
      let error = #expect(throws: Problem.self) { try ModelFile(path: path) }
      #expect(error?.kind == .malformed)
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
    }
  }

  @Test func namesAFileThatIsNotThere() throws {
    let directory = try TemporaryDirectory()
    let tensor = Wire.external([1], [("location", "w.bin")])
    let error = try refusal(Wire.model(tensor: tensor), directory)
    #expect(error?.kind == .absent && error?.description.contains("w.bin") == true)
    #expect(throws: Problem.self) { try ModelFile(path: directory.path("none.onnx")) }
  }

  /// Whole files, and a word of the sentence.
  static let files: [(bytes: [UInt8], word: String)] = [
    ([], "is empty"),
    (Array("PK\u{3}\u{4} data.pkl".utf8), "a pickle"),
    ([0x1F, 0x8B, 8, 0], "gunzip"),
    ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
    (Array("hello, world".utf8), "text that begins with"),
    (Wire.integer(1, 8), "has no graph"),
    (Wire.integer(1, 8) + Wire.bytes(7, []), "no set of operators"),
    (Wire.bytes(7, []) + Wire.bytes(8, []), "no version of the format"),
    (Wire.integer(1, 8) + Wire.bytes(7, []) + Wire.bytes(7, []), "two graphs"),
    (Wire.integer(1, 8) + [0x3B], "a kind that no ONNX file has"),
    (Wire.integer(1, 8) + [0x07, 1], "a field without a number"),
    ([0x08] + [UInt8](repeating: 0x80, count: 11), "beyond 64 bits"),
    ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [2], "beyond 64 bits"),
    ([0x08, 0x80], "in the middle of a number"),
    ([0x3A] + Wire.varint(1 << 63), "announces 9223372036854775808 bytes"),
    ([0x3A, 5, 1], "announces 5 bytes where 1 are left"),
    (Wire.text(1, "8"), "has no graph"),
    (Wire.integer(1, 8) + Wire.bytes(2, [0xFF]), "not UTF-8"),
    (Wire.model(graph: Wire.bytes(15, [])), "sparse initializers"),
    (Wire.model(graph: Wire.bytes(1, Wire.bytes(5, Wire.integer(20, 4)))), "no value of the type"),
    (Wire.model(graph: Wire.bytes(1, Wire.bytes(5, Wire.integer(20, 77)))), "no value of the type"),
  ]

  @Test(arguments: files)
  func refusesAFileThatIsNoModel(bytes: [UInt8], word: String) throws {
    let directory = try TemporaryDirectory()
    let error = try refusal(bytes, directory)
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
  }

  @Test(arguments: [40, 2000])
  func refusesGraphsInsideGraphs(levels: Int) throws {
    let directory = try TemporaryDirectory()
    var graph: [UInt8] = []
    for _ in 0..<levels {
      graph = Wire.bytes(1, Wire.bytes(5, Wire.bytes(6, graph) + Wire.integer(20, 5)))
    }
    let error = try refusal(Wire.model(graph: graph), directory)
    #expect(error?.description.contains("nested more than 100 levels") == true)
  }

  @Test func refusesAMillionFields() throws {
    let directory = try TemporaryDirectory()
    let nodes = [UInt8]([[0x0A, 0]].joined())
    let graph = [UInt8](repeatElement(nodes, count: 1 << 20 + 1).joined())
    let error = try refusal(Wire.model(graph: graph), directory)
    #expect(error?.description.contains("more than 1048576 fields") == true)
  }

  @Test func readsNoMoreNumbersThanAMachineHasRoomFor() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("w.bin", Data())
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: 1 << 30)
    try handle.close()
    let tensor = Wire.external([1 << 28], [("location", "w.bin")])
    let model = try ModelFile(
      path: try directory.file("m.onnx", Data(Wire.model(tensor: tensor))))
    let error = #expect(throws: Problem.self) { try model.graph.initializers[0].doubles() }
    #expect(error?.description.contains("at most 134217728") == true)
  }
}
