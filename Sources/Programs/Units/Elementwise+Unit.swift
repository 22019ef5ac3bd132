import Basics
import Graphs
import Kernels
import Tensors

extension ReLU: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("rows.bf16.relu") { call, input, output in
        BFloat16Rows.relu(count: count, input: input, output: output, pool: call.pool)
      }
    }
    return builder.kernel { call, input, output in
      Activation.relu(count: count, input: input, output: output, pool: call.pool)
    }
  }
}

extension ReLUGradient: CompiledOperator {
  /// Of a layer: its ReLU is its own epilogue in the forward pass.
  var phase: Program.Phase { .backwardData }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("rows.bf16.relu-gradient") { call, forward, gradient in
        BFloat16Rows.reluBackward(
          count: count, output: forward, gradient: gradient, pool: call.pool)
      }
    }
    return builder.kernel { call, forward, gradient in
      Activation.reluBackward(
        count: count, output: forward, gradient: gradient, pool: call.pool)
    }
  }
}

extension Addition: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (count, other) = (builder.inputShape(0).count, builder.input(1))
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("rows.bf16.add") { call, left, target in
        BFloat16Rows.add(
          count: count, left, UnsafePointer(call.bfloats(other)), output: target, pool: call.pool)
      }
    }
    return builder.kernel { call, left, target in
      // The sum begins as the operand that does not lie there already.
      let right = UnsafePointer(call.floats(other))
      if target != left, target != right { target.update(from: left, count: count) }
      Activation.add(
        count: count, addend: target == right ? left : right, target: target, pool: call.pool)
    }
  }
}

extension DropoutMask: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (count, draws, step) = (builder.inputShape(0).count, draws, builder.input(1))
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("rows.bf16.dropout") { call, input, output in
        let (number, shard) = Self.numbers(call.bytes(step))
        draws.apply(
          count: count, input: input, output: output, step: number, first: shard * count,
          pool: call.pool)
      }
    }
    return builder.kernel { call, input, output in
      let (number, shard) = Self.numbers(call.bytes(step))
      draws.apply(
        count: count, input: input, output: output, step: number, first: shard * count,
        pool: call.pool)
    }
  }

  /// The number of the step, and behind it that of the shard.
  private static func numbers(_ memory: UnsafeRawPointer) -> (step: Int, shard: Int) {
    let numbers = memory.assumingMemoryBound(to: Int64.self)
    return (Int(numbers[0]), Int(numbers[1]))
  }
}

extension Tanh: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    return builder.kernel { call, input, output in
      Activation.tanh(count: count, input: input, output: output, pool: call.pool)
    }
  }
}

extension TanhGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (count, gradient) = (builder.inputShape(0).count, builder.input(1))
    return builder.kernel { call, forward, target in
      Activation.tanhBackward(
        count: count, output: forward, outputGradient: call.floats(gradient),
        inputGradient: target, pool: call.pool)
    }
  }
}
