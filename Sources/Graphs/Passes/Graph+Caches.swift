import Basics
import Tensors

extension Graph {
  /// Tokens of an item, where what is told of each follows from those up to it alone, and keys and
  /// values of earlier ones can be kept; nil elsewhere.
  package var causalTokens: Int? {
    var tokens: Int?
    for node in nodes {
      // What tells or remembers places in another way would start anew with every run.
      if node.op is RotaryPositions || node.op is RecurrentLayer { return nil }
      guard let attention = node.op as? HeadAttention else { continue }
      let types = node.inputs.map { self[$0].type.dimensions }
      guard attention.isCausalAlone, types.allSatisfy({ $0.count == 3 && $0[1] == types[0][1] }),
        let own = types[0][1].length, own == tokens ?? own
      else { return nil }
      tokens = own
    }
    return tokens
  }

  /// The graph with all of its attention from caches, for text that grows.
  ///
  /// The caches are inputs, `NAME.keys` and `NAME.values` of each attention, which a run appends to.
  ///
  /// - Parameters:
  ///   - capacity: Tokens of an item that there is room for.
  ///   - continues: Whether its tokens come behind others. Their positions, which follow one another,
  ///     are an input `positions` then, and name the rows of tables that it read from the first on;
  ///     otherwise the first token is at 0.
  /// - Returns: The graph, its other inputs and its outputs as before.
  /// - Throws: `usage` for a graph whose tokens depend on later ones, or whose places come from no
  ///   table.
  package func withCaches(capacity: Int, continues: Bool) throws(Problem) -> Graph {
    guard let tokens = causalTokens else {
      throw Problem(.usage, "it has no attention that hides later tokens, and so no cache")
    }
    var builder = GraphBuilder(self, keepsNodes: false)
    let positions =
      continues ? builder.input("positions", TensorType(.i64, [.fixed(tokens)])) : nil
    var places = values.indices.map { Value($0) }
    var hasTable = false
    for node in nodes {
      let op: any Operator
      var inputs = node.inputs.map { places[$0.index] }
      if let plain = node.op as? HeadAttention {
        let cached = CachedAttention(plain, capacity: capacity, readsPositions: continues)
        inputs += positions.map { [$0] } ?? []
        inputs += try caches(of: node, cached, &builder)
        op = cached
      } else if let positions, readsFirstRows(node, count: tokens) {
        hasTable = true
        inputs.append(positions)
        op = IndexedReading(IndexedAccess(.slices(axis: 0)))
      } else {
        op = node.op
      }
      let outputs = try builder.append(node.name, op, inputs)
      for (old, new) in zip(node.outputs, outputs) { places[old.index] = new }
    }
    guard hasTable || !continues else {
      throw Problem(.usage, "its places come from no table, so it cannot go on behind other tokens")
    }
    for port in outputs { builder.output(port.name, places[port.value.index]) }
    return try builder.graph()
  }

  /// The graph with what its outputs tell of the last token of each item alone, as far as they are
  /// products over each token's floats.
  ///
  /// - Returns: The graph; outputs of another kind are as before.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func answeringLastTokens() throws(Problem) -> Graph {
    let last = Set(outputs.compactMap { producers[$0.value.index] })
    var builder = GraphBuilder(self, keepsNodes: false)
    var places = values.indices.map { Value($0) }
    for (index, node) in nodes.enumerated() {
      var inputs = node.inputs.map { places[$0.index] }
      let dimensions = node.inputs.first.map { self[$0].type.dimensions } ?? []
      if last.contains(index), let product = node.op as? Convolution, product.readsRows,
        !product.epilogue.addsResidual, dimensions.count == 3, let tokens = dimensions[1].length
      {
        let picks = AxisSelection([nil, [tokens - 1], nil])
        inputs[0] = try builder.append("\(node.name).last", picks, [inputs[0]])[0]
      }
      let outputs = try builder.append(node.name, node.op, inputs)
      for (old, new) in zip(node.outputs, outputs) { places[old.index] = new }
    }
    for port in outputs { builder.output(port.name, places[port.value.index]) }
    return try builder.graph()
  }

  /// Adds the inputs for what an attention keeps.
  private func caches(
    of node: Node, _ cached: CachedAttention, _ builder: inout GraphBuilder
  ) throws(Problem) -> [Value] {
    let dimensions = node.inputs.map { self[$0].type.dimensions }
    guard let item = dimensions[0].first, let size = cached.size(dimensions) else {
      throw Problem(.malformed, "\(node.name) has no heads")
    }
    return zip(["keys", "values"], cached.cacheTypes(item: item, size)).map { name, type in
      builder.input("\(node.name).\(name)", type)
    }
  }

  /// Whether a node gives the first rows of a parameter, one for each token.
  private func readsFirstRows(_ node: Node, count: Int) -> Bool {
    guard let selection = node.op as? AxisSelection, let rows = selection.picks.first,
      rows == Array(0..<count), self[node.inputs[0]].parameter != nil
    else { return false }
    return selection.picks.dropFirst().allSatisfy { $0 == nil }
  }
}

extension HeadAttention {
  /// Whether it hides later keys, and does nothing else that a cache would have to know of.
  fileprivate var isCausalAlone: Bool {
    rule.isCausal && rule.cap == 0 && rule.left == nil && rule.right == nil && rule.past == 0
      && !hasMask && !hasPast && !hasKeyCounts && !givesCache && stage == nil
  }
}
