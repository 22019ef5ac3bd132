import Basics

extension Graph {
  /// Refuses values that do not exist and names that stand twice.
  func checkReferences() throws(Problem) {
    func check(_ value: Value, _ what: String) throws(Problem) {
      guard values.indices.contains(value.index) else {
        throw Problem(.malformed, "\(what) names value \(value.index), which does not exist")
      }
    }
    for node in nodes {
      guard !node.outputs.isEmpty else { throw Problem(.malformed, "\(node.name) gives nothing") }
      for value in node.inputs + node.outputs { try check(value, node.name) }
    }
    for port in inputs + outputs { try check(port.value, port.name) }
    for update in updates {
      try check(update.parameter, "an update")
      try check(update.value, "an update")
      guard self[update.parameter].parameter != nil else {
        throw Problem(.malformed, "\(self[update.parameter].name) is updated, but is no parameter")
      }
    }
    guard Set(updates.map(\.parameter)).count == updates.count else {
      throw Problem(.malformed, "a parameter is updated twice")
    }
    guard !outputs.isEmpty else { throw Problem(.malformed, "the graph has no output") }
    for (ports, kind) in [(inputs, "input"), (outputs, "output")] {
      var seen = Set<String>()
      for port in ports where !seen.insert(port.name).inserted {
        throw Problem(.malformed, "two \(kind)s are called \(port.name)")
      }
    }
    guard Set(inputs.map(\.value)).count == inputs.count else {
      throw Problem(.malformed, "a value is two inputs at once")
    }
    var names = Set<String>()
    for name in values.compactMap(\.parameter?.name) where !names.insert(name).inserted {
      throw Problem(
        .malformed, "two parameters are called \(name); nodes that share one read one value")
    }
  }

  /// Refuses values that come from nowhere, or from two places.
  func checkProducers() throws(Problem) {
    var source = [String?](repeating: nil, count: values.count)
    func produce(_ value: Value, _ by: String) throws(Problem) {
      if let other = source[value.index] {
        throw Problem(.malformed, "\(self[value].name) is given by \(other) and by \(by)")
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
      throw Problem(.malformed, "nothing gives \(value.name)")
    }
  }

  /// Refuses values that nothing reads; a node may give more than is wanted, but not only that.
  func checkReaders() throws(Problem) {
    var isRead = [Bool](repeating: false, count: values.count)
    for value in nodes.flatMap(\.inputs) + outputs.map(\.value) + updates.map(\.value) {
      isRead[value.index] = true
    }
    for node in nodes where node.outputs.contains(where: { isRead[$0.index] }) {
      for value in node.outputs { isRead[value.index] = true }
    }
    for (index, value) in values.enumerated() where !isRead[index] {
      throw Problem(.malformed, "nothing reads \(value.name)")
    }
  }

  /// The nodes, each behind those whose values it reads.
  ///
  /// Throws a sentence for a cycle.
  func ordered() throws(Problem) -> [Node] {
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
        throw Problem(
          .malformed, "\(later[0].name) waits for its own output: the graph has a cycle")
      }
      waiting = later
    }
    return result
  }

  /// Refuses nodes whose outputs are not what their operators give.
  func checkTypes() throws(Problem) {
    for value in values where value.type.countPerImage == nil {
      throw Problem(
        .malformed, "\(value.name): \(value.type) has a length below 1 or too many elements")
    }
    for node in nodes {
      let types: [TensorType]
      do throws(Problem) {
        types = try node.op.outputs(inputTypes(node))
      } catch {
        throw Problem(.malformed, "\(node.name): \(error)")
      }
      guard types == node.outputs.map({ self[$0].type }) else {
        throw Problem(
          .malformed, "\(node.name) gives \(types), not \(node.outputs.map { self[$0].type })")
      }
    }
    for update in updates where self[update.parameter].type != self[update.value].type {
      throw Problem(
        .malformed, "\(self[update.parameter].name) cannot become \(self[update.value].type)")
    }
  }
}
