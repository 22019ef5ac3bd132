import Basics

extension NPYFile {
  /// Writes a float32 array; the file appears only when it is complete.
  ///
  /// - Parameters:
  ///   - tensor: Shape and elements.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite` for a closed directory or a full disk.
  package static func write(_ tensor: Tensor, to path: String) throws {
    var file = try AtomicFile(path: path)
    try header(Element.float32.rawValue, shape: tensor.shape).withUnsafeBytes {
      try file.append($0)
    }
    try tensor.values.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  /// Writes an int64 array; the file appears only when it is complete.
  ///
  /// - Parameters:
  ///   - integers: The elements in C order.
  ///   - shape: Lengths; nil for one dimension.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite` for a closed directory or a full disk.
  package static func write(
    _ integers: [Int64], shape: [Int]? = nil, to path: String
  ) throws {
    var file = try AtomicFile(path: path)
    try header(Element.int64.rawValue, shape: shape ?? [integers.count]).withUnsafeBytes {
      try file.append($0)
    }
    try integers.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  /// Writes an array of any type that NumPy has; the file appears only when it is complete.
  ///
  /// - Parameters:
  ///   - bytes: The elements in C order, little-endian.
  ///   - type: Theirs.
  ///   - shape: Lengths; none for a single number.
  ///   - path: Replaced when it exists.
  /// - Throws: `malformed` for a type that NumPy lacks, `cannotWrite` for a closed directory or a
  ///   full disk.
  package static func write(
    _ bytes: [UInt8], of type: ElementType, shape: [Int], to path: String
  ) throws {
    guard let text = type.numpyText else {
      throw Problem(.malformed, "\(path): NumPy has no \(type.rawValue)")
    }
    precondition(shape.reduce(type.width, *) == bytes.count, "\(bytes.count) bytes for \(shape)")
    var file = try AtomicFile(path: path)
    try header(text, shape: shape).withUnsafeBytes { try file.append($0) }
    try bytes.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  /// The preamble and header of version 1.0, padded so that data starts at a multiple of 64.
  private static func header(_ type: String, shape: [Int]) -> [UInt8] {
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text =
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)]
      + Array(text.utf8)
  }
}
