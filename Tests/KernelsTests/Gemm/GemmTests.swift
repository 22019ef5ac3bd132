import Basics
import Kernels
import TestSupport
import Testing

@Suite("Own GEMM")
struct GemmTests {
  static let shapes = [
    GemmShape(m: 1, n: 1, k: 1), GemmShape(m: 7, n: 5, k: 3), GemmShape(m: 8, n: 16, k: 31),
    GemmShape(m: 13, n: 130, k: 515), GemmShape(m: 200, n: 64, k: 64),
    GemmShape(m: 3, n: 1000, k: 77), GemmShape(m: 61, n: 200, k: 1030),
  ]

  @Test("It equals the reference exactly on small integers", arguments: shapes, [1, 2, 3])
  func exact(shape: GemmShape, threads: Int) {
    var random = SeededRandom(seed: 5)
    let a = Tensor(random.integers(shape.m * shape.k))
    let b = Tensor(random.integers(shape.k * shape.n))
    let expected = Tensor(count: shape.m * shape.n)
    for isTransposed in [false, true] {
      let operand = GemmOperand(
        b.input, stride: isTransposed ? shape.k : shape.n, isTransposed: isTransposed)
      GemmReference.multiply(
        shape, GemmOperand(a.input, stride: shape.k), operand, into: expected.pointer,
        stride: shape.n)
      let gemm = Gemm(shape, b: operand, threads: threads)
      let workspace = Tensor(count: gemm.workspaceCount, filledWith: .nan)
      let c = Tensor(count: shape.m * shape.n, filledWith: .nan)
      gemm.run(
        a.input, aStride: shape.k, into: c.pointer, workspace: workspace.pointer,
        pool: ThreadPool(threads: threads))
      #expect(c.values == expected.values)
    }
  }

  @Test("An activation follows the last part of the depth alone", arguments: [8 << 10, 1 << 20])
  func activation(l1: Int) {
    let shape = GemmShape(m: 119, n: 150, k: 700)
    var random = SeededRandom(seed: 8)
    let a = Tensor(random.integers(shape.m * shape.k))
    let b = Tensor(random.integers(shape.k * shape.n))
    let (c, expected) = (Tensor(count: shape.m * shape.n), Tensor(count: shape.m * shape.n))
    let operand = GemmOperand(b.input, stride: shape.n)
    GemmReference.multiply(
      shape, GemmOperand(a.input, stride: shape.k), operand, into: expected.pointer,
      stride: shape.n)
    let gemm = Gemm(
      shape, b: operand, epilogue: Epilogue(activation: .clip(least: -200, most: 100)),
      threads: 2, caches: CacheSizes(l1: l1, l2: 4 * l1, l3: 0))
    let workspace = Tensor(count: gemm.workspaceCount, filledWith: .nan)
    gemm.run(
      a.input, aStride: shape.k, into: c.pointer, workspace: workspace.pointer,
      pool: ThreadPool(threads: 2))
    #expect(c.values == expected.values.map { min(max($0, -200), 100) })
  }

  /// As in generating text: B goes by in one stream, whatever it is cut into.
  @Test("Few rows have the bits that they have among many", arguments: [8 << 10, 1 << 20], [1, 2])
  func fewRows(l1: Int, threads: Int) {
    let (n, k, most) = (210, 1030, 13)
    var random = SeededRandom(seed: 9)
    let (a, b, bias) = (
      Tensor(random.floats(most * k)), Tensor(random.floats(n * k)), Tensor(random.floats(n))
    )
    func product(_ rows: Int) -> [Float] {
      let gemm = Gemm(
        GemmShape(m: rows, n: n, k: k), b: GemmOperand(b.input, stride: k, isTransposed: true),
        bias: bias.input, epilogue: Epilogue(addsResidual: true, activation: .relu),
        threads: threads, caches: CacheSizes(l1: l1, l2: 4 * l1, l3: 0))
      let workspace = Tensor(count: gemm.workspaceCount, filledWith: .nan)
      let c = Tensor(count: rows * n, filledWith: 0.5)
      gemm.run(
        a.input, aStride: k, into: c.pointer, residual: c.input, workspace: workspace.pointer,
        pool: ThreadPool(threads: threads))
      return c.values
    }
    let all = product(most)
    #expect(all.allSatisfy(\.isFinite) && Set(all).count > n)
    for rows in 1...6 {
      #expect(product(rows) == Array(all.prefix(rows * n)), "\(rows) rows")
    }
  }

  @Test("Block sizes change nothing but speed", arguments: [8 << 10, 32 << 10, 1 << 20])
  func blocking(l1: Int) {
    let shape = GemmShape(m: 50, n: 150, k: 700)
    var random = SeededRandom(seed: 6)
    let a = Tensor(random.integers(shape.m * shape.k))
    let b = Tensor(random.integers(shape.k * shape.n))
    let (c, expected) = (Tensor(count: shape.m * shape.n), Tensor(count: shape.m * shape.n))
    let operand = GemmOperand(b.input, stride: shape.n)
    GemmReference.multiply(
      shape, GemmOperand(a.input, stride: shape.k), operand, into: expected.pointer,
      stride: shape.n)
    let gemm = Gemm(
      shape, b: operand, threads: 1, caches: CacheSizes(l1: l1, l2: 4 * l1, l3: 0))
    let workspace = Tensor(count: gemm.workspaceCount, filledWith: .nan)
    gemm.run(
      a.input, aStride: shape.k, into: c.pointer, workspace: workspace.pointer,
      pool: ThreadPool(threads: 1))
    #expect(c.values == expected.values)
  }
}
