import Basics
import Formats
import Foundation
import TestSupport
import Testing

/// The interchange of weights, and files that lie.
@Suite struct SafetensorsTests {
  /// A file of a header and that many bytes of data.
  static func file(
    _ header: String, data: Int, length: UInt64? = nil, in directory: TemporaryDirectory
  ) throws -> String {
    let text = Array(header.utf8)
    let announced = length ?? UInt64(text.count)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: announced >> (8 * UInt64($0))) }
    bytes += text + [UInt8](repeating: 0, count: data)
    return try directory.file("hostile.safetensors", Data(bytes))
  }

  static func entry(_ name: String, _ shape: String, _ range: String, _ type: String = "F32")
    -> String
  {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(range)]}"
  }

  @Test func readsWhatItWrites() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("weights.safetensors")
    let tensors = ["fc.weight": [[2, 3]: [1, -2, 3.5, 0, .infinity, 0x1p-140] as [Float]]]
    try SafetensorsFile.write(
      [("empty \"name\"\n", [0]), ("fc.weight", [2, 3])], to: path
    ) { tensors[$0]?[[2, 3]] ?? [] }
    let file = try SafetensorsFile(path: path)
    #expect(Set(file.entries.keys) == ["empty \"name\"\n", "fc.weight"])
    #expect(file.entries["fc.weight"]?.shape == [2, 3])
    #expect(try file.values("fc.weight") == [1, -2, 3.5, 0, .infinity, 0x1p-140])
    #expect(directory.names() == ["weights.safetensors"])
  }

  @Test func widensHalves() throws {
    let directory = try TemporaryDirectory()
    let header =
      "{" + Self.entry("h", "4", "0,8", "F16") + "," + Self.entry("b", "2", "8,12", "BF16") + "} "
    var bytes = (0..<8).map { $0 == 0 ? UInt8(header.utf8.count) : 0 }
    bytes += Array(header.utf8)
    for bits: UInt16 in [0x3C00, 0x8001, 0x7C00, 0xC580, 0x3F80, 0xC2F7] {
      bytes += [UInt8(bits & 0xFF), UInt8(bits >> 8)]
    }
    let file = try SafetensorsFile(path: try directory.file("w", Data(bytes)))
    #expect(try file.values("h") == [1, -0x1p-24, .infinity, -5.5])
    #expect(try file.values("b") == [1, -123.5])
  }

  @Test func widensEveryHalfAsTheProcessorDoes() {
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let widened = ElementType.widenHalf(bits)
      #expect(widened == expected || (widened.isNaN && expected.isNaN))
    }
  }

  /// Headers that lie, with the bytes of data behind them and a word of the sentence.
  static let lies: [(header: String, data: Int, word: String)] = [
    ("{" + entry("a", "4", "0,16") + "}", 12, "claims bytes 0 to 16 of 12"),
    ("{" + entry("a", "4", "0,16") + "}", 20, "after the last tensor"),
    ("{" + entry("a", "4", "0,12") + "}", 16, "cannot lie in 12 bytes"),
    ("{" + entry("a", "4", "16,0") + "}", 16, "claims bytes 16 to 0"),
    ("{" + entry("a", "4", "0,16") + "," + entry("b", "4", "8,24") + "}", 24, "overlap"),
    ("{" + entry("a", "4", "0,16") + "," + entry("b", "1", "20,24") + "}", 24, "hole"),
    ("{" + entry("a", "4", "0,16") + "," + entry("a", "4", "16,32") + "}", 32, "twice"),
    ("{" + entry("a", "4", "0,16") + "," + entry("\\u0061", "4", "16,32") + "}", 32, "a twice"),
    ("{" + entry("a", "4294967296,4294967296", "0,16") + "}", 16, "2^63 elements"),
    ("{" + entry("a", "4611686018427387904", "0,0") + "}", 0, "cannot lie"),
    ("{" + entry("a", "274877906944", "0,1099511627776") + "}", 16, "1099511627776 of 16"),
    ("{" + entry("a", "99999999999999999999", "0,16") + "}", 16, "beyond 64 bits"),
    ("{" + entry("a", "-4", "0,16") + "}", 16, "whole number"),
    ("{" + entry("a", "4", "0") + "}", 16, "data_offsets"),
    ("{\"a\":{\"dtype\":\"F32\"}}", 0, "lacks"),
    ("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "lacks"),
    (
      "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", 16,
      "names dtype twice"
    ),
    ("{\"a\":\"b\"}", 0, "a has not the type"),
    ("[]", 0, "not JSON"),
    ("", 0, "not JSON"),
    ("{\"a", 0, "not valid JSON"),
    ("{} x", 0, "not valid JSON"),
  ]

  @Test(arguments: lies)
  func refusesAHeaderThatLies(header: String, data: Int, word: String) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.file(header, data: data, in: directory)
    let error = #expect(throws: Problem.self) { try SafetensorsFile(path: path) }
    #expect(error?.kind == .malformed)
    #expect(error?.description.contains(path) == true)
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
  }

  @Test(arguments: [
    (UInt64.max, "announces"), (1 << 40, "announces"), (100, "announces"),
  ])
  func refusesAHeaderLongerThanTheFile(length: UInt64, word: String) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.file("{}", data: 0, length: length, in: directory)
    let error = #expect(throws: Problem.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains(word) == true)
  }

  @Test func passesOverWhatMetadataHolds() throws {
    let directory = try TemporaryDirectory()
    let metadata = "{\"__metadata__\":{\"b\":\"1\",\"b\":{\"c\":2,\"c\":3}},"
    let header = metadata + Self.entry("a", "1", "0,4") + "}"
    let file = try SafetensorsFile(path: try Self.file(header, data: 4, in: directory))
    #expect(Set(file.entries.keys) == ["a"])
  }

  @Test func refusesAHundredMegabytesOfHeader() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.file("{}", data: 0, length: 100_000_000, in: directory)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: 100_000_008)
    try handle.close()
    let error = #expect(throws: Problem.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("at most") == true)
  }

  @Test func refusesWhatIsNoFile() throws {
    let directory = try TemporaryDirectory()
    let pipe = directory.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    for (path, word) in [(pipe, "a pipe"), (directory.root, "a directory")] {
      let error = #expect(throws: Problem.self) { try SafetensorsFile(path: path) }
      #expect(error?.description.contains(word) == true)
    }
    let absent = directory.path("absent")
    let error = #expect(throws: Problem.self) { try SafetensorsFile(path: absent) }
    #expect(error?.kind == .absent)
  }

  @Test func leavesNothingWhereItCannotWrite() throws {
    let directory = try TemporaryDirectory()
    for path in [directory.path("missing/w.safetensors"), directory.root, "/dev/full"] {
      let error = #expect(throws: Problem.self) {
        try SafetensorsFile.write([("a", [1])], to: path) { _ in [1] }
      }
      #expect(error?.kind == .cannotWrite)
    }
    #expect(directory.names().isEmpty)
  }

  @Test func keepsTheOldFileUntilTheNewOneIsComplete() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("w", Data([1, 2, 3]))
    do {
      let file = try AtomicFile(path: path)
      try [UInt8](repeating: 7, count: 100).withUnsafeBytes { try file.append($0) }
      #expect(directory.names().count == 2)
    }
    #expect(directory.names() == ["w"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
  }
}

extension SafetensorsFile {
  /// A tensor's elements.
  func values(_ name: String) throws -> [Float] {
    var values = [Float](repeating: 0, count: entries[name]?.count ?? 0)
    try values.withUnsafeMutableBufferPointer { buffer in
      try read(name, into: buffer)
    }
    return values
  }
}
