import Foundation

/// A quick 64-bit digest of a whole file's bytes: equal for equal files, and but for chance only for
/// these; no defence against anyone who wants two to be equal.
package enum ContentDigest {
  /// The digest of a file, eight bytes at a time: a binary or a weight file has many megabytes.
  ///
  /// - Parameter path: A file of any length.
  /// - Returns: Nil where the file cannot be read.
  package static func of(file path: String) -> UInt64? {
    let url = URL(fileURLWithPath: path)
    guard let file = try? FileHandle(forReadingFrom: url), let end = try? file.seekToEnd(),
      (try? file.seek(toOffset: 0)) != nil
    else { return nil }
    var digest = end
    var rest = Int(end)
    // Piece by piece: a mapped file would count as memory that the process took.
    while rest > 0 {
      let count = min(rest, pieceBytes)
      guard let piece = try? file.read(upToCount: count), piece.count == count else { return nil }
      piece.withUnsafeBytes { add($0, to: &digest) }
      rest -= count
    }
    return digest
  }

  /// Bytes that are read at a time, whole words of them.
  private static let pieceBytes = 1 << 20

  /// The digest of bytes and of how many there are.
  package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var digest = UInt64(bytes.count)
    add(bytes, to: &digest)
    return digest
  }

  private static func add(_ bytes: UnsafeRawBufferPointer, to digest: inout UInt64) {
    for start in stride(from: 0, through: bytes.count - 8, by: 8) {
      mix(bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self), into: &digest)
    }
    for byte in bytes.suffix(bytes.count % 8) { mix(UInt64(byte), into: &digest) }
  }

  /// One step of a multiplicative hash, its high bits folded back so that they count as well: a
  /// word's sign bit would else change one bit of the digest alone, and two of them none.
  private static func mix(_ word: UInt64, into digest: inout UInt64) {
    digest = (digest ^ word) &* 0x9E37_79B9_7F4A_7C15
    digest ^= digest >> 29
  }
}
