import Basics
import Kernels
import Tensors

extension Graph {
  /// The graph of a training step with layers on bfloat16, and with what stands between them.
  ///
  /// Layers whose windows are plain and whose filters are parameters multiply bfloat16 in all three
  /// passes; the derivatives of any other product are float32 as it is itself. Activations and their
  /// derivatives are bfloat16 from one layer to the next, through norms, pools, sums, ReLU, GELU and
  /// dropout. Parameters, their derivatives, statistics, losses and the update stay float32, and so does
  /// all that has no kernel for bfloat16. Casts stand where types meet, one for all readers of a value.
  ///
  /// - Returns: The graph with more nodes; parameters, inputs, outputs and updates are the same.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func castingStepToBFloat16() throws(Problem) -> Graph {
    var casting = StepCasting(self)
    return try casting.run()
  }
}

/// How a node of a step computes on bfloat16.
private enum BFloat16Form {
  /// A layer's product, which reads some of its inputs as bfloat16 whatever they are kept as; the type of
  /// what it gives is chosen, or is float32.
  case layer(reads: [Int])
  /// What gives what it reads: bfloat16 where its inputs are kept so and its results are wanted so.
  case follower(op: any Operator, reads: [Int], gives: [Int])
  /// What gives float32 of either.
  case reader(reads: [Int])
}

/// A training step in which some values become bfloat16.
private struct StepCasting {
  private let graph: Graph
  /// How nodes compute on bfloat16; nil for those that cannot.
  private let forms: [BFloat16Form?]
  /// Whether a value is kept as bfloat16, by its index.
  private let isRounded: [Bool]
  private var builder: GraphBuilder
  /// Values as they are now, as bfloat16 and as anything else, by those of the graph as it was.
  private var rounded: [Graph.Value: Graph.Value] = [:]
  private var plain: [Graph.Value: Graph.Value] = [:]
  /// Values of the graph as it was that are computed as bfloat16 alone.
  private var isReplaced: Set<Graph.Value> = []

  init(_ graph: Graph) {
    self.graph = graph
    builder = GraphBuilder(graph, keepsNodes: false)
    let layers = RoundedLayers(graph)
    let forms = graph.nodes.map { $0.bfloat16Form(in: graph, layers) }
    self.forms = forms
    // What could be bfloat16, from the first node on; of that, what is wanted so, from the last on.
    var canBe = [Bool](repeating: false, count: graph.values.count)
    for (node, form) in zip(graph.nodes, forms) {
      switch form {
      case .layer?: canBe[node.outputs[0].index] = !(node.op is FilterGradient)
      case .follower(_, let reads, let gives)?:
        let follows = reads.allSatisfy { canBe[node.inputs[$0].index] }
        for place in gives { canBe[node.outputs[place].index] = follows }
      case .reader?, nil: continue
      }
    }
    let kept = graph.kept
    var isWanted = [Bool](repeating: false, count: graph.values.count)
    for (node, form) in zip(graph.nodes, forms).reversed() {
      func want(_ places: [Int]) {
        for place in places {
          let value = node.inputs[place]
          if canBe[value.index], !kept.contains(value) { isWanted[value.index] = true }
        }
      }
      switch form {
      case .layer(let reads)?:
        want(reads)
        // What is added to the sums has their type, where that can be chosen.
        if isWanted[node.outputs[0].index], let added = node.op.addedInput { want([added]) }
      case .follower(_, let reads, let gives)?:
        if gives.contains(where: { isWanted[node.outputs[$0].index] }) { want(reads) }
      case .reader?, nil: continue
      }
    }
    isRounded = isWanted
  }

  mutating func run() throws(Problem) -> Graph {
    for (node, form) in zip(graph.nodes, forms) {
      let isKept = node.outputs.contains { isRounded[$0.index] }
      switch form {
      case .layer(let reads)?: try appendLayer(node, reads)
      case .follower(let op, let reads, _)? where isKept: try append(node, op, reads)
      case .reader(let reads)? where reads.allSatisfy({ isReplaced.contains(node.inputs[$0]) }):
        try append(node, node.op, reads)
      default:
        var same = node
        for place in node.inputs.indices { same.inputs[place] = try asPlain(node.inputs[place]) }
        builder.append(same)
      }
    }
    for port in graph.outputs {
      let value = try asPlain(port.value)
      builder.output(port.name, value)
    }
    for update in graph.updates {
      builder.update(update.parameter, to: plain[update.value] ?? update.value)
    }
    return try builder.graph()
  }

  /// Appends a layer's product, with what it reads as bfloat16.
  private mutating func appendLayer(_ node: Graph.Node, _ reads: [Int]) throws(Problem) {
    let isKept = isRounded[node.outputs[0].index]
    let added = node.op.addedInput
    let op: any Operator
    switch node.op {
    case let layer as Convolution: op = BFloat16Convolution(layer, output: isKept ? .bf16 : .f32)
    case let gradient as ImageGradient:
      op = BFloat16ImageGradient(gradient, output: isKept ? .bf16 : .f32)
    case let gradient as FilterGradient: op = BFloat16FilterGradient(gradient)
    default: preconditionFailure("\(node.name) is no layer")
    }
    try append(node, op, isKept && added != nil ? reads + [added ?? 0] : reads)
  }

  /// Appends a node whose inputs at some places are bfloat16.
  private mutating func append(
    _ node: Graph.Node, _ op: any Operator, _ reads: [Int]
  ) throws(Problem) {
    var inputs = node.inputs
    for place in inputs.indices {
      inputs[place] =
        try reads.contains(place) ? asBFloat16(node.inputs[place]) : asPlain(node.inputs[place])
    }
    let outputs = try builder.append(node.name, op, inputs)
    for (old, new) in zip(node.outputs, outputs) {
      if builder[new].type.element == .bf16 {
        rounded[old] = new
        isReplaced.insert(old)
      } else {
        plain[old] = new
      }
    }
  }

  /// A value as bfloat16, rounded where it is not computed so.
  private mutating func asBFloat16(_ value: Graph.Value) throws(Problem) -> Graph.Value {
    if let known = rounded[value] { return known }
    let source = plain[value] ?? value
    let name = "\(graph[value].name).bf16"
    let result = try builder.append(name, ElementCast(to: .bf16), [source])[0]
    rounded[value] = result
    return result
  }

  /// A value as it was, widened where it is computed as bfloat16.
  private mutating func asPlain(_ value: Graph.Value) throws(Problem) -> Graph.Value {
    if let known = plain[value] { return known }
    guard isReplaced.contains(value), let source = rounded[value] else { return value }
    let name = "\(graph[value].name).f32"
    let result = try builder.append(name, ElementCast(to: .f32), [source])[0]
    plain[value] = result
    return result
  }
}

/// The layers of a step that multiply bfloat16 in their forward passes.
private struct RoundedLayers {
  /// What they read, by their names, which their derivatives have too.
  private let inputs: [String: [[Graph.Value]]]

  init(_ graph: Graph) {
    let layers = graph.nodes.filter { $0.isRoundedLayer(in: graph) }
    inputs = Dictionary(grouping: layers, by: \.name).mapValues { $0.map(\.inputs) }
  }

  /// Whether one of a name reads a value, images at 0 or filters at 1.
  func contains(_ name: String, reading value: Graph.Value, at place: Int) -> Bool {
    inputs[name]?.contains { $0[place] == value } ?? false
  }
}

extension Graph.Node {
  /// How it computes on bfloat16; nil where it cannot.
  fileprivate func bfloat16Form(in graph: Graph, _ layers: RoundedLayers) -> BFloat16Form? {
    switch op {
    case is Convolution: return isRoundedLayer(in: graph) ? .layer(reads: [0]) : nil
    case let gradient as ImageGradient:
      return gradient.convolution.isPlain && layers.contains(name, reading: inputs[1], at: 1)
        && graph[inputs[0]].parameter == nil
        ? .layer(reads: [0]) : nil
    case let gradient as FilterGradient:
      return gradient.convolution.isPlain && layers.contains(name, reading: inputs[0], at: 0)
        && graph[inputs[1]].parameter == nil
        ? .layer(reads: [0, 1]) : nil
    case let norm as TrainedBatchNormalization:
      return .follower(
        op: norm, reads: [0] + (norm.residualInput.map { [$0] } ?? []), gives: [0])
    case let norm as BatchNormalizationGradient:
      return .follower(
        op: norm, reads: [0, 1] + (norm.readsOutput ? [5] : []),
        gives: [0] + (norm.readsOutput ? [3] : []))
    case is BiasSum: return .reader(reads: [0])
    case is Addition, is Concatenation:
      return .follower(op: op, reads: Array(inputs.indices), gives: [0])
    case is ReLUGradient, is PointwiseGradient:
      return .follower(op: op, reads: [0, 1], gives: [0])
    case is ReLU, is Reshape, is AveragePooling, is AdaptiveAveragePooling, is MaxPooling,
      is DropoutMask, is ChannelSlice:
      return .follower(op: op, reads: [0], gives: [0])
    case let function as Pointwise where function.function.derivative(at: 0) != nil:
      return .follower(op: op, reads: [0], gives: [0])
    case var pool as MaxPoolingGradient:
      pool.image.element = .bf16
      return .follower(op: pool, reads: [0], gives: [0])
    case var pool as AveragePoolingGradient:
      pool.image.element = .bf16
      return .follower(op: pool, reads: [0], gives: [0])
    case var pool as AdaptiveAveragePoolingGradient:
      pool.image.element = .bf16
      return .follower(op: pool, reads: [0], gives: [0])
    default: return nil
    }
  }

  /// Whether it is a layer with filters that are a parameter, images that are none, and derivatives on
  /// bfloat16.
  fileprivate func isRoundedLayer(in graph: Graph) -> Bool {
    guard let layer = op as? Convolution else { return false }
    return layer.isPlain && !layer.foldsNorm && graph[inputs[1]].parameter != nil
      && graph[inputs[0]].parameter == nil
  }
}

extension Convolution {
  /// Whether windows are dense over all channels and strides are the same in both directions, as the
  /// gradients on bfloat16 need it.
  fileprivate var isPlain: Bool {
    readsRows || flattens || (strides.isSquare && dilations == 1 && groups == 1)
  }
}

extension Operator {
  /// The input that a layer's product is added to, whose type is that of the sums; nil for none.
  fileprivate var addedInput: Int? {
    switch self {
    case let layer as Convolution: layer.residualInput
    case let gradient as ImageGradient: gradient.accumulates ? 2 : nil
    default: nil
    }
  }
}
