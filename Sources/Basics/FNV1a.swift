/// The FNV-1a hash of 64 bits: names and fingerprints, equal exactly where the bytes are but for
/// chance; no defence against anyone who wants two to be equal.
///
/// Fowler, Noll, Vo and Eastlake, "The FNV Non-Cryptographic Hash Algorithm" (IETF draft), section 2.
package struct FNV1a: Sendable {
  /// The hash of all words given so far.
  package private(set) var value: UInt64

  /// - Parameter start: The offset basis; another one gives an independent second hash.
  package init(start: UInt64 = 0xCBF2_9CE4_8422_2325) { value = start }

  /// Takes the bytes of a text in, as UTF-8.
  package mutating func add(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
  }

  /// Takes the bits of floats in, 32 at a time for speed, which gives other hashes than their bytes.
  package mutating func add(_ values: UnsafeBufferPointer<Float>) {
    for value in values { add(UInt64(value.bitPattern)) }
  }

  /// Takes bytes in.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { add(UInt64(byte)) }
  }

  private mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
  }

  /// The hash of a text's UTF-8.
  package static func hash(_ text: String) -> UInt64 {
    var hash = FNV1a()
    hash.add(text)
    return hash.value
  }

  /// Sixteen hexadecimal digits.
  package var text: String { Self.digits(value) }

  /// A hash of 64 bits in sixteen hexadecimal digits.
  package static func digits(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
