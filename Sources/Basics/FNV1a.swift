/// The FNV-1a hash of 64 bits: names and fingerprints, equal exactly where the bytes are but for
/// chance; no defence against anyone who wants two to be equal.
///
/// Fowler, Noll, Vo and Eastlake, "The FNV Non-Cryptographic Hash Algorithm" (IETF draft), section 2.
package struct FNV1a: Sendable {
  /// The hash of all words given so far.
  package private(set) var value: UInt64

  /// - Parameter start: The offset basis; another one gives an independent second hash.
  package init(start: UInt64 = 0xCBF2_9CE4_8422_2325) { value = start }

  /// Takes one word in: a byte as the algorithm has it, or a wider word at a time for speed, which
  /// gives other hashes of the same bytes.
  package mutating func add(_ word: some FixedWidthInteger & UnsignedInteger) {
    value = (value ^ UInt64(word)) &* 0x0000_0100_0000_01B3
  }

  /// Takes words in, in order.
  package mutating func add<Word: FixedWidthInteger & UnsignedInteger>(
    contentsOf words: some Sequence<Word>
  ) {
    for word in words { add(word) }
  }

  /// The hash of some words.
  package static func hash<Word: FixedWidthInteger & UnsignedInteger>(
    _ words: some Sequence<Word>, start: UInt64 = 0xCBF2_9CE4_8422_2325
  ) -> UInt64 {
    var hash = FNV1a(start: start)
    hash.add(contentsOf: words)
    return hash.value
  }

  /// Sixteen hexadecimal digits.
  package var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
