import Basics
import Kernels

extension Graph {
  /// The graph with activations in one node each that exporters write as several: SiLU, hard-swish,
  /// Mish, and both forms of GELU.
  ///
  /// - Returns: The graph with fewer nodes.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func recognisingActivations() throws(Problem) -> Graph {
    let patterns = ActivationPatterns(self)
    var (found, isAbsorbed) = ([Int: Node](), [Bool](repeating: false, count: nodes.count))
    for (index, node) in nodes.enumerated() {
      guard let match = patterns.match(index) else { continue }
      found[index] = Node(
        name: node.name, op: Pointwise(match.function), inputs: [match.input],
        outputs: node.outputs)
      for part in match.parts where part != index { isAbsorbed[part] = true }
    }
    guard !found.isEmpty else { return self }
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() where !isAbsorbed[index] {
      rewriter.nodes.append(found[index] ?? node)
    }
    return try rewriter.finish()
  }
}

/// Products of a value with a function of itself.
private struct ActivationPatterns {
  /// What one node can take the place of.
  struct Match {
    var function: PointwiseFunction
    var input: Graph.Value
    /// The nodes that it stands for.
    var parts: [Int]
  }

  /// A value as a number times other values.
  private struct Product {
    var scale = 1.0
    var factors: [Graph.Value]
    /// The nodes that multiply.
    var parts: [Int] = []
  }

  /// Products of products that are followed; longer ones are no activation.
  private static let depth = 6

  private let graph: Graph
  private let producers: [Int?]
  private let readers: [[Int]]
  private let kept: Set<Graph.Value>

  init(_ graph: Graph) {
    (self.graph, producers) = (graph, graph.producers)
    (readers, kept) = (graph.readers, graph.kept)
  }

  /// What a node completes.
  func match(_ index: Int) -> Match? {
    let node = graph.nodes[index]
    guard let op = node.op as? Pairwise, op.function == .multiply || op.function == .divide else {
      return nil
    }
    let product = product(node.outputs[0], isRoot: true)
    guard product.factors.count == 2 else { return nil }
    for (input, gate) in [(0, 1), (1, 0)] {
      let input = product.factors[input]
      if let found = function(input, gate: product.factors[gate], scale: product.scale) {
        return Match(function: found.function, input: input, parts: product.parts + found.parts)
      }
    }
    return nil
  }

  /// The function that is `scale · x` times a gate, if it is one that has a name.
  private func function(
    _ x: Graph.Value, gate: Graph.Value, scale: Double
  ) -> (function: PointwiseFunction, parts: [Int])? {
    guard let (index, op, inputs) = producer(gate) else { return nil }
    switch op {
    case let op as Pointwise where isNear(scale, 1):
      if op.function == .hardSigmoid(slope: 1 / 6, shift: 0.5), inputs[0] == x {
        return (.hardSwish, [index])
      }
      let argument = product(inputs[0])
      guard op.function == .sigmoid, argument.factors == [x] else { return nil }
      return (.swish(scale: Float(argument.scale)), argument.parts + [index])
    case let op as Pointwise where isNear(scale, 1 / 6.0):
      guard op.function == .clip(least: 0, most: 6),
        let (sum, added, inputs) = producer(inputs[0]), let added = added as? Pairwise,
        added.function == .add, added.constant == 3, inputs == [x]
      else { return nil }
      return (.hardSwish, [sum, index])
    case is Tanh where isNear(scale, 1):
      guard let (inner, op, inputs) = producer(inputs[0]), let op = op as? Pointwise,
        op.function == .softplus, inputs[0] == x
      else { return nil }
      return (.mish, [inner, index])
    case let op as Pairwise where isNear(scale, 0.5) && op.function == .add && op.constant == 1:
      guard let (inner, op, inputs) = producer(inputs[0]) else { return nil }
      let argument = product(inputs[0])
      let parts = argument.parts + [inner, index]
      if let op = op as? Pointwise, op.function == .erf, argument.factors == [x],
        isNear(argument.scale, 0.5.squareRoot())
      {
        return (.gelu, parts)
      }
      guard op is Tanh, argument.factors.count == 1,
        isNear(argument.scale, (2 / Double.pi).squareRoot()),
        let (sum, added, terms) = producer(argument.factors[0]), added is Addition,
        let other = terms.first(where: { $0 != x }), terms.contains(x)
      else { return nil }
      let cube = product(other)
      guard cube.factors == [x, x, x], isNear(cube.scale, 0.044715) else { return nil }
      return (.geluByTanh, cube.parts + [sum] + parts)
    default: return nil
    }
  }

  /// The node that gives a value which one other node reads, and nobody outside.
  private func producer(
    _ value: Graph.Value
  ) -> (index: Int, op: any Operator, inputs: [Graph.Value])? {
    guard let index = producers[value.index], !kept.contains(value),
      Set(readers[value.index]).count == 1
    else { return nil }
    return (index, graph.nodes[index].op, graph.nodes[index].inputs)
  }

  /// A value as a product, as far as its parts are read nowhere else.
  private func product(
    _ value: Graph.Value, isRoot: Bool = false, depth: Int = Self.depth
  ) -> Product {
    let whole = Product(factors: [value])
    let found = isRoot ? producers[value.index] : producer(value)?.index
    guard depth > 0, let index = found else { return whole }
    let inputs = graph.nodes[index].inputs
    if let op = graph.nodes[index].op as? Pointwise, case .power(let exponent) = op.function,
      exponent == 2 || exponent == 3
    {
      let factors = [Graph.Value](repeating: inputs[0], count: Int(exponent))
      return Product(factors: factors, parts: [index])
    }
    guard let op = graph.nodes[index].op as? Pairwise,
      op.function == .multiply || (op.function == .divide && op.constant != nil),
      !(op.function == .divide && op.isConstantFirst)
    else { return whole }
    var result = product(inputs[0], depth: depth - 1)
    if let constant = op.constant {
      result.scale = op.function == .divide ? result.scale / constant : result.scale * constant
    } else {
      let other = product(inputs[1], depth: depth - 1)
      result.scale *= other.scale
      result.factors += other.factors
      result.parts += other.parts
    }
    result.parts.append(index)
    return result
  }

  /// Whether two numbers are the same but for the rounding of constants.
  private func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-5 * b }
}
