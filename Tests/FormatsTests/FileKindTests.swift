import Basics
import Formats
import Foundation
import Models
import TestSupport
import Testing

/// Files that people really have, given as weights, arrays and images.
@Suite struct FileKindTests {
  static let kinds: [(bytes: [UInt8], words: [String])] = [
    (
      Array("PK\u{3}\u{4}........................archive/data.pkl".utf8), ["PyTorch", "torch.load"]
    ),
    ([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC], ["pickle", "torch.load"]),
    (
      Array("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n".utf8),
      ["LFS pointer", "git lfs pull"]
    ),
    (Array("\n<!DOCTYPE html><html>404</html>".utf8), ["a web page", "download"]),
    (Array("PK\u{3}\u{4}........................arr_0.npy".utf8), ["numpy.savez"]),
    (Array("PK\u{3}\u{4}........................a.txt".utf8), ["a zip archive", "unzip"]),
    ([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0, 0], ["zstd"]),
    ([0x89] + Array("HDF\r\n\u{1A}\n12345".utf8), ["HDF5"]),
    (Array("GGUF\u{3}\0\0\0\0".utf8), ["GGUF"]),
    ([8, 7, 0x12, 7] + Array("pytorch".utf8), ["ONNX"]),
    (Array("Access denied\n".utf8), ["begins with 'Access denied'"]),
    ([], ["empty"]),
  ]

  @Test(arguments: kinds)
  func weightsAreNamedForWhatTheyAre(bytes: [UInt8], words: [String]) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.file("w.safetensors", Data(bytes))
    let weights = #expect(throws: Problem.self) { try SafetensorsFile(path: path) }
    let array = #expect(throws: Problem.self) {
      try NPYFile(path: path, element: .float32, rank: 4)
    }
    for word in words { #expect(weights?.description.contains(word) == true, "\(weights)") }
    for error in [weights, array] {
      #expect(error?.kind == .malformed)
      #expect(error?.description.contains("\(path): is ") == true, "\(error)")
      #expect(error?.description.contains(words[0]) == true, "\(error)")
      #expect(error?.description.contains("announces") == false)
    }
  }

  @Test func aWebPageIsNoIDXFile() throws {
    let folder = try TemporaryDirectory()
    let page = try folder.file("images", Data("<html><body>moved here</body></html>".utf8))
    let error = #expect(throws: Problem.self) { try IDXFile(path: page, rank: 3) }
    #expect(error?.description.contains("a web page") == true)
  }

  /// Every number that the formats can hold, little and big end first.
  @Test(
    arguments: [
      ("<f8", [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]), (">f8", [0x3F, 0xF8, 0, 0, 0, 0, 0, 0]),
      ("<f2", [0, 0x3E]), (">f2", [0x3E, 0]), (">f4", [0x3F, 0xC0, 0, 0]),
      ("=f4", [0, 0, 0xC0, 0x3F]),
    ] as [(String, [UInt8])])
  func floatsOfEveryWidthAreRead(type: String, bytes: [UInt8]) throws {
    let folder = try TemporaryDirectory()
    let path = try NPYTests.file(
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (1L, 2L), }",
      elements: bytes + bytes, in: folder)
    let file = try NPYFile(path: path, element: .float32, rank: 2)
    #expect(try file.readTensor().values == [1.5, 1.5])
    #expect(file.shape == [1, 2])
  }

  @Test(
    arguments: [
      ("<i4", [0xFE, 0xFF, 0xFF, 0xFF], -2), (">i8", [0, 0, 0, 0, 0, 0, 0, 9], 9),
      ("|u1", [200], 200), ("|i1", [0xFF], -1), (">u2", [1, 0], 256),
    ] as [(String, [UInt8], Int64)])
  func labelsOfEveryWidthAreRead(type: String, bytes: [UInt8], value: Int64) throws {
    let folder = try TemporaryDirectory()
    let path = try NPYTests.file(
      "{'descr': '\(type)', 'fortran_order': True, 'shape': (2,), }", elements: bytes + bytes,
      in: folder)
    #expect(try NPYFile(path: path, element: .int64, rank: 1).readIntegers() == [value, value])
  }

  @Test func fortranOrderIsReadInCOrder() throws {
    let folder = try TemporaryDirectory()
    let floats: [Float] = [0, 3, 1, 4, 2, 5]
    let path = try NPYTests.file(
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
      elements: floats.withUnsafeBytes { [UInt8]($0) }, in: folder)
    let file = try NPYFile(path: path, element: .float32, rank: 2)
    #expect(try file.readTensor().values == [0, 1, 2, 3, 4, 5])
    var row = [Float](repeating: 0, count: 3)
    try row.withUnsafeMutableBufferPointer { try file.read(rows: 1..<2, into: $0) }
    #expect(row == [3, 4, 5])
  }

  @Test(
    arguments: [
      ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], -1.5), ("I64", [3, 0, 0, 0, 0, 0, 0, 0], 3),
      ("I32", [0xFE, 0xFF, 0xFF, 0xFF], -2), ("U16", [0, 1], 256), ("I8", [0x80], -128),
      ("U8", [200], 200), ("BOOL", [1], 1), ("F8_E4M3", [0xB8], -1), ("F8_E5M2", [0x3E], 1.5),
    ] as [(String, [UInt8], Float)])
  func weightsOfEveryTypeAreRead(type: String, bytes: [UInt8], value: Float) throws {
    let folder = try TemporaryDirectory()
    let path = try weights(type, bytes, in: folder)
    #expect(try SafetensorsFile(path: path).values("a") == [value])
  }

  @Test func whatFloat32CannotHoldIsSaid() throws {
    let folder = try TemporaryDirectory()
    let large = (0..<8).map { UInt8(truncatingIfNeeded: (1e300).bitPattern >> (8 * UInt64($0))) }
    let file = try SafetensorsFile(path: try weights("F64", large, in: folder))
    let error = #expect(throws: Problem.self) { try file.values("a") }
    #expect(error?.description.contains("1e+300, beyond float32") == true, "\(error)")
  }

  @Test func anUnknownTypeIsAnErrorOnlyWhereItIsRead() throws {
    let folder = try TemporaryDirectory()
    let file = try SafetensorsFile(path: try weights("F4", [7], in: folder))
    let error = #expect(throws: Problem.self) { try file.values("a") }
    #expect(error?.description.contains("unknown dtype F4") == true)
  }

  @Test(arguments: [
    "{\"epoch\":3}", "{\"a\":{\"b\":[1,-2.5e3,null,true,\"x\"]},\"c\":[]}", "{}", "null",
  ])
  func metadataMayBeAnyJSON(_ metadata: String) throws {
    let folder = try TemporaryDirectory()
    let path = try SafetensorsTests.file(
      "{\"__metadata__\":\(metadata),\(SafetensorsTests.entry("a", "1", "0,4"))}", data: 4,
      in: folder)
    #expect(try SafetensorsFile(path: path).values("a") == [0])
  }

  @Test func endlessMetadataIsRefused() throws {
    let folder = try TemporaryDirectory()
    let path = try SafetensorsTests.file(
      "{\"__metadata__\":" + String(repeating: "[", count: 100_000), data: 0, in: folder)
    let error = #expect(throws: Problem.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("nested too deeply") == true)
  }

  @Test(arguments: ["module.", "_orig_mod.module.", "backbone."])
  func whatStandsBeforeAllNamesIsLeftOut(_ prefix: String) throws {
    let folder = try TemporaryDirectory()
    let network = try Network.named("resnet18", classes: 10)
    let path = folder.path("w")
    try SafetensorsFile.write(network.parameters.map { (prefix + $0.name, $0.shape) }, to: path) {
      name in
      let count = network.parameters.first { prefix + $0.name == name }?.count ?? 0
      return [Float](repeating: 0.5, count: count)
    }
    let file = try WeightFile(path: path, network: "resnet18")
    #expect(file.prefix == prefix)
    #expect(file.network.classes == 10)
    #expect(try file.values(network.parameters[0]).first == 0.5)
    let found = try WeightFile(recognising: path)
    #expect(found.network.name == "resnet18" && found.prefix == prefix)
    let other = #expect(throws: Problem.self) { try WeightFile(path: path, network: "resnet34") }
    #expect(other?.description.contains("it looks like resnet18") == true, "\(other)")
  }

  private func weights(
    _ type: String, _ bytes: [UInt8], in folder: TemporaryDirectory
  ) throws -> String {
    let header = "{\(SafetensorsTests.entry("a", "1", "0,\(bytes.count)", type))}"
    let prefix = (0..<8).map { $0 == 0 ? UInt8(header.utf8.count) : 0 }
    return try folder.file("w", Data(prefix + Array(header.utf8) + bytes))
  }
}
