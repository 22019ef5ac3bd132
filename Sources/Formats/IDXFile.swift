import Basics

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
  package init(path: String, rank: Int) throws(Problem) {
    var file = try GzipFile(path: path)
    let header = try file.bytes(4 + 4 * rank)
    guard header.prefix(3) == [0, 0, 8], header[3] == UInt8(rank) else {
      let start = try RegularFile(path: path).bytes(at: 0, count: 2)
      if start != [0x1F, 0x8B], header.prefix(3) != [0, 0, 8],
        let kind = try FileKind(of: RegularFile(path: path))
      {
        throw kind.refusal(path, wanted: .bytes)
      }
      throw .malformed(
        "\(path): does not start as an IDX file of \(rank) dimensions of bytes does; "
          + "give the files of MNIST's format")
    }
    let shape = (0..<rank).map { dimension in
      header[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let count = shape.checkedProduct(), count <= Self.limitBytes else {
      throw .malformed("\(path): claims the shape \(shape); fetch the file again")
    }
    elements = try file.bytes(count)
    guard try file.isAtEnd() else {
      throw .malformed(
        "\(path): goes on after the \(count) bytes that it announces; fetch the file again")
    }
    self.shape = shape
  }
}
