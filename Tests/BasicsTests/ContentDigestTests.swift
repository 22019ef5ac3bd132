import Basics
import Testing

@Suite struct ContentDigestTests {
  private func digest(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes(ContentDigest.of) }

  /// Lengths beside a multiple of eight: every byte counts, the last ones too.
  @Test(arguments: [0, 1, 7, 8, 9, 24, 31])
  func everyByteAndTheLengthCount(count: Int) {
    let bytes = (0..<count).map { UInt8($0) }
    var digests: Set<UInt64> = [digest(bytes), digest(bytes + [0])]
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x80
      digests.insert(digest(changed))
    }
    #expect(digests.count == count + 2)
  }

  @Test func twoSignBitsDoNotCancelOut() {
    var bytes = [UInt8](repeating: 1, count: 32)
    let plain = digest(bytes)
    (bytes[7], bytes[15]) = (0x81, 0x81)
    #expect(digest(bytes) >> 32 != plain >> 32)
  }

  @Test func aFileThatIsNotThereHasNone() {
    #expect(ContentDigest.of(file: "/nonexistent/weights") == nil)
  }
}
