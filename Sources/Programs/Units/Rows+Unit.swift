import Basics
import Graphs
import Kernels
import Tensors

extension Softmax: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let lines = AxisLines(builder.inputShape(0).dimensions, axis: axis)
    return builder.kernel { [form] call, input, output in
      switch form {
      case .shares, .logarithms:
        RowSoftmax.run(
          lines, takesLogarithms: form == .logarithms, input: input, output: output,
          pool: call.pool)
      case .largest:
        LineExtremes.mark(lines, input: input, output: output, pool: call.pool)
      }
    }
  }
}

extension LayerNormalization: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let length = shape.dimensions[axis...].reduce(1, *)
    let norm = RowNormalization(length: length, epsilon: Float(epsilon), centres: centres)
    let rows = shape.count / length
    let scale = try builder.operand(1)
    let shift = hasShift ? try builder.operand(2) : nil
    let statistics = givesStatistics ? (builder.output(1), builder.output(2)) : nil
    return builder.kernel { call, input, output in
      norm.run(
        rows: rows,
        RowNormalization.Operands(
          input: input, output: output, scale: scale.floats(call), shift: shift?.floats(call),
          means: statistics.map { call.floats($0.0) },
          factors: statistics.map { call.floats($0.1) }),
        pool: call.pool)
    }
  }
}

extension ResponseNormalization: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let lines = AxisLines(builder.inputShape(0).dimensions, axis: axis)
    let response = ChannelResponse(size: size, alpha: alpha, beta: beta, bias: bias)
    return builder.kernel { call, input, output in
      response.run(lines, input: input, output: output, pool: call.pool)
    }
  }
}

extension GroupNormalization: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (channels, area) = parts(shape)
    let norm = GroupNormalizing(
      images: shape.N, channels: channels, groups: groups, area: area,
      isChannelsLast: isChannelsLast, epsilon: Float(epsilon))
    let (scale, shift) = (try builder.operand(1), try builder.operand(2))
    return builder.kernel { call, input, output in
      norm.run(
        input: input, output: output, scale: scale.floats(call), shift: shift.floats(call),
        pool: call.pool)
    }
  }
}

extension SpreadDivision: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let norm = SpreadNormalization(
      measure, lengths: builder.inputShape(0).dimensions, axes: axes)
    return builder.kernel { call, input, output in
      norm.run(input: input, output: output, pool: call.pool)
    }
  }
}
