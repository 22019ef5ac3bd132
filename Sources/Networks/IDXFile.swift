import CZlib

/// An array of bytes in the IDX format of MNIST, plain or gzipped.
///
/// Format: two zero bytes, 8 for unsigned bytes, the rank, then one big-endian 32-bit length a
/// dimension and the elements (LeCun, Cortes, Burges, "The MNIST database", section "file formats").
package struct IDXFile: Sendable {
  /// Length of each dimension.
  package let shape: [Int]
  /// The elements in C order.
  package let elements: [UInt8]

  /// More bytes than this are no data set of this kind.
  private static let limitBytes = 1 << 30

  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - path: With or without gzip compression, whatever its name.
  ///   - rank: The number of dimensions that it must have.
  /// - Throws: An absent, damaged or truncated file, or an array of another kind.
  package init(path: String, rank: Int) throws(FileError) {
    // Opening it as a regular file first refuses pipes and directories, which zlib would not.
    _ = try RegularFile(path: path)
    guard let stream = gzopen(path, "rb") else {
      throw FileError(.malformed, "\(path): cannot be opened; check its permissions")
    }
    defer { gzclose(stream) }
    let header = try IDXFile.read(stream, 4 + 4 * rank, path)
    guard header.prefix(3) == [0, 0, 8], header[3] == UInt8(rank) else {
      throw FileError(
        .malformed,
        "\(path): does not start as an IDX file of \(rank) dimensions of bytes does; "
          + "give the files of MNIST's format")
    }
    let shape = (0..<rank).map { dimension in
      header[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
    }
    var count = 1
    for dimension in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard !overflows, product <= Self.limitBytes else {
        throw FileError(.malformed, "\(path): claims the shape \(shape); fetch the file again")
      }
      count = product
    }
    elements = try IDXFile.read(stream, count, path)
    var extra: UInt8 = 0
    guard gzread(stream, &extra, 1) == 0 else {
      throw FileError(
        .malformed,
        "\(path): goes on after the \(count) bytes that it announces or is damaged; "
          + "fetch the file again")
    }
    self.shape = shape
  }

  private static func read(
    _ stream: gzFile, _ count: Int, _ path: String
  ) throws(FileError) -> [UInt8] {
    // Grown as data comes, so that a lying header cannot make it large.
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(count, 1 << 20))
    while result.count < count {
      let got = gzread(stream, &chunk, UInt32(min(chunk.count, count - result.count)))
      guard got > 0 else {
        throw FileError(
          .malformed,
          "\(path): ends or is damaged after \(result.count) of \(count) bytes; "
            + "fetch the file again")
      }
      result += chunk[0..<Int(got)]
    }
    return result
  }
}
