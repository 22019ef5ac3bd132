import Basics
import Graphs
import Kernels
import Tensors

extension HeadAttention: CompiledOperator {
  var phase: Program.Phase { .forward }
  var kernelName: String? { "attention.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let dimensions = builder.node.inputs.indices.map {
      builder.inputShape($0).dimensions.map { Dimension.fixed($0) }
    }
    let past = hasPast ? dimensions[pastInput] : []
    guard let size = size(dimensions, past: past) else {
      preconditionFailure("\(builder.node.name) cannot take its inputs")
    }
    var rule = scaledRule(depth: size.depth)
    let pastRows = hasPast ? builder.inputShape(pastInput).dimensions[2] : 0
    rule.past = pastRows
    let isByHeads = dimensions[0].count == 4
    func lie(_ heads: Int, _ rows: Int, _ width: Int, byHeads: Bool) -> Attention.Rows {
      Self.rows(isByHeads: byHeads, heads: heads, rows: rows, width: width)
    }
    let new = size.keys - pastRows
    let given = (
      lie(size.keyHeads, new, size.depth, byHeads: isByHeads),
      lie(size.keyHeads, new, size.width, byHeads: isByHeads)
    )
    let cached = givesCache || isByHeads
    let attention = Attention(
      size, rule,
      rows: (
        lie(size.heads, size.queries, size.depth, byHeads: isByHeads),
        lie(size.keyHeads, size.keys, size.depth, byHeads: cached),
        lie(size.keyHeads, size.keys, size.width, byHeads: cached),
        lie(size.heads, size.queries, size.width, byHeads: isByHeads)
      ), threads: builder.threads)
    builder.workspaceCount = attention.workspaceCount
    builder.count(attention.macs)

    let queries = try builder.operand(0)
    let (keys, values) = (try builder.operand(1), try builder.operand(2))
    let mask = hasMask ? try maskOperand(builder) : nil
    let earlier =
      hasPast
      ? (try builder.operand(pastInput), try builder.operand(pastInput + 1)) : nil
    let counts = hasKeyCounts ? builder.input(countInput) : nil
    let cache = givesCache ? (builder.output(1), builder.output(2)) : nil
    let scores = stage == nil ? nil : builder.output(scoreOutput)
    let output = builder.output(0)
    return { [stage] call in
      var (k, v) = (keys.floats(call), values.floats(call))
      if let cache {
        let (allKeys, allValues) = (call.floats(cache.0), call.floats(cache.1))
        AttentionCache.join(
          size, width: size.depth, past: earlier?.0.floats(call), pastRows: pastRows, new: k,
          rows: given.0, to: allKeys, pool: call.pool)
        AttentionCache.join(
          size, width: size.width, past: earlier?.1.floats(call), pastRows: pastRows, new: v,
          rows: given.1, to: allValues, pool: call.pool)
        (k, v) = (UnsafePointer(allKeys), UnsafePointer(allValues))
      }
      var operands = Attention.Operands(
        queries: queries.floats(call), keys: k, values: v, output: call.floats(output))
      operands.mask = mask?(call)
      operands.keyCounts = counts.map {
        UnsafePointer(call.bytes($0).assumingMemoryBound(to: Int64.self))
      }
      operands.scores = scores.map { call.floats($0) }
      operands.stage = stage ?? .products
      attention.run(operands, workspace: call.workspace, pool: call.pool)
    }
  }

  /// Where the mask is in a run, and how it repeats.
  func maskOperand(
    _ builder: UnitBuilder
  ) throws(Problem) -> (UnitCall) -> AttentionMask {
    let own = builder.inputShape(3).dimensions
    let lengths = [Int](repeating: 1, count: 4 - own.count) + own
    func step(_ axis: Int) -> Int {
      lengths[axis] == 1 ? 0 : lengths[(axis + 1)...].reduce(1, *)
    }
    let strides = (item: step(0), head: step(1), query: step(2), key: 1)
    let place = builder.input(3)
    if masksByFlags {
      return { call in
        AttentionMask(
          .flags(UnsafePointer(call.bytes(place).assumingMemoryBound(to: UInt8.self))),
          strides: strides, keys: lengths[3])
      }
    }
    let floats = try builder.operand(3)
    return { call in
      AttentionMask(.floats(floats.floats(call)), strides: strides, keys: lengths[3])
    }
  }
}
