import Basics
import Graphs
import Kernels
import Tensors

extension Flattening: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.inputShape(0)
    return builder.kernel { call, input, output in
      ChannelOrder.turn(
        images: image.N, rows: image.H * image.W, columns: image.C, input: input, output: output,
        pool: call.pool)
    }
  }
}

extension FlatteningGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.outputShape(0)
    return builder.kernel { call, gradient, target in
      ChannelOrder.turn(
        images: image.N, rows: image.C, columns: image.H * image.W, input: gradient,
        output: target, pool: call.pool)
    }
  }
}
