import Basics
import Kernels
import Tensors

extension Graph {
  /// The graph with each node as training has it: batch statistics, positions, masks.
  ///
  /// Where something is drawn, an input `step` is added: the numbers of the training step and of the
  /// shard of its batch, which is 0 where there is one.
  ///
  /// - Parameter seed: Of what is drawn.
  /// - Returns: The graph, running statistics updated.
  /// - Throws: Nothing for a sound graph; what a broken operator would break.
  package func preparedForTraining(seed: UInt64) throws(Problem) -> Graph {
    var builder = GraphBuilder(self, keepsNodes: false)
    var step: Value?
    var places = (0..<values.count).map { Value($0) }
    for node in nodes {
      let op = node.op.trainingForm(seed: seed)
      var inputs = node.inputs.map { places[$0.index] }
      if op.readsStep {
        let value = step ?? builder.input("step", TensorType(.i64, [2]))
        (step, inputs) = (value, inputs + [value])
      }
      let outputs = try builder.append(node.name, op, inputs)
      for (old, new) in zip(node.outputs, outputs) { places[old.index] = new }
      for alias in op.aliases where alias.isRequired {
        let value = inputs[alias.input]
        if self[value].parameter != nil { builder.update(value, to: outputs[alias.output]) }
      }
    }
    for port in outputs { builder.output(port.name, places[port.value.index]) }
    return try builder.graph()
  }

  /// The graph with the mean cross-entropy of its logits as its only output, `loss`.
  ///
  /// The labels are an input of that name, one class number an image. Several outputs have a loss
  /// each, and the sum of their derivatives is what trains the layers that they share.
  ///
  /// - Parameters:
  ///   - shards: Batches like this one that the mean is over; the loss is then this one's part of it.
  ///   - weights: By output, the weights of the losses of auxiliary heads, which learn the labels of
  ///     the first output.
  /// - Returns: The graph with a loss for each output.
  /// - Throws: Outputs that are no logits.
  package func withCrossEntropy(
    shards: Int = 1, auxiliary weights: [String: Double] = [:]
  ) throws(Problem) -> Graph {
    try withLosses(by: "labels", sharing: Set(weights.keys)) { port in
      let weight = weights[port.name] ?? 1
      return (CrossEntropy(shards: shards, weight: weight), TensorType(.i32, [.batch]))
    }
  }

  /// The graph with losses by what its outputs are to be, and these as inputs `targets.NAME`.
  ///
  /// What lies between bounds has the mean squared error as its loss, other outputs the cross-entropy
  /// between given shares and their softmax, as AlphaGo Zero learns results and moves.
  ///
  /// - Returns: The graph with a loss for each output.
  /// - Throws: Outputs that are neither.
  package func withTargets() throws(Problem) -> Graph {
    let producers = producers
    return try withLosses(by: "targets") { port in
      let isBounded = producers[port.value.index].map { nodes[$0].op.outputBound != nil } ?? false
      let loss: any LossOperator = isBounded ? SquaredError() : ShareCrossEntropy()
      return (loss, self[port.value].type)
    }
  }

  /// Appends losses; outputs that share read what the first output is to be.
  private func withLosses(
    by inputs: String, sharing: Set<String> = [],
    _ make: (Port) -> (any LossOperator, TensorType)
  ) throws(Problem) -> Graph {
    var builder = GraphBuilder(self, keepsNodes: false)
    for node in nodes { builder.append(node) }
    let own = outputs.count { !sharing.contains($0.name) }
    var first: Value?
    for port in outputs {
      let suffix = outputs.count == 1 ? "" : ".\(port.name)"
      let (op, type) = make(port)
      let wanted: Value
      if let first, sharing.contains(port.name) {
        wanted = first
      } else {
        wanted = builder.input(own == 1 ? inputs : "\(inputs).\(port.name)", type)
      }
      first = first ?? wanted
      let loss = try builder.append("loss\(suffix)", op, [port.value, wanted])
      builder.output("loss\(suffix)", loss[0])
    }
    for update in updates { builder.update(update.parameter, to: update.value) }
    return try builder.graph()
  }

  /// The graph with the derivative of its losses by each parameter that is trained, as an output
  /// `gradient/NAME`.
  ///
  /// Reverse mode: where a value was read more than once, its derivatives meet in an addition.
  ///
  /// - Returns: The graph with its backward pass behind it.
  /// - Throws: A node on the way that has no gradient.
  package func differentiated() throws(Problem) -> Graph {
    var tape = GradientTape(self)
    var gradients: [Value: Value] = [:]
    for node in nodes.reversed() {
      let given = node.outputs.map { gradients[$0] }
      guard node.op is any LossOperator || given.contains(where: { $0 != nil }) else { continue }
      for (input, gradient) in zip(node.inputs, try node.op.gradient(node, given, &tape)) {
        guard let gradient, tape.wants(input) else { continue }
        if let other = gradients[input] {
          gradients[input] = try tape.append(node.name, Addition(), [other, gradient])[0]
        } else {
          gradients[input] = gradient
        }
      }
    }
    for index in values.indices {
      if let name = values[index].parameter?.name, let gradient = gradients[Value(index)] {
        tape.builder.output("gradient/\(name)", gradient)
      }
    }
    return try tape.builder.graph()
  }

  /// The graph with a step of SGD in place of its outputs `gradient/NAME`.
  ///
  /// Learning rate, momentum and weight decay are an input, `optimizer`.
  ///
  /// - Returns: The graph, trained parameters updated.
  /// - Throws: A graph without such outputs.
  package func withMomentumDescent() throws(Problem) -> Graph {
    try withUpdate(numbers: 3) { _ in MomentumDescent() }
  }

  /// The graph with a step of an optimizer in place of its outputs `gradient/NAME`.
  ///
  /// The numbers of the step are an input, `optimizer`, as `Optimizer` writes them.
  ///
  /// - Parameter kind: Which optimizer.
  /// - Returns: The graph, trained parameters updated.
  /// - Throws: A graph without such outputs.
  package func withUpdate(_ kind: Optimizer.Kind) throws(Problem) -> Graph {
    // Weight decay is for matrices and filters, not for biases and norms.
    try withUpdate(numbers: Optimizer.numberCount) { parameters in
      ParameterUpdate(kind: kind, decays: parameters.map { $0.role == .filters })
    }
  }

  private func withUpdate(
    numbers count: Int, _ make: (_ parameters: [Parameter]) -> any UpdateOperator
  ) throws(Problem) -> Graph {
    var builder = GraphBuilder(self, keepsNodes: false)
    for node in nodes { builder.append(node) }
    var (trained, gradients): ([Value], [Value]) = ([], [])
    for port in outputs {
      let name = port.name.split(separator: "/", maxSplits: 1)
      if name.count == 2, name[0] == "gradient",
        let index = values.firstIndex(where: { $0.parameter?.name == String(name[1]) })
      {
        trained.append(Value(index))
        gradients.append(port.value)
      } else {
        builder.output(port.name, port.value)
      }
    }
    let numbers = builder.input("optimizer", TensorType(.f32, [.fixed(count)]))
    let op = make(trained.compactMap { self[$0].parameter })
    let updated = try builder.append("sgd", op, [numbers] + trained + gradients)
    for update in updates { builder.update(update.parameter, to: update.value) }
    for (parameter, value) in zip(trained, updated) { builder.update(parameter, to: value) }
    return try builder.graph()
  }
}

/// What a gradient pass appends nodes to.
package struct GradientTape {
  /// The forward graph, and the derivatives so far.
  var builder: GraphBuilder
  private var wanted: Set<Graph.Value> = []

  /// Starts with the forward graph; derivatives are wanted by what depends on trained parameters.
  init(_ graph: Graph) {
    builder = GraphBuilder(graph)
    for (index, value) in graph.values.enumerated() where value.parameter?.isTrainable == true {
      wanted.insert(Graph.Value(index))
    }
    for node in graph.nodes where node.inputs.contains(where: { wanted.contains($0) }) {
      wanted.formUnion(node.outputs)
    }
  }

  /// Whether a value's derivative leads to a parameter that is trained.
  package func wants(_ value: Graph.Value) -> Bool { wanted.contains(value) }

  package func type(_ value: Graph.Value) -> TensorType { builder[value].type }

  /// Appends a node.
  ///
  /// - Parameters:
  ///   - name: The forward node's.
  ///   - op: What it computes.
  ///   - inputs: What it reads.
  /// - Returns: What it gives.
  /// - Throws: Inputs that the operator cannot take.
  package mutating func append(
    _ name: String, _ op: some Operator, _ inputs: [Graph.Value]
  ) throws(Problem) -> [Graph.Value] {
    try builder.append(name, op, inputs)
  }
}
