import Basics

extension ModelFile {
  /// A tensor of a model: type, dimensions, and elements that are read when they are asked for.
  package struct Tensor: Sendable {
    /// Where the elements are.
    package enum Content: Sendable {
      /// Little-endian and row-major; elements of less than a byte are packed, the first lowest.
      case bytes([UInt8])
      /// The same, in a file, so many bytes from its start.
      case stored(RegularFile, offset: Int)
      /// The same, made when a model is written, one tensor at a time.
      case made(@Sendable () throws(Problem) -> [UInt8])
      /// Elements that are texts.
      case texts([[UInt8]])
    }

    /// The value's name; empty where an attribute holds it.
    package var name: String
    package var element: Element
    /// Lengths, the outermost first, each at least 0; none for a scalar.
    package var dimensions: [Int]
    package var content: Content

    /// Joins a name, a type, dimensions and elements.
    package init(_ name: String, _ element: Element, _ dimensions: [Int], _ content: Content) {
      (self.name, self.element) = (name, element)
      (self.dimensions, self.content) = (dimensions, content)
    }

    /// A tensor of whole numbers, as shapes and axes are given.
    package init(_ name: String, _ dimensions: [Int], integers: [Int64]) {
      let bytes = integers.flatMap { number in
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * Int64($0))) }
      }
      self.init(name, .int64, dimensions, .bytes(bytes))
    }

    /// A tensor of float32.
    package init(_ name: String, _ dimensions: [Int], floats: [Float]) {
      self.init(name, .float32, dimensions, .bytes(Self.bytes(of: floats)))
    }

    /// Number of elements.
    package var count: Int { dimensions.reduce(1, *) }
    /// Bytes of all elements; 0 for texts.
    package var byteCount: Int { Self.byteCount(count, element) }

    /// Floats as a file has them.
    package static func bytes(of floats: [Float]) -> [UInt8] {
      floats.withUnsafeBytes { Array($0) }
    }

    /// Bytes of so many elements.
    static func byteCount(_ count: Int, _ element: Element) -> Int {
      element.bits < 8 ? (count * element.bits + 7) / 8 : count * (element.bits / 8)
    }

    /// The product of lengths; nil for a negative one, or for more elements than a limit.
    ///
    /// The usual limit leaves room for bytes, and for sums of many tensors, in 64 bits. It holds for a
    /// tensor without elements too, as if its lengths of 0 were 1: products of some lengths fit.
    package static func count(_ dimensions: [Int], limit: Int = 1 << 48) -> Int? {
      var size = 1
      for length in dimensions {
        let (product, overflows) = size.multipliedReportingOverflow(by: max(length, 1))
        guard length >= 0, !overflows, product <= limit else { return nil }
        size = product
      }
      return dimensions.contains(0) ? 0 : size
    }
  }
}
