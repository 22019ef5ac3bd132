extension ModelFile {
  /// The type of a tensor's elements; the raw value is ONNX's number of it.
  package enum Element: Int, Sendable, CaseIterable {
    case float32 = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case string = 8
    case bool = 9
    case float16 = 10
    case float64 = 11
    case uint32 = 12
    case uint64 = 13
    case complex64 = 14
    case complex128 = 15
    case bfloat16 = 16
    case float8E4M3FN = 17
    case float8E4M3FNUZ = 18
    case float8E5M2 = 19
    case float8E5M2FNUZ = 20
    case uint4 = 21
    case int4 = 22
    case float4E2M1 = 23
    case float8E8M0 = 24
    case uint2 = 25
    case int2 = 26

    /// Bits of one element; 0 for texts, which have no fixed size.
    package var bits: Int {
      switch self {
      case .string: 0
      case .uint2, .int2: 2
      case .uint4, .int4, .float4E2M1: 4
      case .uint8, .int8, .bool, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ,
        .float8E8M0:
        8
      case .uint16, .int16, .float16, .bfloat16: 16
      case .float32, .int32, .uint32: 32
      case .float64, .int64, .uint64, .complex64: 64
      case .complex128: 128
      }
    }

    /// The type by which its elements become numbers; nil where none does that.
    package var numbers: ElementType? {
      switch self {
      case .float32: .float32
      case .float64: .float64
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .float8E4M3FN: .float8E4M3
      case .float8E5M2: .float8E5M2
      case .int8: .int8
      case .int16: .int16
      case .int32: .int32
      case .int64: .int64
      case .uint8, .uint4, .uint2: .uint8
      case .uint16: .uint16
      case .uint32: .uint32
      case .uint64: .uint64
      case .bool: .bool
      case .int4, .int2: .int8
      case .string, .complex64, .complex128, .float8E4M3FNUZ, .float8E5M2FNUZ, .float4E2M1,
        .float8E8M0:
        nil
      }
    }

    /// Whether elements have a sign bit and are narrower than a byte.
    var isNarrowSigned: Bool { self == .int4 || self == .int2 }

    /// The name that sentences use, for example `float32`.
    package var name: String { "\(self)".lowercased() }
  }
}
