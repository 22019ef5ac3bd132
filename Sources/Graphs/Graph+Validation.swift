extension Graph {
  /// Refuses values that do not exist and names that stand twice.
  func checkReferences() throws(GraphError) {
    func check(_ value: Value, _ what: String) throws(GraphError) {
      guard values.indices.contains(value.index) else {
        throw GraphError("\(what) names value \(value.index), which does not exist")
      }
    }
    for node in nodes {
      guard !node.outputs.isEmpty else { throw GraphError("\(node.name) gives nothing") }
      for value in node.inputs + node.outputs { try check(value, node.name) }
    }
    for port in inputs + outputs { try check(port.value, port.name) }
    for update in updates {
      try check(update.parameter, "an update")
      try check(update.value, "an update")
      guard self[update.parameter].parameter != nil else {
        throw GraphError("\(self[update.parameter].name) is updated, but is no parameter")
      }
    }
    guard Set(updates.map(\.parameter)).count == updates.count else {
      throw GraphError("a parameter is updated twice")
    }
    guard !outputs.isEmpty else { throw GraphError("the graph has no output") }
    for (ports, kind) in [(inputs, "input"), (outputs, "output")] {
      var seen = Set<String>()
      for port in ports where !seen.insert(port.name).inserted {
        throw GraphError("two \(kind)s are called \(port.name)")
      }
    }
    guard Set(inputs.map(\.value)).count == inputs.count else {
      throw GraphError("a value is two inputs at once")
    }
    var names = Set<String>()
    for name in values.compactMap(\.parameter?.name) where !names.insert(name).inserted {
      throw GraphError("two parameters are called \(name); nodes that share one read one value")
    }
  }

  /// Refuses values that come from nowhere, or from two places.
  func checkProducers() throws(GraphError) {
    var source = [String?](repeating: nil, count: values.count)
    func produce(_ value: Value, _ by: String) throws(GraphError) {
      if let other = source[value.index] {
        throw GraphError("\(self[value].name) is given by \(other) and by \(by)")
      }
      source[value.index] = by
    }
    for port in inputs { try produce(port.value, "input \(port.name)") }
    for (index, value) in values.enumerated() where value.parameter != nil {
      try produce(Value(index), "the weights")
    }
    for node in nodes {
      for value in node.outputs { try produce(value, node.name) }
    }
    for (index, value) in values.enumerated() where source[index] == nil {
      throw GraphError("nothing gives \(value.name)")
    }
  }

  /// Refuses values that nothing reads; a node may give more than is wanted, but not only that.
  func checkReaders() throws(GraphError) {
    var isRead = [Bool](repeating: false, count: values.count)
    for value in nodes.flatMap(\.inputs) + outputs.map(\.value) + updates.map(\.value) {
      isRead[value.index] = true
    }
    for node in nodes where node.outputs.contains(where: { isRead[$0.index] }) {
      for value in node.outputs { isRead[value.index] = true }
    }
    for (index, value) in values.enumerated() where !isRead[index] {
      throw GraphError("nothing reads \(value.name)")
    }
  }

  /// The nodes, each behind those whose values it reads.
  ///
  /// Throws a sentence for a cycle.
  func ordered() throws(GraphError) -> [Node] {
    var isKnown = [Bool](repeating: true, count: values.count)
    for value in nodes.flatMap(\.outputs) { isKnown[value.index] = false }
    var (waiting, result) = (nodes, [Node]())
    while !waiting.isEmpty {
      var later: [Node] = []
      for node in waiting {
        if node.inputs.allSatisfy({ isKnown[$0.index] }) {
          for value in node.outputs { isKnown[value.index] = true }
          result.append(node)
        } else {
          later.append(node)
        }
      }
      guard later.count < waiting.count else {
        throw GraphError("\(later[0].name) waits for its own output: the graph has a cycle")
      }
      waiting = later
    }
    return result
  }

  /// Refuses nodes whose outputs are not what their operators give.
  func checkTypes() throws(GraphError) {
    for value in values where value.type.countPerImage == nil {
      throw GraphError("\(value.name): \(value.type) has a length below 1 or too many elements")
    }
    for node in nodes {
      let types: [TensorType]
      do throws(GraphError) {
        types = try node.op.outputs(inputTypes(node))
      } catch {
        throw GraphError("\(node.name): \(error)")
      }
      guard types == node.outputs.map({ self[$0].type }) else {
        throw GraphError("\(node.name) gives \(types), not \(node.outputs.map { self[$0].type })")
      }
    }
    for update in updates where self[update.parameter].type != self[update.value].type {
      throw GraphError("\(self[update.parameter].name) cannot become \(self[update.value].type)")
    }
  }
}
