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
  /// Values in another layout than the one in which they were computed.
  var conversions: [Conversion: Graph.Value] = [:]

  private var names: [ParameterKey: String] = [:]
  private var (parameterNames, nodeNames) = (Set<String>(), Set<String>())
  private var failures: [String] = []
  private var lost = Set<String>()

  /// Starts with what is given.
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
    guard failures.isEmpty else {
      let more = failures.count > 20 ? "; and \(failures.count - 20) more" : ""
      throw Problem(.malformed, failures.prefix(20).joined(separator: "; ") + more)
    }
  }

  private mutating func translate(_ node: ModelFile.Node) throws(Problem) {
    let operation = OperatorNode(
      node: node, name: unique(node.title), inputs: node.inputs.map { known[$0] })
    guard let rule = OperatorTable.rules[node.operation] else {
      throw Problem(.malformed, "is not supported")
    }
    var results: [KnownValue]
    if let fold = rule.fold, operation.inputs.allSatisfy({ $0.map { $0.constant != nil } ?? true })
    {
      results = try fold(operation, operation.inputs.map { $0?.constant }).map { .constant($0) }
    } else if let emit = rule.emit {
      results = try emit(&self, operation)
    } else {
      throw Problem(.malformed, "reads values that are computed; supported are constants")
    }
    for (place, name) in node.outputs.enumerated() where structure.isWanted(name) {
      guard place < results.count else {
        throw Problem(.malformed, "gives \(name), an output that is not supported")
      }
      switch results[place] {
      case .constant(var constant):
        constant.name = name
        results[place] = .constant(constant)
      case .placed(let placed):
        let lengths = lengths(placed.dimensions)
        guard Shape(lengths) != nil else {
          throw Problem(.malformed, "gives \(lengths), more elements than can be counted")
        }
      }
      // A node that was taken in may have given this value already.
      if known[name] == nil { known[name] = results[place] }
    }
  }

  /// A name that no node of the graph has yet.
  mutating func unique(_ name: String) -> String {
    var (candidate, number) = (name, 2)
    while !nodeNames.insert(candidate).inserted {
      candidate = "\(name)#\(number)"
      number += 1
    }
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
      throw Problem(
        .malformed, "has weights of \(constant.element.name), which are not supported")
    }
    guard Shape(shape) != nil else {
      throw Problem(.malformed, "has weights of dimensions \(shape), which cannot be")
    }
    var parameter = Parameter(name: constant.name, shape: shape, role: role, area: area)
    let key = ParameterKey(parameter: parameter, change: change)
    if let name = names[key] {
      parameter.name = name
    } else {
      var number = 2
      while !parameterNames.insert(parameter.name).inserted {
        parameter.name = "\(constant.name)#\(number)"
        number += 1
      }
      names[key] = parameter.name
      weights.add(parameter, ImportedWeights.Recipe(constant: constant, change: change))
    }
    return builder.parameter(parameter)
  }
}
