import Graphs
import Kernels
import Testing

/// Operators along axes, and matrix products: their kernels beside their references.
@Suite struct RowOperatorTests {
  /// Operators of one value, in batches that are cut and as a whole.
  static let single: [any Operator] = [
    Softmax(axis: 1), Softmax(axis: 3), Softmax(axis: 0, form: .logarithms),
    Softmax(axis: 2, form: .largest), Reduction(.mean, axes: [1, 2], keepsDimensions: true),
    Reduction(.max, axes: [0, 3], keepsDimensions: false),
    Reduction(.logSumExp, axes: [0, 1, 2, 3], keepsDimensions: false),
    LineExtreme(axis: 3, isSmallest: false, takesLast: false, keepsDimensions: true),
    LineExtreme(axis: 0, isSmallest: true, takesLast: true, keepsDimensions: false),
    LineSelection(axis: 1, count: 2, isSmallest: false),
    LineSelection(axis: 3, count: 5, isSmallest: true),
    RunningSum(axis: 2, isExclusive: true, isReversed: true),
    SpreadDivision(.l2, axes: [1]), SpreadDivision(.deviation, axes: [0, 2, 3]),
    ResponseNormalization(axis: 3, size: 3, alpha: 0.5, beta: 0.75, bias: 1),
    ResponseNormalization(axis: 1, size: 2, alpha: 0.5, beta: 0.6, bias: 2),
  ]

  @Test(arguments: single, [1, 2])
  func followsItsReference(op: any Operator, threads: Int) throws {
    for batch in [nil, 4] as [Int?] {
      var one = OneOperator(op)
      one.batch = batch
      one.floats([4, 3, 5, 7])
      try one.compare(threads: threads)
    }
  }

  @Test(arguments: [DType.i32, .i64])
  func reducesWholeNumbers(type: DType) throws {
    // The outputs of 32 bits are not read here: the largest place is i64 for both.
    for op in [
      LineExtreme(axis: 1, isSmallest: false, takesLast: true, keepsDimensions: false),
      LineExtreme(axis: 0, isSmallest: true, takesLast: false, keepsDimensions: true),
    ] {
      var one = OneOperator(op)
      one.inputs.append((type, [3, 4], [5, -1, 5, 2, 0, 0, -3, 1, 2, 2, 2, 2]))
      try one.compare(threads: 1, bound: 0.1)
    }
    guard type == .i64 else { return }
    for kind in [AxisReduction.Kind.sum, .max, .product] {
      var one = OneOperator(Reduction(kind, axes: [1], keepsDimensions: true))
      one.inputs.append((type, [3, 4], [5, -1, 5, 2, 0, 0, -3, 1, 2, 2, 2, 2]))
      try one.compare(threads: 1, bound: 1e-9)
    }
  }

  @Test(arguments: [false, true], [1, 2])
  func normalisesRowsAndGroups(isKept: Bool, threads: Int) throws {
    let parameters: Set<Int> = isKept ? [1, 2] : []
    for (axis, givesStatistics) in [(1, true), (2, false), (2, true)] {
      var one = OneOperator(
        LayerNormalization(axis: axis, epsilon: 1e-4, givesStatistics: givesStatistics))
      (one.batch, one.parameters) = (4, parameters)
      one.floats([4, 3, 10])
      for _ in 0..<2 { one.floats(axis == 1 ? [3, 10] : [10]) }
      try one.compare(threads: threads)
    }
    var root = OneOperator(
      LayerNormalization(axis: 1, epsilon: 1e-4, centres: false, hasShift: false))
    root.floats([5, 9])
    root.floats([9])
    try root.compare(threads: threads)
    for isLast in [false, true] {
      var one = OneOperator(GroupNormalization(groups: 3, epsilon: 1e-3, isChannelsLast: isLast))
      (one.batch, one.parameters) = (4, parameters)
      one.floats(isLast ? [4, 2, 5, 6] : [4, 6, 2, 5])
      for _ in 0..<2 { one.floats([6]) }
      try one.compare(threads: threads)
    }
  }

  /// Lengths of the two values and of a term, and whether the second is transposed.
  static let products: [(a: [Int], b: [Int], term: [Int]?, isTransposed: Bool)] = [
    ([3, 5], [5, 7], nil, false), ([3, 5], [7, 5], [3, 7], true),
    ([3, 5], [5, 7], [1, 7], false),
    ([3, 5], [5, 7], [3, 1], false), ([3, 5], [5, 7], [1, 1], false),
    ([4, 3, 6, 8], [4, 3, 8, 5], nil, false), ([4, 3, 6, 8], [4, 3, 5, 8], nil, true),
    ([4, 3, 6, 8], [8, 5], nil, false), ([6, 8], [2, 1, 8, 5], nil, false),
    ([4, 1, 6, 8], [1, 3, 8, 5], nil, false), ([1, 1, 8], [4, 8, 1], nil, false),
  ]

  @Test(arguments: products, [1, 2])
  func multiplies(
    shape: (a: [Int], b: [Int], term: [Int]?, isTransposed: Bool), threads: Int
  ) throws {
    for (batch, parameters) in [(nil, []), (nil, [1]), (4, [])] as [(Int?, Set<Int>)] {
      var op = MatrixProduct(isTransposed: shape.isTransposed)
      // A batch of four that is not outermost everywhere is computed as a whole.
      op.isPerImage = batch == nil || (shape.a[0] == 4 && shape.a.count >= shape.b.count)
      if shape.term != nil { (op.alpha, op.beta) = (0.5, -2) }
      var one = OneOperator(op)
      (one.batch, one.parameters) = (batch, parameters)
      one.floats(shape.a)
      one.floats(shape.b)
      if let term = shape.term { one.floats(term) }
      try one.compare(threads: threads)
    }
  }

  @Test(arguments: [1, 2])
  func multipliesRowsOfAnyRank(threads: Int) throws {
    for lengths in [[4, 6, 9], [5, 9], [4, 2, 3, 9], [1, 7, 9]] {
      for batch in [nil, 4] as [Int?] {
        var one = OneOperator(Convolution.rows(outputs: 5, hasBias: false))
        (one.batch, one.parameters) = (batch, [1])
        one.floats(lengths)
        one.floats([5, 9])
        try one.compare(threads: threads)
      }
    }
  }
}
