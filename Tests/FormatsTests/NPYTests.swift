import Basics
import Formats
import Foundation
import TestSupport
import Testing

/// The interchange of arrays, and files that are not what they should be.
@Suite struct NPYTests {
  /// A file with a given header text, version 1.0, padded as NumPy pads.
  static func file(_ header: String, data: Int, in directory: TemporaryDirectory) throws -> String {
    try file(header, elements: [UInt8](repeating: 0, count: data), in: directory)
  }

  /// The same with given bytes of data.
  static func file(
    _ header: String, elements: [UInt8], in directory: TemporaryDirectory
  ) throws -> String {
    let text = header + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
    bytes += elements
    return try directory.file("array.npy", Data(bytes))
  }

  @Test func readsWhatItWrites() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("x.npy")
    let tensor = Tensor(shape: [3, 2, 1, 1], values: [1, 2, -3, 4.5, .nan, 6])
    try NPYFile.write(tensor, to: path)
    let file = try NPYFile(path: path, element: .float32, rank: 4)
    #expect(file.shape == [3, 2, 1, 1])
    let values = try file.readTensor().values
    #expect(values.map(\.bitPattern) == tensor.values.map(\.bitPattern))
    var middle = [Float](repeating: 0, count: 2)
    try middle.withUnsafeMutableBufferPointer { try file.read(rows: 1..<2, into: $0) }
    #expect(middle == [-3, 4.5])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 128 + 24)

    try NPYFile.write([1, -2, Int64.max], to: path)
    let labels = try NPYFile(path: path, element: .int64, rank: 1)
    #expect(try labels.readIntegers() == [1, -2, Int64.max])
    #expect(directory.names() == ["x.npy"])
  }

  /// Headers with the bytes of data behind them and a word of the sentence.
  static let refused: [(header: String, data: Int, word: String)] = [
    ("{'descr': '<i8', 'fortran_order': True, 'shape': (2, 2), }", 32, "int64 (<i8)"),
    ("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }", 4, "normalised"),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", 32, "Python objects"),
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2), }", 32, "complex"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", 16, "rank 1, not 2"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4, "rank 0, not 2"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", 15, "15 bytes"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", 17, "17 bytes"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 16,
      "claims the shape"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2), }", 16, "cannot be read"),
    ("{'descr': '<f4', 'fortran_order': False}", 16, "cannot be read"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2)}", 16, "cannot be read"),
    ("__import__('os')", 16, "cannot be read"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }.update(x=1)", 16,
      "cannot be read"
    ),
  ]

  /// Every type that a run has, truth values among them; a single number has no dimensions.
  @Test func writesOtherTypes() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("t.npy")
    for (type, element, bytes, values) in [
      (.int32, .int64, [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [1, -1]),
      (.int8, .int64, [0x80, 7], [-128, 7]), (.uint8, .int64, [200, 7], [200, 7]),
      (.bool, .bool, [0, 1], [0, 1]),
    ] as [(ElementType, NPYFile.Element, [UInt8], [Int64])] {
      try NPYFile.write(bytes, of: type, shape: [2, 1], to: path)
      let file = try NPYFile(path: path, element: element, rank: 2)
      #expect(try file.shape == [2, 1] && file.readIntegers() == values, "\(type)")
      let other: NPYFile.Element = element == .bool ? .int64 : .bool
      #expect(throws: Problem.self) { try NPYFile(path: path, element: other, rank: 2) }
    }
    try NPYFile.write([9, 0, 0, 0, 0, 0, 0, 0], of: .int64, shape: [], to: path)
    #expect(try NPYFile(path: path, element: .int64, rank: 0).readIntegers() == [9])
    #expect(throws: Problem.self) {
      try NPYFile.write([0, 0], of: .bfloat16, shape: [1], to: path)
    }
  }

  @Test(arguments: refused)
  func refusesAnotherKindOfArray(header: String, data: Int, word: String) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.file(header, data: data, in: directory)
    let error = #expect(throws: Problem.self) {
      try NPYFile(path: path, element: .float32, rank: 2)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains(path) == true)
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
  }

  /// NumPy's own headers are short; a reader must not take whatever length a file announces.
  @Test func refusesALongHeader() throws {
    let directory = try TemporaryDirectory()
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }"
    func file(header count: Int) throws -> String {
      var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [2, 0]
      for shift in [0, 8, 16, 24] { bytes.append(UInt8(count >> shift & 0xFF)) }
      bytes += (text + String(repeating: " ", count: count - text.utf8.count)).utf8
      bytes += [UInt8](repeating: 0, count: 16)
      return try directory.file("long.npy", Data(bytes))
    }
    let longest = try NPYFile(path: try file(header: 65_536), element: .float32, rank: 2)
    #expect(longest.shape == [2, 2])
    let path = try file(header: 65_537)
    let error = #expect(throws: Problem.self) {
      try NPYFile(path: path, element: .float32, rank: 2)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains("announces a header of 65537 bytes") == true, "\(error)")
  }

  @Test func refusesFloatsAsLabels() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("l.npy")
    try NPYFile.write(Tensor(shape: [2], values: [0, 1]), to: path)
    let error = #expect(throws: Problem.self) {
      try NPYFile(path: path, element: .int64, rank: 1)
    }
    #expect(error?.description.contains("astype(numpy.int64)") == true)
  }

  @Test func refusesEveryTruncation() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("x.npy")
    try NPYFile.write(Tensor(shape: [2, 2], values: [1, 2, 3, 4]), to: path)
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    for count in whole.indices {
      let cut = try directory.file("cut.npy", whole.prefix(count))
      #expect(throws: Problem.self) { try NPYFile(path: cut, element: .float32, rank: 2) }
    }
  }
}
