import Kernels
import Tensors

/// A dimension of a value: a number, or a symbol that gets one when the graph is compiled.
package enum Dimension: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  /// A length that is known.
  case fixed(Int)
  /// A length by name, such as `batch` or `sequence`.
  case symbol(String)

  /// The number of images, or whatever else a program works on side by side.
  package static let batch = Dimension.symbol("batch")

  /// A length that is known.
  package init(integerLiteral value: Int) { self = .fixed(value) }

  /// The length, or nil for a symbol.
  package var length: Int? {
    if case .fixed(let length) = self { return length }
    return nil
  }

  /// The number or the symbol.
  package var description: String {
    switch self {
    case .fixed(let length): "\(length)"
    case .symbol(let name): name
    }
  }
}

/// What is known of a value before the graph is compiled: element type and dimensions.
package struct TensorType: Hashable, Sendable, CustomStringConvertible {
  package var element: DType
  /// The outermost first; none for a scalar.
  package var dimensions: [Dimension]
  /// What bytes stand for; nil where elements are the numbers themselves.
  package var quantization: Quantization?

  package init(_ element: DType, _ dimensions: [Dimension]) {
    (self.element, self.dimensions) = (element, dimensions)
  }

  /// Bytes that stand for numbers.
  package init(_ quantization: Quantization, _ dimensions: [Dimension]) {
    self.init(.u8, dimensions)
    self.quantization = quantization
  }

  /// The same dimensions with float32 elements.
  package var floats: TensorType { TensorType(.f32, dimensions) }

  /// The shape once the symbols have values.
  ///
  /// - Parameter symbols: A length for each symbol.
  /// - Returns: nil for a symbol without a value, a length below 1, or too many elements.
  package func shape(_ symbols: [String: Int]) -> Shape? {
    let lengths = dimensions.compactMap { dimension -> Int? in
      switch dimension {
      case .fixed(let length): length
      case .symbol(let name): symbols[name]
      }
    }
    return lengths.count == dimensions.count ? Shape(lengths) : nil
  }

  /// Elements of one image where the first dimension is the batch, else of all; nil for too many.
  package var countPerImage: Int? {
    Shape(
      (dimensions.first == .batch ? dimensions.dropFirst() : dimensions[...]).map {
        $0.length ?? 1
      })?.count
  }

  /// For example `f32[batch, 7, 7, 64]`, or `u8[batch, 64] of 0.02 from 3`.
  package var description: String {
    "\(element.rawValue)[\(dimensions.map(\.description).joined(separator: ", "))]"
      + (quantization.map { " of \($0.scale) from \($0.zeroPoint)" } ?? "")
  }
}
