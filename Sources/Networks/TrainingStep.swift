/// A stretch of a training graph that runs as one kernel forward and has one backward.
struct TrainingStep {
  /// What the kernel does.
  enum Operation: Equatable {
    /// Filters, bias if there is one, then ReLU if asked.
    case filters(appliesReLU: Bool)
    /// Batch-norm by the batch's statistics, then residual if there is one, then ReLU if asked.
    case norm(appliesReLU: Bool)
    /// A max pool, which remembers where each maximum was.
    case maxPool
    /// An average pool.
    case averagePool
    /// Dropout.
    case dropout
  }

  /// The node that gives the step its name and parameters.
  var node: Int
  /// What the kernel does.
  var operation: Operation
  /// The node whose value it reads.
  var input: Int
  /// The node whose value it adds, if it does.
  var residual: Int?
  /// The node whose value it gives.
  var output: Int

  /// Whether backward reads the step's input again.
  var rereadsInput: Bool {
    switch operation {
    case .filters, .norm: true
    case .maxPool, .averagePool, .dropout: false
    }
  }

  /// Whether backward reads the step's output, to know where ReLU let through.
  ///
  /// Batch-norm without a residual finds that from its input, which it reads anyway.
  var rereadsOutput: Bool {
    switch operation {
    case .filters(let appliesReLU): appliesReLU
    case .norm(let appliesReLU): appliesReLU && residual != nil
    case .maxPool, .averagePool, .dropout: false
    }
  }
}

extension Network {
  /// The steps of training: residual and ReLU disappear into the layer before.
  ///
  /// - Returns: Steps in an order in which they can run forward.
  func trainingSteps() -> [TrainingStep] {
    var consumers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { consumers[input].append(index) }
    }
    /// The node that alone reads a value, if it is of a kind.
    func next(_ value: Int, _ layer: Layer) -> Int? {
      guard consumers[value].count == 1, nodes[consumers[value][0]].layer == layer else {
        return nil
      }
      return consumers[value][0]
    }
    var isDone = [Bool](repeating: false, count: nodes.count)
    isDone[0] = true
    var steps: [TrainingStep] = []
    for (index, node) in nodes.enumerated() where !isDone[index] {
      var step = TrainingStep(
        node: index, operation: .dropout, input: node.inputs[0], residual: nil, output: index)
      switch node.layer {
      case .dropout: break
      case .maxPool: step.operation = .maxPool
      case .averagePool: step.operation = .averagePool
      case .convolution, .linear:
        let relu = next(index, .relu)
        step.output = relu ?? index
        step.operation = .filters(appliesReLU: relu != nil)
      case .batchNorm:
        if let sum = next(index, .add), let other = nodes[sum].inputs.first(where: { $0 != index }),
          isDone[other]
        {
          (step.residual, step.output) = (other, sum)
          isDone[sum] = true
        }
        let relu = next(step.output, .relu)
        step.output = relu ?? step.output
        step.operation = .norm(appliesReLU: relu != nil)
      case .input, .relu, .add:
        preconditionFailure("\(name).\(node.name) follows no layer that it can be fused into")
      }
      isDone[index] = true
      isDone[step.output] = true
      steps.append(step)
    }
    return steps
  }
}

extension Network {
  /// Whether every batch-norm sees more than one pixel, without which there is no variance.
  ///
  /// - Parameters:
  ///   - batch: Images of one step.
  ///   - inputSize: Side of an image.
  /// - Returns: False where PyTorch, too, would refuse to train.
  package func canTrain(batch: Int, inputSize: Int) -> Bool {
    let shapes = shapes(batch: batch, inputSize: inputSize)
    return nodes.indices.allSatisfy { index in
      nodes[index].layer != .batchNorm || shapes[index].N * shapes[index].H * shapes[index].W > 1
    }
  }
}
