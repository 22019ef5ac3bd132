import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension Flattening: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.inputShape(0)
    let order = AxisPermutation(
      [image.N, image.H * image.W, image.C], permutation: [0, 2, 1])
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      order.run(input: call.floats(input), output: call.floats(output), pool: call.pool)
    }
  }
}

extension FlatteningGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.outputShape(0)
    let order = AxisPermutation(
      [image.N, image.C, image.H * image.W], permutation: [0, 2, 1])
    builder.unit.phase = .backwardData
    builder.unit.leastBytes = 8 * builder.unit.output.count
    let (gradient, target) = (builder.input(0), builder.output(0))
    return { call in
      order.run(input: call.floats(gradient), output: call.floats(target), pool: call.pool)
    }
  }
}
