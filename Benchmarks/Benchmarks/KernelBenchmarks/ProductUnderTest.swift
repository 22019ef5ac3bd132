import Kernels

/// A square product with its operands in place.
final class ProductUnderTest {
  private let shape: GemmShape
  private let a: AlignedBuffer
  private let b: AlignedBuffer
  private let c: AlignedBuffer
  private let workspace: AlignedBuffer
  private let gemm: Gemm
  private let pool = ThreadPool(threads: 1)

  init(_ shape: GemmShape) {
    self.shape = shape
    a = .ones(shape.m * shape.k)
    b = .ones(shape.k * shape.n)
    c = .ones(shape.m * shape.n)
    gemm = Gemm(shape, b: GemmOperand(b.pointer, stride: shape.n), threads: 1)
    workspace = AlignedBuffer(count: gemm.workspaceCount)
  }

  /// `C = A · B` with B packed beforehand, as weights are.
  func runNative() {
    gemm.run(
      a.pointer, aStride: shape.k, into: c.pointer, workspace: workspace.pointer, pool: pool)
  }

  /// `C = A · B` by the linked CBLAS.
  func runBLAS() {
    GemmBLAS.multiply(
      shape, GemmOperand(a.pointer, stride: shape.k), GemmOperand(b.pointer, stride: shape.n),
      into: c.pointer, stride: shape.n, threads: 1)
  }
}

extension AlignedBuffer {
  /// A buffer of ones: no denormals, no surprises.
  static func ones(_ count: Int) -> AlignedBuffer {
    let buffer = AlignedBuffer(count: count)
    buffer.elements.update(repeating: 1)
    return buffer
  }
}
