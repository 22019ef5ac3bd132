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
