import Basics
import Kernels
import Tensors

extension Graph {
  /// The graph with layers on bfloat16, and with what stands between them.
  ///
  /// Convolutions and fully connected layers read bfloat16, but for those that have one filter a
  /// channel. What they give is bfloat16 where such a layer reads it again, also through pools, sums,
  /// concatenations and activations, which then are on bfloat16 too; else it stays float32, as all
  /// others do. Casts stand where types meet, one for all readers of a value.
  ///
  /// - Returns: The graph with more nodes; parameters, inputs and outputs are the same.
  /// - Throws: Nothing for a sound graph with epilogues fused; what a broken operator would break.
  package func castingToBFloat16() throws(Problem) -> Graph {
    var casting = BFloat16Casting(self)
    return try casting.run()
  }

  /// Layers on bfloat16, and all layers.
  package var bfloat16LayerCounts: (onBFloat16: Int, all: Int) {
    let own = nodes.count { $0.op is BFloat16Convolution }
    return (own, own + layerCounts.all)
  }
}

/// A graph in which some values become bfloat16.
private struct BFloat16Casting {
  private let graph: Graph
  /// Whether a layer reads and multiplies bfloat16, by its node's index.
  private let isLayer: [Bool]
  /// Whether a value is kept as bfloat16, by its index.
  private let isRounded: [Bool]
  private var builder: GraphBuilder
  /// Values as they are now, as bfloat16 and as float32, by those of the graph as it was.
  private var rounded: [Graph.Value: Graph.Value] = [:]
  private var floats: [Graph.Value: Graph.Value] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    builder = GraphBuilder(graph, keepsNodes: false)
    let isLayer = graph.nodes.map { Self.isLayer($0, in: graph) }
    self.isLayer = isLayer
    // What could be bfloat16, from the first node on; of that, what is wanted so, from the last on.
    var canBe = [Bool](repeating: false, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      canBe[node.outputs[0].index] =
        isLayer[index] || (node.op.takesBFloat16 && node.inputs.allSatisfy { canBe[$0.index] })
    }
    let (readers, kept) = (graph.readers, graph.kept)
    var isWanted = [Bool](repeating: false, count: graph.values.count)
    for node in graph.nodes.reversed() {
      let value = node.outputs[0]
      guard canBe[value.index], !kept.contains(value) else { continue }
      isWanted[value.index] = readers[value.index].contains { reader in
        let next = graph.nodes[reader]
        guard isLayer[reader] else { return isWanted[next.outputs[0].index] }
        let residual = (next.op as? Convolution)?.residualInput
        return next.inputs[0] == value || residual.map { next.inputs[$0] == value } ?? false
      }
    }
    isRounded = isWanted
  }

  /// Whether all but the images and a residual are the same in each run, and channels meet in sums.
  private static func isLayer(_ node: Graph.Node, in graph: Graph) -> Bool {
    guard let layer = node.op as? Convolution, graph[node.inputs[0]].parameter == nil,
      let channels = graph[node.inputs[0]].type.dimensions.last?.length
    else { return false }
    let fixed = [1] + (layer.biasInput.map { [$0] } ?? []) + Array(layer.normInputs)
    return fixed.allSatisfy { graph[node.inputs[$0]].parameter != nil }
      && (layer.groups == 1 || channels > layer.groups)
  }

  mutating func run() throws(Problem) -> Graph {
    for (index, node) in graph.nodes.enumerated() {
      let output = node.outputs[0]
      if isLayer[index], let layer = node.op as? Convolution {
        var inputs = node.inputs
        inputs[0] = try asBFloat16(inputs[0])
        if let place = layer.residualInput {
          let added = inputs[place]
          inputs[place] = try isRounded[added.index] ? asBFloat16(added) : asFloats(added)
        }
        let isKept = isRounded[output.index]
        let op = BFloat16Convolution(layer, output: isKept ? .bf16 : .f32)
        if isKept {
          rounded[output] = try builder.append(node.name, op, inputs)[0]
        } else {
          builder.append(
            Graph.Node(name: node.name, op: op, inputs: inputs, outputs: node.outputs))
        }
      } else if isRounded[output.index] {
        var inputs: [Graph.Value] = []
        for input in node.inputs { inputs.append(try asBFloat16(input)) }
        rounded[output] = try builder.append(node.name, node.op, inputs)[0]
      } else {
        var node = node
        for place in node.inputs.indices { node.inputs[place] = try asFloats(node.inputs[place]) }
        builder.append(node)
      }
    }
    for port in graph.outputs {
      let value = try asFloats(port.value)
      builder.output(port.name, value)
    }
    for update in graph.updates { builder.update(update.parameter, to: update.value) }
    return try builder.graph()
  }

  /// A value as bfloat16, rounded where it is not kept so.
  private mutating func asBFloat16(_ value: Graph.Value) throws(Problem) -> Graph.Value {
    if let known = rounded[value] { return known }
    let name = "\(graph[value].name).bf16"
    let result = try builder.append(name, ElementCast(to: .bf16), [value])[0]
    rounded[value] = result
    return result
  }

  /// A value as it was, widened where it is kept as bfloat16.
  private mutating func asFloats(_ value: Graph.Value) throws(Problem) -> Graph.Value {
    guard isRounded[value.index], let source = rounded[value] else { return value }
    if let known = floats[value] { return known }
    let name = "\(graph[value].name).f32"
    let result = try builder.append(name, ElementCast(to: .f32), [source])[0]
    floats[value] = result
    return result
  }
}

extension Operator {
  /// Whether it has a kernel for values of bfloat16 that gives one value of these.
  fileprivate var takesBFloat16: Bool {
    switch self {
    case let pool as MaxPooling: !pool.givesPositions
    case is AveragePooling, is AdaptiveAveragePooling, is Addition, is ReLU, is Concatenation,
      is Reshape:
      true
    default: false
    }
  }
}
