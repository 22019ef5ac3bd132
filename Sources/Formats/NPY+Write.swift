extension NPYFile {
  /// Writes a float32 array; the file appears only when it is complete.
  ///
  /// - Parameters:
  ///   - tensor: Shape and elements.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite` for a closed directory or a full disk.
  package static func write(_ tensor: Tensor, to path: String) throws {
    var file = try AtomicFile(path: path)
    try header(.float32, shape: tensor.shape).withUnsafeBytes { try file.append($0) }
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
    try header(.int64, shape: shape ?? [integers.count]).withUnsafeBytes { try file.append($0) }
    try integers.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  /// The preamble and header of version 1.0, padded so that data starts at a multiple of 64.
  private static func header(_ element: Element, shape: [Int]) -> [UInt8] {
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text =
      "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)]
      + Array(text.utf8)
  }
}
