/// A stretch of an inference graph that runs as one kernel.
struct FusedStep {
  /// What the kernel does.
  enum Operation: Equatable {
    /// Filters with folded batch-norm, then residual, then ReLU, each if there.
    case filters(norm: Int?, appliesReLU: Bool)
    /// A pooling layer.
    case pooling
  }

  /// The node that gives the step its name and, for filters, its weights.
  var node: Int
  /// What the kernel does.
  var operation: Operation
  /// The node whose value it reads.
  var input: Int
  /// The node whose value it adds, if it does.
  var residual: Int?
  /// The node whose value it gives.
  var output: Int
}

extension Network {
  /// The steps of inference: batch-norm, residual and ReLU disappear into the layer before.
  ///
  /// A residual sum is fused into that of its two producers which comes last in the graph. Dropout
  /// does nothing in inference.
  ///
  /// - Returns: Steps in an order in which they can run.
  func fusedSteps() -> [FusedStep] {
    var consumers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { consumers[input].append(index) }
    }
    /// The node that alone reads a value, if it is of a kind.
    func next(_ value: Int, where isWanted: (Layer) -> Bool) -> Int? {
      guard consumers[value].count == 1, isWanted(nodes[consumers[value][0]].layer) else {
        return nil
      }
      return consumers[value][0]
    }
    var source = Array(nodes.indices)
    var isDone = [Bool](repeating: false, count: nodes.count)
    isDone[0] = true
    var steps: [FusedStep] = []
    for (index, node) in nodes.enumerated() where !isDone[index] {
      let input = source[node.inputs[0]]
      var step = FusedStep(
        node: index, operation: .pooling, input: input, residual: nil, output: index)
      switch node.layer {
      case .dropout:
        source[index] = input
        isDone[index] = true
        continue
      case .maxPool, .averagePool: break
      case .convolution, .linear:
        let norm = next(index) { $0 == .batchNorm }
        step.output = norm ?? index
        if let sum = next(step.output, where: { $0 == .add }) {
          let other = nodes[sum].inputs.first { $0 != step.output } ?? step.output
          if isDone[other] { (step.residual, step.output) = (source[other], sum) }
        }
        let relu = next(step.output) { $0 == .relu }
        step.output = relu ?? step.output
        step.operation = .filters(norm: norm, appliesReLU: relu != nil)
        for done in [norm, step.residual == nil ? nil : step.output, relu].compactMap(\.self) {
          isDone[done] = true
        }
        if step.residual != nil, let norm, let sum = next(norm, where: { $0 == .add }) {
          isDone[sum] = true
        }
      case .input, .batchNorm, .relu, .add:
        preconditionFailure("\(name).\(node.name) follows no layer that it can be fused into")
      }
      isDone[index] = true
      isDone[step.output] = true
      steps.append(step)
    }
    return steps
  }
}
