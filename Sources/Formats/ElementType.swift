import Basics

/// How a file stores an element; the raw value is safetensors' name.
package enum ElementType: String, Sendable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8E4M3 = "F8_E4M3"
  case float8E5M2 = "F8_E5M2"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// Bytes of one element.
  package var width: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
    }
  }

  /// The type that NumPy writes as, for example, `<f4`, and whether its bytes are swapped.
  static func numpy(_ text: String) -> (type: ElementType, isBigEndian: Bool)? {
    let types: [String: ElementType] = [
      "f8": .float64, "f4": .float32, "f2": .float16, "i8": .int64, "i4": .int32, "i2": .int16,
      "i1": .int8, "u8": .uint64, "u4": .uint32, "u2": .uint16, "u1": .uint8, "b1": .bool,
    ]
    guard let order = text.first, "<>|=".contains(order), let type = types[String(text.dropFirst())]
    else { return nil }
    return (type, order == ">")
  }

  /// The type as NumPy spells it, little-endian; nil for one that it lacks.
  var numpyText: String? {
    switch self {
    case .bfloat16, .float8E4M3, .float8E5M2: nil
    case .bool: "|b1"
    case .int8: "|i1"
    case .uint8: "|u1"
    default: "<\(numpyName.prefix(1))\(width)"
    }
  }

  /// NumPy's own name of the type.
  package var numpyName: String {
    let kind = rawValue.prefix { $0.isLetter }
    let names = ["F": "float", "BF": "bfloat", "I": "int", "U": "uint", "BOOL": "bool"]
    return (names[String(kind)] ?? "") + rawValue.dropFirst(kind.count).prefix { $0.isNumber }
  }

  var isFloat: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16, .float8E4M3, .float8E5M2: true
    default: false
    }
  }

  /// The element as float32: exact for the narrower floats and for integers up to 2^24, otherwise
  /// rounded to nearest.
  ///
  /// - Parameter bits: The element's bytes, the first lowest.
  /// - Returns: nil for a float64 that is finite but beyond float32.
  func float(_ bits: UInt64) -> Float? {
    switch self {
    case .float64:
      let value = Double(bitPattern: bits)
      let rounded = Float(value)
      return rounded.isInfinite && value.isFinite ? nil : rounded
    case .float32: return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
    case .float16: return Self.widenHalf(UInt16(truncatingIfNeeded: bits))
    case .bfloat16: return Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16)
    case .float8E5M2: return Self.widenHalf(UInt16(truncatingIfNeeded: bits) << 8)
    case .float8E4M3: return Self.widenE4M3(UInt8(truncatingIfNeeded: bits))
    case .uint64: return Float(bits)
    default: return integer(bits).map { Float($0) }
    }
  }

  /// The element as an integer.
  ///
  /// - Parameter bits: The element's bytes, the first lowest.
  /// - Returns: nil for a float and for 2^63 and more.
  func integer(_ bits: UInt64) -> Int64? {
    switch self {
    case .int64: Int64(bitPattern: bits)
    case .int32: Int64(Int32(truncatingIfNeeded: bits))
    case .int16: Int64(Int16(truncatingIfNeeded: bits))
    case .int8: Int64(Int8(truncatingIfNeeded: bits))
    case .uint64: Int64(exactly: bits)
    case .uint32, .uint16, .uint8: Int64(bits)
    case .bool: bits == 0 ? 0 : 1
    default: nil
    }
  }

  /// The float32 of an IEEE 754 half; exact.
  package static func widenHalf(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The float32 of an 8-bit float with 4 bits of exponent, no infinities and one NaN; exact.
  private static func widenE4M3(_ bits: UInt8) -> Float {
    let (exponent, fraction) = (Int(bits >> 3) & 0xF, Float(bits & 7))
    let magnitude: Float =
      if bits & 0x7F == 0x7F {
        .nan
      } else if exponent == 0 {
        fraction * 0x1p-9
      } else {
        Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction / 8)
      }
    return bits < 0x80 ? magnitude : -magnitude
  }
}

extension RegularFile {
  /// Goes through stored elements in order, through a small buffer.
  ///
  /// - Parameters:
  ///   - offset: Of the first element, in bytes.
  ///   - count: Elements.
  ///   - width: Bytes of one, at most 8.
  ///   - isBigEndian: Whether the highest byte comes first.
  ///   - body: Called with each element's index and bits.
  /// - Throws: A file that ends before, or cannot be read, and what `body` throws.
  func forEachElement(
    at offset: Int, count: Int, width: Int, isBigEndian: Bool = false,
    _ body: (_ index: Int, _ bits: UInt64) throws(Problem) -> Void
  ) throws(Problem) {
    let chunk = 1 << 15
    for start in stride(from: 0, to: count, by: chunk) {
      let elements = min(chunk, count - start)
      let bytes = try bytes(at: offset + width * start, count: width * elements)
      for index in 0..<elements {
        var bits: UInt64 = 0
        for byte in 0..<width {
          let place = isBigEndian ? byte : width - 1 - byte
          bits = bits << 8 | UInt64(bytes[width * index + place])
        }
        try body(start + index, bits)
      }
    }
  }
}
