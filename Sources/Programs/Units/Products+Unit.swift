import Basics
import Graphs
import Kernels
import Tensors

extension MatrixProduct: CompiledOperator {
  var phase: Program.Phase { .forward }
  var kernelName: String? { Gemm.id }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (a, b) = (builder.inputShape(0).dimensions, builder.inputShape(1).dimensions)
    let (shape, firstA, firstB) = places(a, b)
    let product = BatchedProduct(
      shape, a: BatchedProduct.Operand(offsets: firstA, stride: shape.k),
      b: BatchedProduct.Operand(
        offsets: firstB, stride: isTransposed ? shape.k : shape.n, isTransposed: isTransposed),
      threads: builder.threads)
    builder.workspaceCount = product.workspaceCount
    let groups = Double(builder.unit.output.count / builder.outputShape(0).count)
    builder.unit.directFLOPs = groups * product.macs.flops
    builder.unit.executedFLOPs = builder.unit.directFLOPs
    let (left, right) = (try builder.operand(0), try builder.operand(1))
    let output = builder.output(0)
    let term = beta == nil ? nil : try builder.operand(2)
    let ending = ending(builder)
    return { call in
      let target = call.floats(output)
      product.run(
        left.floats(call), right.floats(call), into: target, workspace: call.workspace,
        pool: call.pool)
      ending?.apply(term?.floats(call), to: target, pool: call.pool)
    }
  }

  /// What is done to the product behind it; nil for nothing.
  private func ending(_ builder: UnitBuilder) -> MatrixTerm? {
    guard beta != nil || alpha != 1 else { return nil }
    let output = builder.outputShape(0)
    var ending = MatrixTerm(
      rows: output.count / output.C, columns: output.C, alpha: alpha, beta: beta ?? 0)
    if beta != nil {
      let term = builder.inputShape(2)
      ending.rowStride = term.N == 1 ? 0 : term.C
      ending.columnStride = term.C == 1 ? 0 : 1
    }
    return ending
  }
}
