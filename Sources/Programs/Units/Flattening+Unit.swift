import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension Flattening: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.inputShape(0)
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      ChannelOrder.channelsFirst(
        images: image.N, pixels: image.H * image.W, channels: image.C, input: call.floats(input),
        output: call.floats(output), pool: call.pool)
    }
  }
}

extension FlatteningGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.outputShape(0)
    builder.unit.phase = .backwardData
    builder.unit.leastBytes = 8 * builder.unit.output.count
    let (gradient, target) = (builder.input(0), builder.output(0))
    return { call in
      ChannelOrder.channelsLast(
        images: image.N, pixels: image.H * image.W, channels: image.C,
        input: call.floats(gradient), output: call.floats(target), pool: call.pool)
    }
  }
}
