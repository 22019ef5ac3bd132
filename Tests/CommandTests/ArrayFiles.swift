import Formats
import Foundation
import Models
import TestSupport

/// Files for commands on arrays: small where they can be, sparse where they must claim much.
struct ArrayFiles {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A safetensors file of zeros with these tensors; takes no room on the disk.
  func weights(
    _ tensors: [(name: String, shape: [Int])], named file: String = "w.safetensors"
  ) throws -> String {
    var header = "{"
    var offset = 0
    for (name, shape) in tensors {
      let bytes = 4 * shape.reduce(1, *)
      header += header.count > 1 ? "," : ""
      header += "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),"
      header += "\"data_offsets\":[\(offset),\(offset + bytes)]}"
      offset += bytes
    }
    return try weights(header: header + "}", dataBytes: offset, named: file)
  }

  /// A safetensors file of any header, honest or not, with that many zero bytes behind it.
  func weights(
    header: String, dataBytes: Int, announced: Int? = nil, named file: String = "w.safetensors"
  ) throws -> String {
    let count = UInt64(announced ?? header.utf8.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * UInt64($0))) }
    let path = try directory.file(file, Data(prefix + Array(header.utf8)))
    try lengthen(path, to: 8 + header.utf8.count + dataBytes)
    return path
  }

  /// The names and shapes of a network's weight file.
  static func tensors(_ network: String, classes: Int = 10) throws -> [(name: String, shape: [Int])]
  {
    try Network.named(network, classes: classes).parameters.map { ($0.name, $0.shape) }
  }

  /// A NumPy file of zeros; takes no room on the disk.
  func array(
    _ shape: [Int], type: String = "<f4", order: String = "False", named file: String = "x.npy",
    missingBytes: Int = 0
  ) throws -> String {
    let dimensions = shape.map(String.init).joined(separator: ", ")
    let text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(dimensions),), }\n"
    let count = text.utf8.count
    let prefix = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)]
    let path = try directory.file(file, Data(prefix + Array(text.utf8)))
    let width = Int(String(type.last ?? "4")) ?? 4
    try lengthen(path, to: 10 + count + width * shape.reduce(1, *) - missingBytes)
    return path
  }

  /// Images that hold one value throughout.
  func images(_ shape: [Int], of value: Float, named file: String = "x.npy") throws -> String {
    let path = directory.path(file)
    try NPYFile.write(
      Tensor(shape: shape, values: [Float](repeating: value, count: shape.reduce(1, *))), to: path)
    return path
  }

  /// Labels.
  func labels(_ labels: [Int64], named file: String = "l.npy") throws -> String {
    let path = directory.path(file)
    try NPYFile.write(labels, to: path)
    return path
  }

  private func lengthen(_ path: String, to bytes: Int) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.truncate(atOffset: UInt64(bytes))
    try handle.close()
  }
}
