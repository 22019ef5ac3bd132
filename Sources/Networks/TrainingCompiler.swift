import Kernels

/// Turns the steps of a training graph into kernels with places.
struct TrainingCompiler {
  private(set) var units: [TrainingPlan.Unit] = []
  private(set) var kernels: [TrainingKernel] = []
  private(set) var workspaceCount = 0
  private(set) var statisticsCount = 0

  private let network: Network
  private let shapes: [ActivationShape]
  private let memory: TrainingMemory
  private let state: TrainingState
  private let seed: UInt64
  private let threads: Int
  /// Forward kernels that backward reads the places of, by node.
  private var norms: [Int: TrainingKernel.Norm] = [:]

  init(
    network: Network, shapes: [ActivationShape], memory: TrainingMemory, state: TrainingState,
    seed: UInt64, threads: Int
  ) {
    (self.network, self.shapes, self.memory) = (network, shapes, memory)
    (self.state, self.seed, self.threads) = (state, seed, threads)
  }

  /// The algorithm for a layer and direction.
  typealias Choice = (String, ConvShape, TrainingPlan.Direction) -> ConvAlgorithm

  private mutating func append(
    _ kernel: TrainingKernel, _ name: String, _ phase: TrainingPlan.Phase, conv: ConvShape? = nil,
    algorithm: ConvAlgorithm? = nil, executed: FLOPs = FLOPs(0)
  ) {
    kernels.append(kernel)
    units.append(
      TrainingPlan.Unit(
        name: name, phase: phase, conv: conv, algorithm: algorithm,
        directFLOPs: conv?.macs.flops ?? FLOPs(0), executedFLOPs: executed))
  }

  private func value(_ node: Int) -> TrainingPlace {
    memory.values[node].map { .arena($0) } ?? .images
  }

  private func offset(_ node: Int) -> Int {
    guard let offset = memory.values[node] else { preconditionFailure("node \(node) has no place") }
    return offset
  }

  private func gradient(_ node: Int) -> Int {
    guard let offset = memory.gradients[node] else {
      preconditionFailure("node \(node) has no gradient")
    }
    return offset
  }

  private func parameter(_ node: Int, _ role: Parameter.Role) -> Int {
    guard let offset = state.offset(node, role) else {
      preconditionFailure("node \(node) has no \(role)")
    }
    return offset
  }

  private func filterShape(_ step: TrainingStep) -> ConvShape {
    guard let shape = network.nodes[step.node].layer.convShape(shapes[step.input]) else {
      preconditionFailure("node \(step.node) has no filters")
    }
    return shape
  }

  private func poolShape(_ step: TrainingStep) -> PoolShape {
    guard case .maxPool(let window, let stride, let padding) = network.nodes[step.node].layer else {
      preconditionFailure("node \(step.node) is no max pool")
    }
    let input = shapes[step.input]
    return PoolShape(
      N: input.N, C: input.C, H: input.H, W: input.W, window: window, stride: stride,
      padding: padding)
  }

  private func averageShape(_ step: TrainingStep) -> AveragePoolShape {
    let (input, output) = (shapes[step.input], shapes[step.output])
    return .adaptive(N: input.N, C: input.C, H: input.H, W: input.W, P: output.H, Q: output.W)
  }

  private func dropout(_ step: TrainingStep) -> Dropout {
    guard case .dropout(let probability) = network.nodes[step.node].layer else {
      preconditionFailure("node \(step.node) is no dropout")
    }
    return Dropout(probability: probability, seed: seed &+ UInt64(step.node) << 32)
  }

  mutating func appendForward(_ step: TrainingStep, _ choose: Choice) {
    let name = network.nodes[step.node].name
    let (input, output) = (value(step.input), offset(step.output))
    switch step.operation {
    case .filters(let appliesReLU):
      let shape = filterShape(step)
      let algorithm = choose(name, shape, .forward)
      let (filters, bias) = (parameter(step.node, .filters), state.offset(step.node, .bias))
      let convolution = algorithm.compile(
        shape, filters: state.values.pointer + filters,
        bias: bias.map { UnsafePointer(state.values.pointer + $0) },
        epilogue: Epilogue(appliesReLU: appliesReLU), threads: threads)
      workspaceCount = max(workspaceCount, convolution.workspaceCount)
      append(
        .filters(
          TrainingKernel.Filters(
            convolution: convolution, input: input, output: output, filters: filters, bias: bias)),
        name, .forward, conv: shape, algorithm: algorithm, executed: convolution.executedFLOPs)
    case .norm(let appliesReLU):
      let shape = shapes[step.input]
      let layer = TrainingKernel.Norm(
        norm: BatchNorm(rows: shape.N * shape.H * shape.W, channels: shape.C, threads: threads),
        input: offset(step.input), residual: step.residual.map(value), output: output,
        appliesReLU: appliesReLU, scale: parameter(step.node, .normScale),
        shift: parameter(step.node, .normShift),
        runningMean: parameter(step.node, .runningMean),
        runningVariance: parameter(step.node, .runningVariance), batchStatistics: statisticsCount)
      statisticsCount += ArenaLayout.aligned(2 * shape.C)
      norms[step.node] = layer
      append(.norm(layer), name, .norm)
    case .maxPool:
      append(
        .maxPool(
          poolShape(step), input: input, output: output,
          positions: memory.positions[step.node] ?? 0),
        name, .other)
    case .averagePool:
      append(.averagePool(averageShape(step), input: input, output: output), name, .other)
    case .dropout:
      append(
        .dropout(dropout(step), input: input, output: output, count: shapes[step.output].count),
        name, .other)
    }
  }

  mutating func appendLoss(_ steps: [TrainingStep]) {
    guard let logits = steps.last?.output else { return }
    append(.loss(logits: offset(logits), gradient: gradient(logits)), "loss", .other)
  }

  mutating func appendBackward(_ step: TrainingStep, _ choose: Choice) {
    let name = network.nodes[step.node].name
    let output = gradient(step.output)
    switch step.operation {
    case .filters(let appliesReLU): appendFiltersBackward(step, appliesReLU, choose)
    case .norm:
      guard var layer = norms[step.node] else { preconditionFailure("\(name) has no forward") }
      (layer.outputGradient, layer.inputGradient) = (output, gradient(step.input))
      append(.normBackward(layer), name, .norm)
      if let residual = step.residual, !memory.handsOver.contains(step.node) {
        append(
          .add(addend: output, target: gradient(residual), count: shapes[residual].count), name,
          .norm)
      }
    case .maxPool:
      append(
        .maxPoolBackward(
          poolShape(step), outputGradient: output, positions: memory.positions[step.node] ?? 0,
          inputGradient: gradient(step.input)),
        name, .other)
    case .averagePool:
      append(
        .averagePoolBackward(
          averageShape(step), outputGradient: output, inputGradient: gradient(step.input)),
        name, .other)
    case .dropout:
      append(
        .dropout(
          dropout(step), input: .arena(output), output: gradient(step.input),
          count: shapes[step.output].count),
        name, .other)
    }
  }

  private mutating func appendFiltersBackward(
    _ step: TrainingStep, _ appliesReLU: Bool, _ choose: Choice
  ) {
    let name = network.nodes[step.node].name
    let shape = filterShape(step)
    let (output, filters) = (gradient(step.output), parameter(step.node, .filters))
    if appliesReLU {
      append(
        .reluBackward(output: offset(step.output), gradient: output, count: shape.outputCount),
        name, .backwardData)
    }
    if let bias = state.offset(step.node, .bias) {
      append(
        .biasGradient(
          rows: shape.N * shape.P * shape.Q, channels: shape.K, gradient: output, bias: bias),
        name, .backwardWeights)
    }
    var algorithm = choose(name, shape, .backwardWeights)
    let weights = algorithm.compileBackwardWeights(shape, threads: threads)
    workspaceCount = max(workspaceCount, weights.workspaceCount)
    append(
      .backwardWeights(
        weights, input: value(step.input), outputGradient: output, filters: filters),
      name, .backwardWeights, conv: shape, algorithm: algorithm, executed: weights.executedFLOPs)
    guard step.input != 0 else { return }
    algorithm = choose(name, shape, .backwardData)
    let data = algorithm.compileBackwardData(shape, threads: threads)
    workspaceCount = max(workspaceCount, data.workspaceCount)
    append(
      .backwardData(
        data, outputGradient: output, filters: filters, inputGradient: gradient(step.input),
        accumulates: memory.accumulating.contains(step.node)),
      name, .backwardData, conv: shape, algorithm: algorithm, executed: data.executedFLOPs)
  }

  mutating func appendUpdate() {
    append(.update, "sgd", .update)
    append(.pack, "pack", .update)
  }
}
