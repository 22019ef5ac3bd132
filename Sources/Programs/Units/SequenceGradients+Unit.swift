import Basics
import Graphs
import Kernels
import Tensors

extension HeadAttentionGradient: CompiledOperator {
  var phase: Program.Phase { .backwardData }
  var kernelName: String? { "attention-gradient.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let dimensions = (0..<3).map { builder.inputShape($0).dimensions.map { Dimension.fixed($0) } }
    guard let size = attention.size(dimensions, past: []) else {
      preconditionFailure("\(builder.node.name) cannot take its inputs")
    }
    let gradient = AttentionGradient(
      size, attention.scaledRule(depth: size.depth),
      rows: HeadAttention.rows(of: size, isByHeads: dimensions[0].count == 4),
      threads: builder.threads)
    builder.workspaceCount = gradient.workspaceCount
    let groups = Double(builder.unit.output.count / builder.outputShape(0).count)
    builder.unit.directFLOPs = groups * gradient.macs.flops
    builder.unit.executedFLOPs = groups * gradient.executedFLOPs
    let (queries, keys, values) = (builder.input(0), builder.input(1), builder.input(2))
    let mask = attention.hasMask ? try attention.maskOperand(builder) : nil
    let output = builder.input(builder.node.inputs.count - 1)
    let (byQueries, byKeys, byValues) = (builder.output(0), builder.output(1), builder.output(2))
    return { call in
      var operands = AttentionGradient.Operands(
        queries: call.floats(queries), keys: call.floats(keys), values: call.floats(values),
        outputGradient: call.floats(output), queryGradient: call.floats(byQueries),
        keyGradient: call.floats(byKeys), valueGradient: call.floats(byValues))
      operands.mask = mask?(call)
      gradient.run(operands, workspace: call.workspace, pool: call.pool)
    }
  }
}

extension LayerNormalizationGradient: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (length, rows) = (
      builder.inputShape(1).count, builder.inputShape(0).count / builder.inputShape(1).count
    )
    let gradient = RowNormalizationGradient(
      RowNormalization(length: length, epsilon: Float(norm.epsilon), centres: norm.centres),
      threads: builder.threads)
    builder.workspaceCount = gradient.workspaceCount
    let (scale, output) = (try builder.operand(1), builder.input(2))
    let byScale = builder.output(1)
    let byShift = norm.hasShift ? builder.output(2) : nil
    return builder.kernel { call, input, target in
      gradient.run(
        rows: rows,
        RowNormalizationGradient.Operands(
          input: input, scale: scale.floats(call), outputGradient: call.floats(output),
          inputGradient: target, scaleGradient: call.floats(byScale),
          shiftGradient: byShift.map { call.floats($0) }),
        workspace: call.workspace, pool: call.pool)
    }
  }
}

extension PointwiseGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (count, output) = (builder.inputShape(0).count, builder.input(1))
    let isByTanh = function == .geluByTanh
    precondition(isByTanh || function == .gelu, "\(function) has no gradient")
    if builder.element(0) == .bf16 {
      return builder.bfloat16Kernel("rows.bf16.gelu-gradient") { call, input, target in
        BFloat16Rows.geluBackward(
          count: count, isByTanh: isByTanh, input: input,
          outputGradient: UnsafePointer(call.bfloats(output)), inputGradient: target,
          pool: call.pool)
      }
    }
    return builder.kernel { call, input, target in
      Activation.geluBackward(
        count: count, isByTanh: isByTanh, input: input, outputGradient: call.floats(output),
        inputGradient: target, pool: call.pool)
    }
  }
}

extension IndexedReadingGradient: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let indices = try access.indices(builder, at: 0)
    let (updates, output) = (builder.input(gradientInput), builder.output(0))
    let shape = builder.outputShape(0)
    let places = access.places(shape, indices.shape)
    // What no index names is not touched where there is a derivative already.
    let touched = builder.inputShape(gradientInput).count
    builder.unit.leastBytes = 4 * (accumulates ? 3 * touched : touched + shape.count)
    return { [accumulates] call in
      IndexedSum.add(
        places, indices: IndexList(indices.source.bytes(call), isWide: indices.isWide),
        total: shape.count, accumulates: accumulates, updates: call.floats(updates),
        output: call.floats(output), pool: call.pool)
    }
  }
}

extension TokenCrossEntropy: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let rows = shape.count / shape.C
    let compute = TokenLoss(classes: shape.C, smoothing: smoothing, ignored: ignored)
    let (logits, labels) = (builder.input(0), builder.input(1))
    let (loss, gradient) = (builder.output(0), builder.output(1))
    // A number of 64 bits for each row.
    builder.workspaceCount = 2 * rows
    return { call in
      let losses = UnsafeMutableRawPointer(call.workspace)
        .bindMemory(to: Double.self, capacity: rows)
      let value = compute.compute(
        rows: rows, logits: call.floats(logits),
        labels: UnsafePointer(call.bytes(labels).assumingMemoryBound(to: Int64.self)),
        gradient: call.floats(gradient), losses: losses, pool: call.pool)
      call.bytes(loss).storeBytes(of: value, as: Double.self)
    }
  }
}
