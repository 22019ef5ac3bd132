import Basics
import Kernels
import Tensors

/// The product of the two innermost dimensions of two values, the others side by side.
///
/// `α · A · B + β · term`. Dimensions before the last two are repeated where one of the values has 1
/// or none, and so are all dimensions of the term, where there is one.
package struct MatrixProduct: Operator {
  /// Whether B has the product's columns as rows.
  package var isTransposed: Bool
  /// Factor of the product.
  package var alpha: Float
  /// Factor of the term; nil where there is none.
  package var beta: Float?
  package var isPerImage: Bool

  /// Names all of it.
  ///
  /// - Parameters:
  ///   - isTransposed: Whether B is stored `n × k`.
  ///   - alpha: Factor of the product.
  ///   - beta: Factor of a third input; nil where there is none.
  ///   - isPerImage: False where the product joins or mixes the items of a batch.
  package init(
    isTransposed: Bool = false, alpha: Float = 1, beta: Float? = nil, isPerImage: Bool = true
  ) {
    (self.isTransposed, self.alpha, self.beta) = (isTransposed, alpha, beta)
    self.isPerImage = isPerImage
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(beta == nil ? 2 : 3, of: inputs)
    try requireFloats(inputs)
    let (a, b) = (inputs[0].dimensions, inputs[1].dimensions)
    guard a.count >= 2, b.count >= 2 else {
      throw Problem(.malformed, "\(inputs[0]) and \(inputs[1]) are not both matrices")
    }
    let (depth, columns) =
      isTransposed ? (b[b.count - 1], b[b.count - 2]) : (b[b.count - 2], b[b.count - 1])
    guard a[a.count - 1] == depth,
      let outer = Self.repeated(Array(a.dropLast(2)), Array(b.dropLast(2)))
    else { throw Problem(.malformed, "\(inputs[0]) cannot be multiplied by \(inputs[1])") }
    let output = TensorType(.f32, outer + [a[a.count - 2], columns])
    if beta != nil {
      let term = inputs[2].dimensions
      guard output.dimensions.count == 2, term.count == 2,
        zip(term, output.dimensions).allSatisfy({ $0 == $1 || $0 == 1 })
      else { throw Problem(.malformed, "\(inputs[2]) cannot be added to \(output)") }
    }
    guard !isPerImage || inputs.keepApart(in: output) else {
      throw Problem(.malformed, "\(inputs[0]) by \(inputs[1]) mixes the items of a batch")
    }
    return [output]
  }

  /// Dimensions of which those of 1 are repeated; nil where others differ.
  private static func repeated(_ a: [Dimension], _ b: [Dimension]) -> [Dimension]? {
    let rank = Swift.max(a.count, b.count)
    let one = Dimension.fixed(1)
    let (a, b) = (
      [Dimension](repeating: one, count: rank - a.count) + a,
      [Dimension](repeating: one, count: rank - b.count) + b
    )
    guard zip(a, b).allSatisfy({ $0 == $1 || $0 == one || $1 == one }) else { return nil }
    return zip(a, b).map { $0 == one ? $1 : $0 }
  }

  /// One product's dimensions, and where each product's matrices begin.
  ///
  /// - Parameters:
  ///   - a: Lengths of the first input.
  ///   - b: Lengths of the second.
  /// - Returns: Of each product, the first elements of its matrices.
  package func places(_ a: [Int], _ b: [Int]) -> (shape: GemmShape, a: [Int], b: [Int]) {
    let (k, m) = (a[a.count - 1], a[a.count - 2])
    let n = isTransposed ? b[b.count - 2] : b[b.count - 1]
    let (outerA, outerB) = (a.dropLast(2), b.dropLast(2))
    let rank = Swift.max(outerA.count, outerB.count)
    let fixed = { (lengths: ArraySlice<Int>) in
      [Int](repeating: 1, count: rank - lengths.count) + lengths
    }
    let (lengthsA, lengthsB) = (fixed(outerA), fixed(outerB))
    var places = [(0, 0)]
    // From the outermost on: each place is cut into as many as the next dimension is long.
    for axis in 0..<rank {
      let length = Swift.max(lengthsA[axis], lengthsB[axis])
      places = places.flatMap { place in
        (0..<length).map { step in
          (
            place.0 * lengthsA[axis] + (lengthsA[axis] == 1 ? 0 : step),
            place.1 * lengthsB[axis] + (lengthsB[axis] == 1 ? 0 : step)
          )
        }
      }
    }
    return (
      GemmShape(m: m, n: n, k: k), places.map { $0.0 * m * k }, places.map { $0.1 * n * k }
    )
  }

  package func macs(_ inputs: [Shape]) -> MACs {
    let (shape, first, _) = places(inputs[0].dimensions, inputs[1].dimensions)
    return MACs(first.count * shape.m * shape.n * shape.k)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (a, b) = (inputs[0].shape.dimensions, inputs[1].shape.dimensions)
    let (shape, firstA, firstB) = places(a, b)
    let (left, right) = (inputs[0].values, inputs[1].values)
    let rank = Swift.max(a.count, b.count)
    let outer = (0..<rank - 2).map { axis in
      let (inA, inB) = (axis - rank + a.count, axis - rank + b.count)
      return Swift.max(inA < 0 ? 1 : a[inA], inB < 0 ? 1 : b[inB])
    }
    guard let target = Shape(outer + [shape.m, shape.n]) else { return [] }
    return [
      ReferenceTensor(target) { index in
        let (i, j) = (index / shape.n % shape.m, index % shape.n)
        let product = index / shape.n / shape.m
        let row = firstA[product] + i * shape.k
        let column = firstB[product] + (isTransposed ? j * shape.k : j)
        let step = isTransposed ? 1 : shape.n
        var sum = 0.0
        for p in 0..<shape.k { sum += left[row + p] * right[column + p * step] }
        guard let beta else { return Double(alpha) * sum }
        let term = inputs[2]
        let place =
          (term.shape.N == 1 ? 0 : i * term.shape.C) + (term.shape.C == 1 ? 0 : j)
        return Double(alpha) * sum + Double(beta) * term.values[place]
      }
    ]
  }
}
