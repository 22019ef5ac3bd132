import Basics

/// A tensor's elements as numbers, narrower types widened exactly.
extension ModelFile.Tensor {
  /// Elements that are made into numbers at most where they are not weights: 128 Mi.
  package static let countLimit = 1 << 27

  /// All bytes, as `Content` describes them.
  ///
  /// - Returns: `byteCount` bytes; none for texts.
  /// - Throws: A file that cannot be read, or what makes the elements.
  package func bytes() throws(Problem) -> [UInt8] {
    switch content {
    case .bytes(let bytes): bytes
    case .stored(let file, let offset): try file.bytes(at: offset, count: byteCount)
    case .made(let make): try make()
    case .texts: []
    }
  }

  /// The elements in float64; integers beyond 2^53 are rounded.
  ///
  /// - Returns: `count` numbers.
  /// - Throws: A type without numbers, too many elements, or a file that cannot be read.
  package func doubles() throws(Problem) -> [Double] {
    try checkCount()
    var result = [Double](repeating: 0, count: count)
    try forEachElement { (index, type, bits) throws(Problem) in
      result[index] =
        switch type {
        case .float64: Double(bitPattern: bits)
        case .uint64: Double(bits)
        default: type.isFloat ? Double(type.float(bits) ?? 0) : Double(type.integer(bits) ?? 0)
        }
    }
    return result
  }

  /// The elements as whole numbers.
  ///
  /// - Returns: `count` numbers.
  /// - Throws: A type that has others, 2^63 and more, too many elements, or a file that cannot be
  ///   read.
  package func integers() throws(Problem) -> [Int64] {
    try checkCount()
    var result = [Int64](repeating: 0, count: count)
    try forEachElement { (index, type, bits) throws(Problem) in
      guard let value = type.integer(bits) else {
        throw .malformed("tensor \(name) of \(element.name) has no whole numbers")
      }
      result[index] = value
    }
    return result
  }

  /// Reads the elements as float32.
  ///
  /// - Parameter values: `count` floats.
  /// - Throws: A type without numbers, a number beyond float32, or a file that cannot be read.
  package func read(into values: UnsafeMutableBufferPointer<Float>) throws(Problem) {
    precondition(values.count == count, "\(values.count) floats for \(count)")
    if element == .float32, case .stored(let file, let offset) = content {
      return try file.read(at: offset, into: UnsafeMutableRawBufferPointer(values))
    }
    switch element {
    case .int8: return try readBytes(as: Int8.self, into: values)
    case .uint8: return try readBytes(as: UInt8.self, into: values)
    default: break
    }
    try forEachElement { (index, type, bits) throws(Problem) in
      guard let value = type.float(bits) else {
        throw .malformed(
          "element \(index) of tensor \(name) is \(Double(bitPattern: bits)), beyond float32")
      }
      values[index] = value
    }
  }

  /// Weights are bytes by the million: whole vectors of them are widened, not one by one.
  private func readBytes<Byte: FixedWidthInteger>(
    as type: Byte.Type, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    let bytes = try bytes()
    precondition(bytes.count == values.count, "\(bytes.count) bytes for \(values.count) elements")
    bytes.withUnsafeBytes { bytes in
      for (index, byte) in bytes.bindMemory(to: type).enumerated() { values[index] = Float(byte) }
    }
  }

  private func checkCount() throws(Problem) {
    guard count <= Self.countLimit else {
      throw .malformed(
        "tensor \(name) has \(count) elements; at most \(Self.countLimit) are computed with here")
    }
  }

  private func forEachElement(
    _ body: (_ index: Int, _ type: ElementType, _ bits: UInt64) throws(Problem) -> Void
  ) throws(Problem) {
    guard let type = element.numbers else {
      throw .malformed("tensor \(name) is of \(element.name), which has no numbers here")
    }
    if case .stored(let file, let offset) = content, element.bits >= 8 {
      return try file.forEachElement(at: offset, count: count, width: type.width) {
        (index, bits) throws(Problem) in
        try body(index, type, bits)
      }
    }
    let bytes = try bytes()
    for index in 0..<count { try body(index, type, bits(of: index, in: bytes)) }
  }

  /// One element's bits, those of less than a byte with their sign.
  private func bits(of index: Int, in bytes: [UInt8]) -> UInt64 {
    guard element.bits < 8 else {
      let width = element.bits / 8
      return (0..<width).reduce(0) { $0 | UInt64(bytes[width * index + $1]) << UInt64(8 * $1) }
    }
    let place = index * element.bits
    let low = bytes[place / 8] >> UInt8(place % 8) & (1 << UInt8(element.bits) - 1)
    let sign: UInt8 = 1 << UInt8(element.bits - 1)
    return UInt64(element.isNarrowSigned && low & sign != 0 ? low | ~(2 * sign - 1) : low)
  }
}
