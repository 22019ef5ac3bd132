import Basics

extension NPYFile {
  /// All elements of an array in Fortran order, in C order.
  static func reordered(
    _ shape: [Int], _ type: ElementType, _ isBigEndian: Bool, at offset: Int, in file: RegularFile
  ) throws(Problem) -> [Float] {
    let count = shape.reduce(1, *)
    // The C-order stride of each index; the first runs fastest in the file.
    var strides = [Int](repeating: 1, count: shape.count)
    for index in shape.indices.dropLast().reversed() {
      strides[index] = strides[index + 1] * shape[index + 1]
    }
    var values = [Float](repeating: 0, count: count)
    var indices = [Int](repeating: 0, count: shape.count)
    var place = 0
    try file.forEachElement(
      at: offset, count: count, width: type.width, isBigEndian: isBigEndian
    ) { (index, bits) throws(Problem) in
      values[place] = try float(bits, type, index, file.path)
      for dimension in shape.indices {
        indices[dimension] += 1
        place += strides[dimension]
        guard indices[dimension] == shape[dimension] else { break }
        place -= strides[dimension] * shape[dimension]
        indices[dimension] = 0
      }
    }
    return values
  }

  /// An element as float32.
  static func float(
    _ bits: UInt64, _ type: ElementType, _ index: Int, _ path: String
  ) throws(Problem) -> Float {
    guard let value = type.float(bits) else {
      throw .malformed(
        "\(path): element \(index) is \(Double(bitPattern: bits)), beyond float32; scale the array")
    }
    return value
  }
}
