import CShims

/// As many bytes as one register holds.
typealias ByteVector = costcurve_bytes

/// A way to multiply four u8 by four s8 in each lane and to add the products up, modulo 2³².
protocol ByteDot: WordKernel where Sums == IntVector, Ending == Int8Ending {}

extension ByteDot {
  static var elements: Int { 4 }

  #if COSTCURVE_VNNI || COSTCURVE_AVXVNNI
    /// See `TileLimits.rows`.
    static var rows: Int { 6 }
  #else
    /// Weights of 16 bits, and what products of pairs are multiplied by, take registers of their own.
    static var rows: Int { 4 }
  #endif

  static var zero: IntVector { .zero }

  @inline(__always)
  static func start(_ place: UnsafeRawPointer) -> IntVector { place.ints() }
}

#if (COSTCURVE_AVX512 && !COSTCURVE_VNNI) || (COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI)
  /// The four bytes of each word in 16 bits each: those at even places and those at odd ones.
  struct SplitBytes {
    /// The first and the third byte.
    var even: IntVector
    /// The second and the fourth byte.
    var odd: IntVector
  }

  /// `vpmaddwd`, exact for all bytes: weights are split when they are packed, activations once a row of
  /// the tile, so that a word of each lane takes two products and two sums.
  enum ExactDot: ByteDot {
    typealias Words = SplitBytes
    typealias Weights = SplitBytes

    static var panelVectors: Int { 2 }

    @inline(__always)
    static func words(_ place: UnsafeRawPointer) -> SplitBytes {
      let word = IntVector(repeating: place.loadUnaligned(as: Int32.self))
      return SplitBytes(even: costcurve_even_bytes(word), odd: costcurve_odd_bytes(word))
    }

    @inline(__always)
    static func weights(_ place: UnsafeRawPointer) -> SplitBytes {
      SplitBytes(even: place.ints(), odd: (place + MemoryLayout<IntVector>.stride).ints())
    }

    @inline(__always)
    static func add(_ sums: IntVector, _ bytes: SplitBytes, _ weights: SplitBytes) -> IntVector {
      costcurve_dot_split(sums, bytes.even, bytes.odd, weights.even, weights.odd)
    }
  }

  /// `vpmaddubsw`: products of neighbours are added in 16 bits, which saturate.
  enum PairDot: ByteDot {
    typealias Words = IntVector
    typealias Weights = IntVector

    @inline(__always)
    static func add(_ sums: IntVector, _ bytes: IntVector, _ weights: IntVector) -> IntVector {
      costcurve_dot_pairs(sums, bytes, weights)
    }
  }

  extension ProductPairs {
    /// Whether this build has a way of its own for them.
    static var areBuilt: Bool { true }
  }
#else
  /// The fastest way of this build's instruction set, which is exact for all bytes.
  enum ExactDot: ByteDot {
    typealias Words = IntVector
    typealias Weights = IntVector

    @inline(__always)
    static func add(_ sums: IntVector, _ bytes: IntVector, _ weights: IntVector) -> IntVector {
      costcurve_dot(sums, bytes, weights)
    }
  }

  /// Products of neighbours are nothing that this build would add apart.
  typealias PairDot = ExactDot

  extension ProductPairs {
    /// Whether this build has a way of its own for them.
    static var areBuilt: Bool { false }
  }
#endif

/// When products of neighbours may be added in 16 bits.
enum ProductPairs {
  /// Whether 255 times two neighbouring weights never leaves 16 bits: then it is exact.
  ///
  /// Weights of 7 bits always are so, and those of 8 bits where large ones have small neighbours.
  ///
  /// - Parameters:
  ///   - weights: Rows of `channels` weights, the first of each at the start of a quad.
  ///   - rows: Number of rows.
  ///   - channels: Weights of a row.
  /// - Returns: False as soon as one pair could saturate.
  static func areExact(_ weights: UnsafePointer<Int8>, rows: Int, channels: Int) -> Bool {
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
