import Basics
import Formats

/// The nodes of a model that its outputs need, each behind those whose values it reads.
struct ModelStructure {
  private(set) var nodes: [ModelFile.Node] = []
  /// By the name of a value, the places of the nodes that read it, once for each time.
  private(set) var readers: [String: [Int]] = [:]
  /// By the name of a value, the place of the node that gives it.
  private(set) var producers: [String: Int] = [:]
  /// Names of the model's outputs.
  let outputs: Set<String>
  /// Names of values that nothing gives.
  private(set) var missing: [String] = []

  /// Orders a graph.
  ///
  /// - Parameter graph: In any order; sorted nodes stay as they are.
  /// - Throws: A value that is given twice, or a cycle.
  init(_ graph: ModelFile.Graph) throws(Problem) {
    outputs = Set(graph.outputs.map(\.name))
    var origins: [String: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard origins.updateValue(index, forKey: output) == nil else {
          throw .malformed("two nodes give the value \(output)")
        }
      }
    }
    var given = Set<String>()
    for tensor in graph.initializers {
      guard given.insert(tensor.name).inserted else {
        throw .malformed("two initializers are called \(tensor.name)")
      }
    }
    var inputs = Set<String>()
    for port in graph.inputs where !inputs.insert(port.name).inserted {
      throw .malformed("two inputs are called \(port.name)")
    }
    given.formUnion(inputs)
    if let twice = given.filter({ origins[$0] != nil }).min() {
      throw .malformed("a node gives the value \(twice), which is given with the model")
    }
    guard outputs.count == graph.outputs.count, !outputs.isEmpty else {
      throw .malformed("the model has no output, or one twice")
    }

    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    var waiting = graph.outputs.map(\.name)
    var lacking = Set<String>()
    while let name = waiting.popLast() {
      if let index = origins[name] {
        guard !isNeeded[index] else { continue }
        isNeeded[index] = true
        waiting += graph.nodes[index].reads
      } else if !given.contains(name) {
        lacking.insert(name)
      }
    }
    missing = lacking.sorted()
    let needed = graph.nodes.indices.filter { isNeeded[$0] }
    nodes = try Self.order(needed, graph.nodes, origins).map { graph.nodes[$0] }
    for (index, node) in nodes.enumerated() {
      for input in node.reads { readers[input, default: []].append(index) }
      for output in node.outputs where !output.isEmpty { producers[output] = index }
    }
  }

  /// Whether anything reads a value.
  func isWanted(_ name: String) -> Bool {
    !name.isEmpty && (readers[name] != nil || outputs.contains(name))
  }

  /// The one node that reads a value once, where nobody outside does.
  func onlyReader(_ name: String) -> Int? {
    guard let readers = readers[name], readers.count == 1, !outputs.contains(name) else {
      return nil
    }
    return readers[0]
  }

  private static func order(
    _ needed: [Int], _ nodes: [ModelFile.Node], _ producers: [String: Int]
  ) throws(Problem) -> [Int] {
    var (pending, followers): ([Int: Int], [Int: [Int]]) = ([:], [:])
    var isSorted = true
    for index in needed {
      let sources = Set(nodes[index].reads.compactMap { producers[$0] })
      pending[index] = sources.count
      for source in sources {
        followers[source, default: []].append(index)
        isSorted = isSorted && source < index
      }
    }
    guard !isSorted else { return needed }
    var ready = needed.filter { pending[$0] == 0 }
    var place = 0
    while place < ready.count {
      for follower in followers[ready[place]] ?? [] {
        let left = (pending[follower] ?? 0) - 1
        pending[follower] = left
        if left == 0 { ready.append(follower) }
      }
      place += 1
    }
    guard ready.count == needed.count else {
      let stuck = needed.first { (pending[$0] ?? 0) > 0 }.map { nodes[$0].title } ?? ""
      throw .malformed("\(stuck) waits for its own output: the graph has a cycle")
    }
    return ready
  }
}

extension ModelFile.Node {
  /// Its name, or what it is and gives.
  var title: String {
    name.isEmpty ? "\(operation) of \(outputs.first ?? "nothing")" : name
  }
}
