import Kernels
import Tensors

/// A tensor of the plain references: float64 whatever the type, row-major.
package struct ReferenceTensor: Hashable, Sendable {
  /// Length of each dimension.
  package var shape: Shape
  /// `shape.count` elements.
  package var values: [Double]

  package init(_ shape: Shape, _ values: [Double]) {
    precondition(values.count == shape.count, "\(values.count) elements of \(shape)")
    (self.shape, self.values) = (shape, values)
  }

  /// Computes each element from its index.
  package init(_ shape: Shape, _ value: (Int) -> Double) {
    self.init(shape, (0..<shape.count).map(value))
  }

  /// The same in a pool's threads.
  init(_ shape: Shape, on pool: ThreadPool, _ value: (Int) -> Double) {
    let values = [Double](unsafeUninitializedCapacity: shape.count) { buffer, count in
      let target = buffer
      pool.forEachShare(of: shape.count, grain: Self.grain) { indices in
        for index in indices { target.initializeElement(at: index, to: value(index)) }
      }
      count = shape.count
    }
    self.init(shape, values)
  }

  /// Elements that are worth another thread.
  private static let grain = 4096

  /// What a value of a type holds of the tensor: floats rounded to 32 or 16 bits, whole numbers
  /// without fractions, and of them the lowest bits as kernels keep them.
  func stored(as element: DType) -> ReferenceTensor {
    switch element {
    case .f32: ReferenceTensor(shape, values.map { Double(Float($0)) })
    case .bf16: ReferenceTensor(shape, values.map { Double(BFloat16(Float($0)).value) })
    case .i8: wrapped(Int8.self)
    case .u8: wrapped(UInt8.self)
    case .i32: wrapped(Int32.self)
    case .i64: wrapped(Int64.self)
    case .bool, .f64: self
    }
  }

  /// Whole numbers of a type; 0 for NaN.
  private func wrapped<Number: FixedWidthInteger>(_ type: Number.Type) -> ReferenceTensor {
    ReferenceTensor(
      shape,
      values.map { value in
        let whole = value.rounded(.towardZero)
        guard let number = Int64(exactly: whole) else { return whole.isNaN ? 0 : whole }
        return Double(Number(truncatingIfNeeded: number))
      })
  }

  /// Elements of each innermost row.
  var rows: Int { shape.count / shape.C }

  /// The element of an image; `N H W C`.
  func pixel(_ n: Int, _ h: Int, _ w: Int, _ c: Int) -> Double {
    values[((n * shape.H + h) * shape.W + w) * shape.C + c]
  }

  /// Images as rows, each in the order `C H W`.
  var flattened: ReferenceTensor {
    ReferenceTensor([shape.N, shape.count / shape.N], values).channelsLast(area: shape.C)
  }

  /// Rows in that order as the images of a shape.
  func unflattened(_ images: Shape) -> ReferenceTensor {
    let rows = ReferenceTensor([images.N, images.count / images.N], values)
    return ReferenceTensor(images, rows.channelsLast(area: images.H * images.W).values)
  }

  /// The same elements in another order: each of `count` blocks of `channels × area`, transposed.
  private func channelsLast(area: Int) -> ReferenceTensor {
    let width = shape.count / shape.N
    let channels = width / area
    return ReferenceTensor(shape) { index in
      let (k, inside) = (index / width, index % width)
      return values[k * width + inside % channels * area + inside / channels]
    }
  }
}
