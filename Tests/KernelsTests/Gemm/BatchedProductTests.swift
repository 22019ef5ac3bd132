import Basics
import Kernels
import TestSupport
import Testing

@Suite("Products of computed matrices")
struct BatchedProductTests {
  static let shapes = [
    GemmShape(m: 1, n: 1, k: 1), GemmShape(m: 7, n: 5, k: 3), GemmShape(m: 13, n: 40, k: 65),
    GemmShape(m: 64, n: 33, k: 128),
  ]

  @Test("Equal the reference exactly on small integers", arguments: shapes, [1, 2, 3])
  func exact(shape: GemmShape, threads: Int) {
    var random = SeededRandom(seed: 7)
    // Which matrix each product reads: all their own, one right-hand side for all, a mixture.
    for (left, right) in [
      ([0], [0]), ([0, 1, 2], [0, 0, 0]), ([0, 0, 1, 1], [0, 1, 0, 1]),
      (Array(0..<12), Array(0..<12)),
    ] {
      let a = Tensor(random.integers((left.max() ?? 0) * shape.m * shape.k + shape.m * shape.k))
      let b = Tensor(random.integers((right.max() ?? 0) * shape.k * shape.n + shape.k * shape.n))
      for isTransposed in [false, true] {
        let stride = isTransposed ? shape.k : shape.n
        let product = BatchedProduct(
          shape,
          a: BatchedProduct.Operand(
            offsets: left.map { $0 * shape.m * shape.k }, stride: shape.k),
          b: BatchedProduct.Operand(
            offsets: right.map { $0 * shape.k * shape.n }, stride: stride,
            isTransposed: isTransposed), threads: threads)
        let count = left.count * shape.m * shape.n
        let (c, expected) = (Tensor(count: count, filledWith: .nan), Tensor(count: count))
        let workspace = Tensor(count: product.workspaceCount, filledWith: .nan)
        for (index, (i, j)) in zip(left, right).enumerated() {
          GemmReference.multiply(
            shape, GemmOperand(a.input + i * shape.m * shape.k, stride: shape.k),
            GemmOperand(
              b.input + j * shape.k * shape.n, stride: stride, isTransposed: isTransposed),
            into: expected.pointer + index * shape.m * shape.n, stride: shape.n)
        }
        for _ in 0..<2 {
          product.run(
            a.input, b.input, into: c.pointer, workspace: workspace.pointer,
            pool: ThreadPool(threads: threads))
          #expect(c.values == expected.values)
        }
        #expect(product.macs.count == left.count * shape.macs.count)
      }
    }
  }

  @Test("A term is added where it repeats", arguments: [1, 2])
  func term(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let term: [Float] = [1, 2, 3, 4, 5, 6]
    for (rowStride, columnStride) in [(0, 0), (0, 1), (1, 0), (3, 1)] {
      var product: [Float] = [1, 1, 1, 2, 2, 2]
      let ending = MatrixTerm(
        rows: 2, columns: 3, alpha: 2, beta: 10, rowStride: rowStride, columnStride: columnStride)
      ending.apply(term, to: &product, pool: pool)
      for i in 0..<2 {
        for j in 0..<3 {
          let expected = Float(2 * (i + 1)) + 10 * term[i * rowStride + j * columnStride]
          #expect(product[i * 3 + j] == expected)
        }
      }
    }
    var scaled: [Float] = [1, 2, 3, 4]
    MatrixTerm(rows: 2, columns: 2, alpha: 3).apply(nil, to: &scaled, pool: pool)
    #expect(scaled == [3, 6, 9, 12])
  }
}
