import Basics
import Graphs
import Kernels
import Tensors

extension Flattening: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.inputShape(0)
    let order = AxisPermutation([image.N, image.H * image.W, image.C], permutation: [0, 2, 1])
    return builder.kernel { call, input, output in
      order.run(input: input, output: output, pool: call.pool)
    }
  }
}

extension FlatteningGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.outputShape(0)
    let order = AxisPermutation([image.N, image.C, image.H * image.W], permutation: [0, 2, 1])
    return builder.kernel { call, gradient, target in
      order.run(input: gradient, output: target, pool: call.pool)
    }
  }
}
