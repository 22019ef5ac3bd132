/// The FNV-1a hash of 64 bits: names and fingerprints, equal exactly where the bytes are but for
/// chance; no defence against anyone who wants two to be equal.
///
/// Inlined into other modules, where it would else be called through witnesses for every byte.
/// Fowler, Noll, Vo and Eastlake, "The FNV Non-Cryptographic Hash Algorithm" (IETF draft), section 2.
@frozen package struct FNV1a: Sendable {
  /// The hash of all words given so far.
  @usableFromInline package private(set) var value: UInt64

  /// - Parameter start: The offset basis; another one gives an independent second hash.
  @inlinable package init(start: UInt64 = 0xCBF2_9CE4_8422_2325) { value = start }

  /// Takes words in, in order: bytes as the algorithm has it, or wider words for speed, which give
  /// other hashes of the same bytes.
  @inlinable package mutating func add<Word: FixedWidthInteger & UnsignedInteger>(
    contentsOf words: some Sequence<Word>
  ) {
    for word in words { value = (value ^ UInt64(word)) &* 0x0000_0100_0000_01B3 }
  }

  /// The hash of some words.
  @inlinable package static func hash<Word: FixedWidthInteger & UnsignedInteger>(
    _ words: some Sequence<Word>, start: UInt64 = 0xCBF2_9CE4_8422_2325
  ) -> UInt64 {
    var hash = FNV1a(start: start)
    hash.add(contentsOf: words)
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
