import Formats

/// Where values come from, and what becomes of inputs.
extension ModelStructure {
  /// The values that no node gives, on whose elements others depend.
  ///
  /// What only lengths go into depends on no elements.
  ///
  /// - Parameter names: Of any values.
  /// - Returns: Names of inputs and initializers.
  func sources(of names: Set<String>) -> Set<String> {
    guard !names.isEmpty else { return [] }
    var (seen, waiting, found) = (names, Array(names), Set<String>())
    while let name = waiting.popLast() {
      guard let index = producers[name] else {
        found.insert(name)
        continue
      }
      guard !["Shape", "Size"].contains(nodes[index].operation) else { continue }
      waiting += nodes[index].reads.filter { seen.insert($0).inserted }
    }
    return found
  }

  /// Whether an operator that works on images reads a value, or what it is rounded to.
  func readsAsImage(_ name: String) -> Bool {
    var (seen, waiting) = (Set([name]), [name])
    while let value = waiting.popLast() {
      for node in (readers[value] ?? []).map({ nodes[$0] }) {
        if Self.imageOperators.contains(node.operation) { return true }
        guard Self.roundings.contains(node.operation), node.inputs.first == value else { continue }
        waiting += node.outputs.filter { !$0.isEmpty && seen.insert($0).inserted }
      }
    }
    return false
  }

  /// Rows of the smallest table from which the numbers of an input pick, as tokens do.
  ///
  /// - Parameters:
  ///   - name: The input's.
  ///   - tables: Dimensions of initializers, by their names.
  /// - Returns: nil where they pick from none.
  func tableRows(_ name: String, _ tables: [String: [Int]]) -> Int? {
    var (seen, waiting, rows) = (Set([name]), [name], [Int]())
    while let value = waiting.popLast() {
      for node in (readers[value] ?? []).map({ nodes[$0] }) {
        if node.operation == "Gather", node.inputs.count == 2, node.inputs[1] == value,
          let table = tables[node.inputs[0]]
        {
          var axis = 0
          if case .integer(let given)? = node["axis"] { axis = Int(given) }
          if axis < 0 { axis += table.count }
          if table.indices.contains(axis) { rows.append(table[axis]) }
        } else if Self.keepsNumbers.contains(node.operation) {
          waiting += node.outputs.filter { !$0.isEmpty && seen.insert($0).inserted }
        }
      }
    }
    return rows.min().flatMap { $0 > 0 ? $0 : nil }
  }

  private static let keepsNumbers: Set<String> = [
    "Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze",
  ]

  private static let roundings: Set<String> = ["QuantizeLinear", "DequantizeLinear"]

  private static let imageOperators: Set<String> = [
    "Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization",
  ]
}

extension ModelFile.Node {
  /// Names of the values that it reads, and that graphs which it is told read from outside.
  var reads: [String] {
    var names = inputs.filter { !$0.isEmpty }
    for attribute in attributes {
      switch attribute.value {
      case .graph(let graph): names += graph.reads
      case .graphs(let graphs): names += graphs.flatMap(\.reads)
      default: break
      }
    }
    return names
  }
}

extension ModelFile.Graph {
  /// Names of the values that it defines.
  var defined: Set<String> {
    Set(initializers.map(\.name) + inputs.map(\.name) + nodes.flatMap(\.outputs))
  }

  /// Names of the values that it reads and does not define.
  fileprivate var reads: [String] {
    let own = defined
    return (nodes.flatMap(\.reads) + outputs.map(\.name)).filter { !own.contains($0) }
  }
}
