import Basics
import Foundation

/// A safetensors file, opened and checked; tensors are read one at a time.
///
/// Layout: eight bytes of header length, the JSON header, then the tensors' bytes, little-endian,
/// without holes or overlaps. Every size is checked against the file's before anything of that
/// size is allocated. What `ElementType` has can be read; other types may be present.
package final class SafetensorsFile: Sendable {
  /// Where one tensor lies.
  package struct Entry: Sendable {
    /// Such as `F32`; also a type that is not known, which cannot be read.
    package var type: String
    /// Length of each dimension, outermost first.
    package var shape: [Int]
    /// In bytes, from the start of the file.
    package var offset: Int
    /// Number of elements.
    package var count: Int
  }

  /// The longest header that is read; ResNet-152's has about 100 KB.
  package static let headerLimitBytes = 16 << 20

  package let entries: [String: Entry]
  private let file: RegularFile

  /// The path as it was given.
  package var path: String { file.path }

  /// Opens a file and checks its header against its size.
  ///
  /// - Parameter path: Absolute, or relative to the working directory.
  /// - Throws: An absent file, or one whose header is damaged or lies.
  package init(path: String) throws(Problem) {
    let file = try RegularFile(path: path)
    func damaged(_ reason: String) -> Problem {
      Problem(.malformed, "\(path): \(reason); export or download the file again")
    }
    guard file.sizeBytes >= 8 else {
      if let kind = try FileKind(of: file) { throw kind.refusal(path, wanted: .weights) }
      throw damaged("has \(file.sizeBytes) bytes, so it is not a safetensors file")
    }
    let prefix = try file.bytes(at: 0, count: 8)
    let announced = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let first = file.sizeBytes > 8 ? try file.bytes(at: 8, count: 1)[0] : 0
    if first != UInt8(ascii: "{"), let kind = try FileKind(of: file) {
      throw kind.refusal(path, wanted: .weights)
    }
    guard announced <= UInt64(file.sizeBytes - 8) else {
      throw damaged("announces a header of \(announced) bytes in a file of \(file.sizeBytes)")
    }
    guard announced <= UInt64(Self.headerLimitBytes) else {
      throw damaged(
        "has a header of \(announced) bytes; at most \(Self.headerLimitBytes) are read")
    }
    let json = try file.bytes(at: 8, count: Int(announced))
    let header: SafetensorsHeader
    do throws(Problem) {
      header = try SafetensorsHeader(parsing: json)
    } catch { throw damaged(error.description) }
    let start = 8 + Int(announced)
    let dataBytes = file.sizeBytes - start
    var entries: [String: Entry] = [:]
    for (name, entry) in header.entries {
      guard let count = entry.shape.checkedProduct() else {
        throw damaged("tensor \(name) claims the shape \(entry.shape), more than 2^63 elements")
      }
      guard entry.begin <= entry.end, entry.end <= dataBytes else {
        throw damaged(
          "tensor \(name) claims bytes \(entry.begin) to \(entry.end) of \(dataBytes)")
      }
      if let type = ElementType(rawValue: entry.type) {
        guard [count].checkedProduct(times: type.width) == entry.end - entry.begin else {
          throw damaged(
            "tensor \(name) of shape \(entry.shape) and dtype \(entry.type) cannot lie in "
              + "\(entry.end - entry.begin) bytes")
        }
      }
      entries[name] = Entry(
        type: entry.type, shape: entry.shape, offset: start + entry.begin, count: count)
    }
    var end = 0
    let byOffset = header.entries.sorted {
      ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end)
    }
    for (name, entry) in byOffset {
      guard entry.begin == end else {
        throw damaged(
          "tensor \(name) starts at byte \(entry.begin) of the data where \(end) is expected, "
            + "so tensors overlap or leave a hole")
      }
      end = entry.end
    }
    guard end == dataBytes else {
      throw damaged("has \(dataBytes - end) bytes after the last tensor")
    }
    self.entries = entries
    self.file = file
  }

  /// Reads a tensor's elements in C order as float32.
  ///
  /// Narrower floats convert exactly, F64 and integers are rounded; NaN and infinities are kept.
  ///
  /// - Parameters:
  ///   - name: A tensor of the file.
  ///   - values: Exactly as many floats as the tensor has.
  /// - Throws: A tensor that is absent or of an unknown type, a value beyond float32, or a file that changed meanwhile.
  package func read(
    _ name: String, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    guard let entry = entries[name] else {
      throw Problem(.malformed, "\(path): has no tensor \(name)")
    }
    precondition(values.count == entry.count, "\(values.count) floats for \(entry.count)")
    guard let type = ElementType(rawValue: entry.type) else {
      throw Problem(
        .malformed, "\(path): tensor \(name) has the unknown dtype \(entry.type); export it as F32")
    }
    guard type != .float32 else {
      return try file.read(at: entry.offset, into: UnsafeMutableRawBufferPointer(values))
    }
    try file.forEachElement(at: entry.offset, count: entry.count, width: type.width) {
      (index, bits) throws(Problem) in
      guard let value = type.float(bits) else {
        throw Problem(
          .malformed,
          "\(path): element \(index) of tensor \(name) is \(Double(bitPattern: bits)), beyond "
            + "float32; export smaller weights")
      }
      values[index] = value
    }
  }
}

extension SafetensorsFile {
  /// Writes float32 tensors; the file appears only when it is complete.
  ///
  /// - Parameters:
  ///   - tensors: Names and shapes in the order of the file.
  ///   - path: Replaced when it exists.
  ///   - values: Gives a tensor's elements; asked for one tensor at a time.
  /// - Throws: `cannotWrite` for a closed directory or a full disk, and what `values` throws;
  ///   nothing is left behind then.
  package static func write(
    _ tensors: [(name: String, shape: [Int])], to path: String,
    values: (String) throws -> [Float]
  ) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    var header = "{"
    var offset = 0
    for (name, shape) in tensors {
      let bytes = 4 * shape.reduce(1, *)
      let dimensions = shape.map(String.init).joined(separator: ",")
      header += header.count > 1 ? "," : ""
      header += String(decoding: try encoder.encode(name), as: UTF8.self)
      header += ":{\"dtype\":\"F32\",\"shape\":[\(dimensions)],"
      header += "\"data_offsets\":[\(offset),\(offset + bytes)]}"
      offset += bytes
    }
    header += "}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    let length = UInt64(header.utf8.count)
    var file = try AtomicFile(path: path)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
    try (prefix + Array(header.utf8)).withUnsafeBytes { try file.append($0) }
    for (name, shape) in tensors {
      let elements = try values(name)
      precondition(
        elements.count == shape.reduce(1, *), "\(name): \(elements.count) values for \(shape)")
      try elements.withUnsafeBytes { try file.append($0) }
    }
    try file.commit()
  }
}
