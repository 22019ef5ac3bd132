/// A digest of floats by their bits, for comparing what two processes computed.
enum Checksum {
  /// FNV-1a over 32-bit words; equal exactly when all bits are, but for chance.
  static func of(_ values: some Sequence<Float>) -> UInt64 {
    var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    for value in values {
      digest = (digest ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3
    }
    return digest
  }
}
