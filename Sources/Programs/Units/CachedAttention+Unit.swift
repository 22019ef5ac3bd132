import Basics
import Graphs
import Kernels
import Tensors

extension CachedAttention: CompiledOperator {
  var phase: Program.Phase { .forward }
  var kernelName: String? { readsPositions ? "attention.f32.step" : "attention.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let dimensions = (0..<3).map { index in
      builder.inputShape(index).dimensions.map { Dimension.fixed($0) }
    }
    guard let size = size(dimensions) else {
      preconditionFailure("\(builder.node.name) cannot take its inputs")
    }
    return positionInput == nil ? prompt(size, builder) : step(size, builder)
  }

  /// A few tokens behind those so far.
  private func step(_ size: Attention.Size, _ builder: UnitBuilder) -> Kernel {
    let step = AttentionStep(
      batch: size.batch, heads: heads, rows: size.queries, layout: layout(size),
      scale: factor(size), threads: builder.threads)
    builder.workspaceCount = step.workspaceCount
    builder.count(step.macs)
    let (queries, keys, values) = (builder.input(0), builder.input(1), builder.input(2))
    let positions = builder.input(3)
    let (cachedKeys, cachedValues) = (builder.input(cacheInput), builder.input(cacheInput + 1))
    let output = builder.output(0)
    return { call in
      step.run(
        AttentionStep.Operands(
          queries: call.floats(queries), keys: call.floats(keys), values: call.floats(values),
          cachedKeys: call.floats(cachedKeys), cachedValues: call.floats(cachedValues),
          output: call.floats(output)),
        position: Int(call.bytes(positions).load(as: Int64.self)), workspace: call.workspace,
        pool: call.pool)
    }
  }

  /// The first tokens of a text, all at once: nothing is cached before them.
  private func prompt(_ size: Attention.Size, _ builder: UnitBuilder) -> Kernel {
    var rule = Attention.Rule(scale: factor(size))
    rule.isCausal = true
    func lie(_ heads: Int, _ width: Int) -> Attention.Rows {
      HeadAttention.rows(isByHeads: false, heads: heads, rows: size.queries, width: width)
    }
    let attention = Attention(
      size, rule,
      rows: (
        lie(heads, size.depth), lie(keyHeads, size.depth), lie(keyHeads, size.width),
        lie(heads, size.width)
      ), threads: builder.threads)
    builder.workspaceCount = attention.workspaceCount
    builder.count(attention.macs)
    let layout = layout(size)
    let (queries, keys, values) = (builder.input(0), builder.input(1), builder.input(2))
    let (cachedKeys, cachedValues) = (builder.input(cacheInput), builder.input(cacheInput + 1))
    let output = builder.output(0)
    return { call in
      layout.fill(
        batch: size.batch, rows: size.keys, keys: call.floats(keys), values: call.floats(values),
        toKeys: call.floats(cachedKeys), values: call.floats(cachedValues), pool: call.pool)
      attention.run(
        Attention.Operands(
          queries: call.floats(queries), keys: call.floats(keys), values: call.floats(values),
          output: call.floats(output)),
        workspace: call.workspace, pool: call.pool)
    }
  }
}
