import Basics
import Formats
import Graphs
import Tensors

/// Builds a graph from the nodes of a model, one after the other.
struct Translator {
  /// The nodes in order.
  let structure: ModelStructure
  /// Items side by side.
  let batch: Int
  /// The version of the model's operators; the newest, as long as none is named.
  var version = Int.max
  /// The graph so far.
  var builder = GraphBuilder()
  /// Where its parameters come from.
  private(set) var weights = ImportedWeights()
  /// The values so far, by their names in the model.
  var known: [String: KnownValue] = [:]
  /// Places of nodes that another one has taken in.
  var taken = Set<Int>()
  /// Bytes in the place of signed ones, larger by 128.
  var raisedBytes = Set<Graph.Value>()
  /// Values in another layout than the one in which they were computed.
  var conversions: [Conversion: Graph.Value] = [:]

  private var names: [ParameterKey: String] = [:]
  private var (parameterNames, nodeNames) = (Set<String>(), Set<String>())
  /// By a name that nodes or parameters wish for, the number from which on another is looked for.
  private var (nextNumbers, nextParameterNumbers) = ([String: Int](), [String: Int]())
  /// Names of values that have to be constants: of operators that run, and of those that do not.
  private(set) var (demands, foldDemands) = (Set<String>(), Set<String>())
  /// Which branch nodes take whose condition is known, by the name of what they give first.
  var branches: [String: Bool] = [:]
  private var (failures, otherFailures) = ([String](), 0)
  private var lost = Set<String>()

  init(_ structure: ModelStructure, batch: Int) {
    (self.structure, self.batch) = (structure, batch)
  }

  /// Translates all nodes.
  ///
  /// - Throws: What cannot be translated, all of it at once.
  mutating func run() throws(Problem) {
    for index in structure.nodes.indices where !taken.contains(index) {
      let node = structure.nodes[index]
      guard lost.isDisjoint(with: node.inputs) else {
        lost.formUnion(node.outputs.filter { !$0.isEmpty })
        continue
      }
      do throws(Problem) {
        try translate(node)
      } catch {
        failures.append("\(node.operation) (\(node.title)) \(error)")
        lost.formUnion(node.outputs.filter { !$0.isEmpty })
      }
    }
    guard failures.isEmpty else { throw .malformed(failureList) }
  }

  /// What could not be translated, in words.
  var failureList: String {
    let more = failures.count > 20 ? "; and \(failures.count - 20) more" : ""
    return failures.prefix(20).joined(separator: "; ") + more
  }

  /// Whether every failed node would do with constants for what is computed.
  var failsByDemandsOnly: Bool { !failures.isEmpty && otherFailures == 0 }

  private mutating func translate(_ node: ModelFile.Node) throws(Problem) {
    let operation = OperatorNode(
      node: node, name: unique(node.title),
      inputs: node.inputs.map { $0.isEmpty ? nil : known[$0] })
    do throws(Problem) {
      try place(outcome(of: operation), of: node)
    } catch {
      note(operation)
      throw error
    }
  }

  /// Notes which inputs of a failed node should have been constants.
  private mutating func note(_ operation: OperatorNode) {
    let places = operation.demands.inputs.union(
      OperatorTable.decidingInputs[operation.node.operation] ?? [])
    let computed = operation.inputs.indices.filter { index in
      if case .placed? = operation.inputs[index] { true } else { false }
    }
    // Whole numbers may be lengths on their way to where they decide something.
    let runs = OperatorTable.rules[operation.node.operation]?.emit != nil
    let few = computed.filter { index in
      guard runs, case .placed(let placed)? = operation.inputs[index] else { return true }
      return !builder[placed.value].type.element.isFloat
    }
    let wanted = computed.filter(places.contains)
    demands.formUnion(wanted.map { operation.node.inputs[$0] })
    foldDemands.formUnion(few.map { operation.node.inputs[$0] })
    otherFailures += wanted.isEmpty && few.isEmpty ? 1 : 0
  }

  private mutating func outcome(of operation: OperatorNode) throws(Problem) -> [KnownValue] {
    guard let rule = OperatorTable.rules[operation.node.operation] else {
      throw .malformed("is not supported")
    }
    if let fold = rule.fold, operation.inputs.allSatisfy({ $0.map { $0.constant != nil } ?? true })
    {
      return try fold(operation, operation.inputs.map { $0?.constant }).map { .constant($0) }
    }
    if let emit = rule.emit { return try emit(&self, operation) }
    throw .malformed("reads values that are computed; supported are constants")
  }

  private mutating func place(
    _ values: [KnownValue], of node: ModelFile.Node
  ) throws(Problem) {
    var results = values
    for (place, name) in node.outputs.enumerated() where structure.isWanted(name) {
      guard place < results.count else {
        throw .malformed("gives \(name), an output that is not supported")
      }
      switch results[place] {
      case .constant(var constant):
        constant.name = name
        results[place] = .constant(constant)
      case .placed(let placed):
        let lengths = lengths(placed.dimensions)
        guard Shape(lengths) != nil else {
          throw .malformed("gives \(lengths), more elements than can be counted")
        }
      }
      // A node that was taken in may have given this value already.
      if known[name] == nil { known[name] = results[place] }
    }
  }

  /// A name that no node of the graph has yet.
  mutating func unique(_ name: String) -> String {
    var (candidate, number) = (name, nextNumbers[name] ?? 2)
    while !nodeNames.insert(candidate).inserted {
      candidate = "\(name)#\(number)"
      number += 1
    }
    nextNumbers[name] = number
    return candidate
  }

  /// The lengths of dimensions, the batch's included.
  func lengths(_ dimensions: [Dimension]) -> [Int] { dimensions.map { $0.length ?? batch } }
}

/// Constants that become parameters.
extension Translator {
  /// What tells one parameter from another.
  private struct ParameterKey: Hashable {
    var parameter: Parameter
    var change: ImportedWeights.Change
  }

  /// The parameter that a constant is to a node.
  ///
  /// - Parameters:
  ///   - constant: Of numbers with a fraction.
  ///   - shape: As the parameter has it.
  ///   - role: What it is to the node.
  ///   - area: Pixels that lie innermost in the model and before the channels in the graph.
  ///   - change: What is done to the constant's elements.
  /// - Returns: The graph's value, one and the same for one and the same use.
  /// - Throws: Elements without a fraction.
  mutating func parameter(
    _ constant: Constant, shape: [Int], role: Parameter.Role, area: Int = 1,
    change: ImportedWeights.Change = ImportedWeights.Change()
  ) throws(Problem) -> Graph.Value {
    guard constant.element.isFloat else {
      throw .malformed("has weights of \(constant.element.name), which are not supported")
    }
    guard Shape(shape) != nil else {
      throw .malformed("has weights of dimensions \(shape), which cannot be")
    }
    var parameter = Parameter(name: constant.name, shape: shape, role: role, area: area)
    if role == .filters { parameter.scales = constant.scales(shape, change) }
    let key = ParameterKey(parameter: parameter, change: change)
    if let name = names[key] {
      parameter.name = name
    } else {
      var number = nextParameterNumbers[constant.name] ?? 2
      while !parameterNames.insert(parameter.name).inserted {
        parameter.name = "\(constant.name)#\(number)"
        number += 1
      }
      nextParameterNumbers[constant.name] = number
      names[key] = parameter.name
      weights.add(parameter, ImportedWeights.Recipe(constant: constant, change: change))
    }
    return builder.parameter(parameter)
  }
}
