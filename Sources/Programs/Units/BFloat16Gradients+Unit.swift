import Basics
import Graphs
import Kernels
import Tensors

extension BFloat16ImageGradient: CompiledOperator {
  var phase: Program.Phase { .backwardData }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, choice) = builder.product()
    let pass = choice.onBFloat16.compileBackwardData(
      shape, output: output, accumulates: gradient.accumulates, threads: builder.threads)
    builder.describe(pass)
    let (derivative, filters, image) = (builder.input(0), builder.input(1), builder.output(0))
    // Filters lie output by output, so those of a part follow one another.
    let first = (gradient.convolution.part?.first ?? 0) * shape.C
    return { call in
      pass.run(
        BFloat16BackwardDataOperands(
          outputGradient: UnsafePointer(call.bfloats(derivative)),
          filters: UnsafePointer(call.floats(filters) + first),
          inputGradient: call.bytes(image),
          workspace: UnsafeMutableRawPointer(call.workspace)),
        pool: call.pool)
    }
  }
}

extension BFloat16FilterGradient: CompiledOperator {
  var phase: Program.Phase { .backwardWeights }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, choice) = builder.product()
    let pass = choice.onBFloat16.compileBackwardWeights(shape, threads: builder.threads)
    builder.describe(pass)
    builder.unit.leastBytes =
      2 * (shape.inputCount + shape.outputCount) + 4 * shape.filterCount
    let (images, derivative, filters) = (builder.input(0), builder.input(1), builder.output(0))
    let part = gradient.convolution.part
    let first = (part?.first ?? 0) * shape.C
    let total = part.map { $0.total * shape.C } ?? 0
    return { [fills = gradient.fills] call in
      let matrix = call.floats(filters)
      if part != nil, !fills {
        let end = first + shape.filterCount
        matrix.update(repeating: 0, count: first)
        (matrix + end).update(repeating: 0, count: total - end)
      }
      pass.run(
        BFloat16BackwardWeightsOperands(
          input: UnsafePointer(call.bfloats(images)),
          outputGradient: UnsafePointer(call.bfloats(derivative)),
          filterGradient: matrix + first,
          workspace: UnsafeMutableRawPointer(call.workspace)),
        pool: call.pool)
    }
  }
}

extension UnitBuilder {
  /// Says what a gradient on bfloat16, compiled for the whole batch, is and takes.
  fileprivate func describe(_ pass: any CompiledBFloat16Pass) {
    describe(pass.algorithm, pass.executedFLOPs)
    workspaceCount = (pass.workspaceByteCount + 3) / 4
  }
}
