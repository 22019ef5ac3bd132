import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension MaxPooling: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = windows(builder.inputShape(0))
    builder.unit.leastBytes =
      4 * (builder.unit.input.count + builder.unit.output.count)
      + (givesPositions ? builder.unit.output.count : 0)
    let (input, output) = (builder.input(0), builder.output(0))
    let positions = givesPositions ? builder.output(1) : nil
    return { call in
      MaxPool.forward(
        shape, input: call.floats(input), output: call.floats(output), pitch: output.pitch,
        positions: positions.map { call.bytes($0).assumingMemoryBound(to: UInt8.self) },
        pool: call.pool)
    }
  }

  /// The windows over some images.
  func windows(_ images: Shape) -> PoolShape {
    guard let shape = shape(images.dimensions.map { .fixed($0) }, N: images.N) else {
      preconditionFailure("no windows on \(images)")
    }
    return shape
  }
}

extension MaxPoolingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = pool.windows(builder.outputShape(0))
    builder.unit.leastBytes = 4 * (shape.inputCount + shape.outputCount + shape.outputCount / 4)
    let (gradient, positions) = (builder.input(0), builder.input(1))
    let target = builder.output(0)
    return { call in
      MaxPool.backward(
        shape, outputGradient: call.floats(gradient),
        positions: call.bytes(positions).assumingMemoryBound(to: UInt8.self),
        inputGradient: call.floats(target), pool: call.pool)
    }
  }
}

extension AdaptiveAveragePooling: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = shape(builder.inputShape(0))
    builder.unit.leastBytes = 4 * (builder.unit.input.count + builder.unit.output.count)
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      AdaptiveAveragePool.forward(
        shape, input: call.floats(input), output: call.floats(output), pitch: output.pitch,
        pool: call.pool)
    }
  }
}

extension AdaptiveAveragePoolingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = pool.shape(builder.outputShape(0))
    builder.unit.leastBytes = 4 * (shape.inputCount + shape.outputCount)
    let (gradient, target) = (builder.input(0), builder.output(0))
    return { call in
      AdaptiveAveragePool.backward(
        shape, outputGradient: call.floats(gradient), inputGradient: call.floats(target),
        pool: call.pool)
    }
  }
}

extension AveragePooling: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = windows(builder.inputShape(0))
    builder.unit.leastBytes = 4 * (builder.unit.input.count + builder.unit.output.count)
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      AveragePool.forward(
        shape, input: call.floats(input), output: call.floats(output), pitch: output.pitch,
        pool: call.pool)
    }
  }

  /// The windows over some images.
  func windows(_ images: Shape) -> PoolShape {
    guard let shape = shape(images.dimensions.map { .fixed($0) }, N: images.N) else {
      preconditionFailure("no windows on \(images)")
    }
    return shape
  }
}

extension AveragePoolingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = pool.windows(builder.outputShape(0))
    builder.unit.leastBytes = 4 * (shape.inputCount + shape.outputCount)
    let (gradient, target) = (builder.input(0), builder.output(0))
    return { call in
      AveragePool.backward(
        shape, outputGradient: call.floats(gradient), inputGradient: call.floats(target),
        pool: call.pool)
    }
  }
}
