import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension Tanh: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      HyperbolicTangent.forward(
        count: count, input: call.floats(input), output: call.floats(output), pool: call.pool)
    }
  }
}

extension TanhGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.phase = .backwardData
    builder.unit.leastBytes = 12 * count
    let (forward, gradient, target) = (builder.input(0), builder.input(1), builder.output(0))
    return { call in
      HyperbolicTangent.backward(
        count: count, output: call.floats(forward), outputGradient: call.floats(gradient),
        inputGradient: call.floats(target), pool: call.pool)
    }
  }
}
