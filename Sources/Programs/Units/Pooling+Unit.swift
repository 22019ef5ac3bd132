import Basics
import Graphs
import Kernels
import Tensors

extension MaxPooling: CompiledOperator {
  var kernelName: String? { "pool.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, pitch) = (windows(builder.inputShape(0)), builder.output(0).pitch)
    switch builder.element(0) {
    case .f32: break
    case .bf16 where givesPositions:
      let positions = builder.output(1)
      return builder.bfloat16Kernel("pool.bf16") { call, input, output in
        BFloat16Pool.maximum(
          shape, input: input, output: output, pitch: pitch,
          positions: call.bytes(positions).assumingMemoryBound(to: UInt8.self), pool: call.pool)
      }
    case .bf16:
      return builder.bfloat16Kernel("pool.bf16") { call, input, output in
        BFloat16Pool.maximum(shape, input: input, output: output, pitch: pitch, pool: call.pool)
      }
    default: return builder.maximumOfBytes(self)
    }
    let positions = givesPositions ? builder.output(1) : nil
    return builder.kernel { call, input, output in
      MaxPool.forward(
        shape, input: input, output: output, pitch: pitch,
        positions: positions.map { call.bytes($0).assumingMemoryBound(to: UInt8.self) },
        pool: call.pool)
    }
  }
}

extension MaxPoolingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, positions) = (pool.windows(builder.outputShape(0)), builder.input(1))
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("pool.bf16.gradient") { call, gradient, target in
        BFloat16Pool.maximumBackward(
          shape, outputGradient: gradient,
          positions: call.bytes(positions).assumingMemoryBound(to: UInt8.self),
          inputGradient: target, pool: call.pool)
      }
    }
    return builder.kernel { call, gradient, target in
      MaxPool.backward(
        shape, outputGradient: gradient,
        positions: call.bytes(positions).assumingMemoryBound(to: UInt8.self),
        inputGradient: target, pool: call.pool)
    }
  }
}

extension AdaptiveAveragePooling: CompiledOperator {
  var kernelName: String? { "pool.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, pitch) = (shape(builder.inputShape(0)), builder.output(0).pitch)
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("pool.bf16") { call, input, output in
        BFloat16Pool.mean(shape, input: input, output: output, pitch: pitch, pool: call.pool)
      }
    }
    return builder.kernel { call, input, output in
      AdaptiveAveragePool.forward(
        shape, input: input, output: output, pitch: pitch, pool: call.pool)
    }
  }
}

extension AdaptiveAveragePoolingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = pool.shape(builder.outputShape(0))
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("pool.bf16.gradient") { call, gradient, target in
        BFloat16Pool.meanBackward(
          shape, outputGradient: gradient, inputGradient: target, pool: call.pool)
      }
    }
    return builder.kernel { call, gradient, target in
      AdaptiveAveragePool.backward(
        shape, outputGradient: gradient, inputGradient: target, pool: call.pool)
    }
  }
}

extension AveragePooling: CompiledOperator {
  var kernelName: String? { "pool.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, pitch) = (windows(builder.inputShape(0)), builder.output(0).pitch)
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("pool.bf16") { call, input, output in
        BFloat16Pool.mean(shape, input: input, output: output, pitch: pitch, pool: call.pool)
      }
    }
    return builder.kernel { call, input, output in
      AveragePool.forward(shape, input: input, output: output, pitch: pitch, pool: call.pool)
    }
  }
}

extension AveragePoolingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = pool.windows(builder.outputShape(0))
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("pool.bf16.gradient") { call, gradient, target in
        BFloat16Pool.meanBackward(
          shape, outputGradient: gradient, inputGradient: target, pool: call.pool)
      }
    }
    return builder.kernel { call, gradient, target in
      AveragePool.backward(
        shape, outputGradient: gradient, inputGradient: target, pool: call.pool)
    }
  }
}

extension WindowPooling: CompiledOperator {
  var kernelName: String? { "pool.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, pitch) = (windows(builder.inputShape(0)), builder.output(0).pitch)
    return builder.kernel { [summary] call, input, output in
      WindowPool.forward(
        shape, summary, input: input, output: output, pitch: pitch, pool: call.pool)
    }
  }
}
