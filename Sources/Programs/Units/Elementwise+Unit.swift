import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension ReLU: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      Activation.relu(
        count: count, input: call.floats(input), output: call.floats(output), pool: call.pool)
    }
  }
}

extension ReLUGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.phase = .backwardData
    builder.unit.leastBytes = 12 * builder.unit.input.count
    let (forward, gradient) = (builder.input(0), builder.output(0))
    return { call in
      Activation.reluBackward(
        count: count, output: call.floats(forward), gradient: call.floats(gradient),
        pool: call.pool)
    }
  }
}

extension Addition: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.phase = .norm
    builder.unit.leastBytes = 12 * builder.unit.input.count
    let (a, b, output) = (builder.input(0), builder.input(1), builder.output(0))
    return { call in
      // The sum begins as the operand that does not lie there already.
      let (target, left, right) = (call.floats(output), call.floats(a), call.floats(b))
      if target != left, target != right { target.update(from: left, count: count) }
      Activation.add(
        count: count, addend: target == right ? left : right, target: target, pool: call.pool)
    }
  }
}

extension DropoutMask: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (count, draws) = (builder.inputShape(0).count, draws)
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, step, output) = (builder.input(0), builder.input(1), builder.output(0))
    return { call in
      draws.apply(
        count: count, input: call.floats(input), output: call.floats(output),
        step: Int(call.bytes(step).load(as: Int64.self)), pool: call.pool)
    }
  }
}

extension Tanh: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      Activation.tanh(
        count: count, input: call.floats(input), output: call.floats(output), pool: call.pool)
    }
  }
}

extension TanhGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    builder.unit.leastBytes = 12 * builder.unit.input.count
    let (forward, gradient, target) = (builder.input(0), builder.input(1), builder.output(0))
    return { call in
      Activation.tanhBackward(
        count: count, output: call.floats(forward), outputGradient: call.floats(gradient),
        inputGradient: call.floats(target), pool: call.pool)
    }
  }
}
