/// Numbers that are the same in every language: a hash of a name, a seed and an index.
///
/// `Tests/Fixtures/make.py` has the same functions line by line, so PyTorch computes on the same
/// weights and images without a file in between. Element `i` of a tensor depends on nothing but
/// `(name, seed, i)`. The mixer is the two-round xorshift-multiply hash of 32 bits with the
/// constants that C. Wellons found by search ("lowbias32", nullprogram.com, 2018).
package struct HashFill: Sendable {
  private let base: UInt32

  /// The stream of one name.
  ///
  /// - Parameters:
  ///   - name: For example a tensor's.
  ///   - seed: Any number; another one gives other numbers everywhere.
  package init(name: String, seed: UInt32) {
    var hash: UInt32 = 0x811C_9DC5
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    base = HashFill.mix(hash ^ seed)
  }

  /// Element `index`: uniform in `0 ..< 2^20`, so that it and sums of a few are exact in float32.
  @inline(__always)
  package func word(_ index: Int) -> UInt32 {
    HashFill.mix(UInt32(truncatingIfNeeded: index) &* 0x9E37_79B9 &+ base) >> 12
  }

  /// Element `index`: uniform in `[0, 1)`.
  @inline(__always)
  package func unit(_ index: Int) -> Double { Double(word(index)) * 0x1p-20 }

  @inline(__always)
  private static func mix(_ value: UInt32) -> UInt32 {
    var x = value
    x = (x ^ (x >> 16)) &* 0x7FEB_352D
    x = (x ^ (x >> 15)) &* 0x846C_A68B
    return x ^ (x >> 16)
  }
}
