import CShims

/// As many s32, or quads of bytes, as one register holds.
typealias IntVector = costcurve_ints
/// As many bytes as one register holds.
typealias ByteVector = costcurve_bytes
/// As many float32.
typealias FloatVector = costcurve_floats

extension UnsafeRawPointer {
  /// Reads a vector, wherever it lies.
  @inline(__always)
  func ints() -> IntVector { loadUnaligned(as: IntVector.self) }

  /// Reads a vector, wherever it lies.
  @inline(__always)
  func floats() -> FloatVector { loadUnaligned(as: FloatVector.self) }

  /// Reads a vector, wherever it lies.
  @inline(__always)
  func bytes() -> ByteVector { loadUnaligned(as: ByteVector.self) }
}

/// A way to multiply four bytes by four weights in each lane and to add the products up.
protocol ByteDot {
  /// Adds the products of u8 and s8 to the sums, modulo 2³².
  static func add(_ sums: IntVector, _ bytes: IntVector, _ weights: IntVector) -> IntVector
}

/// The fastest way of this build's instruction set that is exact for all bytes.
enum ExactDot: ByteDot {
  @inline(__always)
  static func add(_ sums: IntVector, _ bytes: IntVector, _ weights: IntVector) -> IntVector {
    costcurve_dot(sums, bytes, weights)
  }
}

#if (COSTCURVE_AVX512 && !COSTCURVE_VNNI) || (COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI)
  /// `vpmaddubsw`: products of neighbours are added in 16 bits, which saturate.
  enum PairDot: ByteDot {
    /// Whether this build has it.
    static var isBuilt: Bool { true }

    @inline(__always)
    static func add(_ sums: IntVector, _ bytes: IntVector, _ weights: IntVector) -> IntVector {
      costcurve_dot_pairs(sums, bytes, weights)
    }
  }
#else
  /// Products of neighbours are nothing that this build would add apart.
  enum PairDot: ByteDot {
    /// Whether this build has it.
    static var isBuilt: Bool { false }

    @inline(__always)
    static func add(_ sums: IntVector, _ bytes: IntVector, _ weights: IntVector) -> IntVector {
      ExactDot.add(sums, bytes, weights)
    }
  }
#endif

extension PairDot {
  /// Whether 255 times two neighbouring weights never leaves 16 bits: then it is exact.
  ///
  /// Weights of 7 bits always are so, and those of 8 bits where large ones have small neighbours.
  ///
  /// - Parameters:
  ///   - weights: Rows of `channels` weights, the first of each at the start of a quad.
  ///   - rows: Number of rows.
  ///   - channels: Weights of a row.
  /// - Returns: False as soon as one pair could saturate.
  static func isExact(_ weights: UnsafePointer<Int8>, rows: Int, channels: Int) -> Bool {
    for row in 0..<rows {
      let first = weights + row * channels
      var c = 0
      while c + 1 < channels {
        let sum = Int32(first[c]) + Int32(first[c + 1])
        guard sum >= -128, sum <= 128 else { return false }
        c += 2
      }
    }
    return true
  }
}

extension QuantizedRange {
  /// What vectors of steps are stored with.
  var bytes: costcurve_byte_range {
    costcurve_byte_range(
      zero: Int16(quantization.zeroPoint), least: least, most: most,
      is_plain: quantization.zeroPoint == 0 && least == 0 && most == 255 ? 1 : 0)
  }
}
