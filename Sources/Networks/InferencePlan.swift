import Kernels

/// A network compiled for one batch, image size and number of threads: nothing is left to decide.
///
/// Filters are folded and packed, one layer at a time, so the weights never exist twice;
/// activations share one block of memory by their lifetimes; `run` allocates nothing. Not to be
/// run by two threads at once.
package final class InferencePlan: @unchecked Sendable {
  /// What one step of the plan is, for tables.
  package struct Step: Sendable {
    /// torchvision's name of the layer, for example `layer2.0.conv2`.
    package var name: String
    /// The layer; what is fused behind it is in `epilogue`.
    package var layer: Layer
    /// What it reads.
    package var input: ActivationShape
    /// What it gives.
    package var output: ActivationShape
    /// The convolution that it is; nil for pooling.
    package var conv: ConvShape?
    /// How it is computed; nil for pooling.
    package var algorithm: ConvAlgorithm?
    /// What is fused behind it.
    package var epilogue: Epilogue
    /// Work by the textbook's count; 0 for pooling.
    package var directFLOPs: FLOPs
    /// Work as executed; 0 for pooling.
    package var executedFLOPs: FLOPs
  }

  /// Where a value lies.
  private enum Place {
    case images
    case arena(Int)
    case logits
  }

  /// What `run` does in one step.
  private enum Kernel {
    case filters(any CompiledConvolution)
    case maxPool(PoolShape)
    case averagePool(AveragePoolShape)
  }

  private struct Command {
    var kernel: Kernel
    var input: Place
    var residual: Place?
    var output: Place
  }

  /// The steps in order.
  package let steps: [Step]
  /// Shape of the images that `run` takes.
  package let imageShape: ActivationShape
  /// Number of logits of one image.
  package let classes: Int
  /// Bytes of activations, workspace and logits.
  package let activationBytes: Int

  private let commands: [Command]
  private let arena: AlignedBuffer
  private let workspace: AlignedBuffer
  private let logitsBuffer: AlignedBuffer
  private let pool: ThreadPool

  /// Compiles a network.
  ///
  /// - Parameters:
  ///   - network: What to compute.
  ///   - weights: Asked for each parameter once.
  ///   - batch: Images of one run, at least 1.
  ///   - inputSize: Side of an image, at least the network's minimum.
  ///   - pool: The threads that it runs on.
  ///   - choose: The algorithm for a layer, by its name and shape.
  /// - Throws: A weight file that cannot be read.
  package init(
    _ network: Network, weights: some WeightSource, batch: Int, inputSize: Int, pool: ThreadPool,
    choose: (_ layer: String, _ shape: ConvShape) -> ConvAlgorithm
  ) throws(FileError) {
    let shapes = network.shapes(batch: batch, inputSize: inputSize)
    let fused = network.fusedSteps()
    let places = InferencePlan.place(fused, shapes)
    let parameters = Dictionary(grouping: network.parameters, by: \.node)
    var steps: [Step] = []
    var commands: [Command] = []
    var workspaceCount = 0
    for step in fused {
      let layer = network.nodes[step.node].layer
      let input = shapes[step.input]
      var table = Step(
        name: network.nodes[step.node].name, layer: layer, input: input,
        output: shapes[step.output], conv: nil, algorithm: nil, epilogue: Epilogue(),
        directFLOPs: FLOPs(0), executedFLOPs: FLOPs(0))
      let kernel: Kernel
      switch (step.operation, layer) {
      case (.pooling, .maxPool(let window, let stride, let padding)):
        kernel = .maxPool(
          PoolShape(
            N: input.N, C: input.C, H: input.H, W: input.W, window: window, stride: stride,
            padding: padding))
      case (.pooling, .averagePool(let side)):
        kernel = .averagePool(
          .adaptive(N: input.N, C: input.C, H: input.H, W: input.W, P: side, Q: side))
      case (.filters(let norm, let appliesReLU), _):
        guard let shape = layer.convShape(input) else {
          preconditionFailure("\(table.name) has no filters")
        }
        let algorithm = choose(table.name, shape)
        table.epilogue = Epilogue(addsResidual: step.residual != nil, appliesReLU: appliesReLU)
        let folded = try FoldedFilters(
          [step.node, norm].compactMap(\.self).flatMap { parameters[$0] ?? [] }, input: input,
          from: weights)
        let compiled = folded.compile(
          algorithm, shape, epilogue: table.epilogue, threads: pool.threads)
        (table.conv, table.algorithm) = (shape, algorithm)
        (table.directFLOPs, table.executedFLOPs) = (shape.macs.flops, compiled.executedFLOPs)
        workspaceCount = max(workspaceCount, compiled.workspaceCount)
        kernel = .filters(compiled)
      case (.pooling, _): preconditionFailure("\(table.name) is no pooling layer")
      }
      steps.append(table)
      commands.append(
        Command(
          kernel: kernel, input: places.values[step.input] ?? .images,
          residual: step.residual.map { places.values[$0] ?? .images },
          output: places.values[step.output] ?? .logits))
    }
    (self.steps, self.commands, self.pool) = (steps, commands, pool)
    self.imageShape = shapes[0]
    self.classes = network.classes
    self.arena = AlignedBuffer(count: places.count)
    self.workspace = AlignedBuffer(count: workspaceCount)
    self.logitsBuffer = AlignedBuffer(count: batch * network.classes)
    self.activationBytes = 4 * (places.count + workspaceCount + batch * network.classes)
  }

  /// Gives each step's output a place; a residual sum overwrites the residual where that dies.
  private static func place(
    _ steps: [FusedStep], _ shapes: [ActivationShape]
  ) -> (values: [Int: Place], count: Int) {
    var lastUse: [Int: Int] = [:]
    for (index, step) in steps.enumerated() {
      for value in [step.input, step.residual].compactMap(\.self) { lastUse[value] = index }
    }
    var slots: [Int: Int] = [:]
    var requests: [ArenaLayout.Request] = []
    for (index, step) in steps.dropLast().enumerated() {
      let last = lastUse[step.output] ?? index
      if let residual = step.residual, lastUse[residual] == index, let slot = slots[residual] {
        slots[step.output] = slot
        requests[slot].last = last
      } else {
        slots[step.output] = requests.count
        requests.append(
          ArenaLayout.Request(count: shapes[step.output].count, first: index, last: last))
      }
    }
    let layout = ArenaLayout(requests)
    var values = slots.mapValues { Place.arena(layout.offsets[$0]) }
    values[0] = .images
    if let last = steps.last { values[last.output] = .logits }
    return (values, layout.count)
  }

  /// Floats that all activations take together.
  static func arenaCount(_ steps: [FusedStep], _ shapes: [ActivationShape]) -> Int {
    place(steps, shapes).count
  }

  /// The logits of the last run, `N × classes`; they stay until the next.
  package var logits: UnsafeBufferPointer<Float> { UnsafeBufferPointer(logitsBuffer.elements) }

  /// Whether a layer is computed by Winograd's algorithm, whose rounding errors are larger.
  package var transformsData: Bool {
    steps.contains { $0.algorithm?.rawValue.contains("winograd") ?? false }
  }

  /// Work of one run by the textbook's count.
  package var directFLOPs: FLOPs { steps.reduce(FLOPs(0)) { $0 + $1.directFLOPs } }
  /// Work of one run as executed.
  package var executedFLOPs: FLOPs { steps.reduce(FLOPs(0)) { $0 + $1.executedFLOPs } }

  /// Computes the logits of a batch, allocating nothing.
  ///
  /// - Parameter images: `imageShape`, `N H W C`; only read.
  package func run(_ images: UnsafePointer<Float>) {
    for index in commands.indices { runStep(index, images) }
  }

  /// Runs one step, after those before it; what a table of times per layer calls.
  ///
  /// - Parameters:
  ///   - index: Of a step.
  ///   - images: The same as for the steps before.
  package func runStep(_ index: Int, _ images: UnsafePointer<Float>) {
    let command = commands[index]
    let input = pointer(command.input, images)
    let output = UnsafeMutablePointer(mutating: pointer(command.output, images))
    switch command.kernel {
    case .filters(let convolution):
      convolution.run(
        ConvOperands(
          input: input, residual: command.residual.map { pointer($0, images) }, output: output,
          workspace: workspace.pointer),
        pool: pool)
    case .maxPool(let shape):
      MaxPool.forward(shape, input: input, output: output, pool: pool)
    case .averagePool(let shape):
      AveragePool.forward(shape, input: input, output: output, pool: pool)
    }
  }

  private func pointer(
    _ place: Place, _ images: UnsafePointer<Float>
  ) -> UnsafePointer<Float> {
    switch place {
    case .images: images
    case .arena(let offset): UnsafePointer(arena.pointer + offset)
    case .logits: UnsafePointer(logitsBuffer.pointer)
    }
  }
}

extension FoldedFilters {
  /// Packs the filters for an algorithm.
  fileprivate func compile(
    _ algorithm: ConvAlgorithm, _ shape: ConvShape, epilogue: Epilogue, threads: Int
  ) -> any CompiledConvolution {
    filters.withUnsafeBufferPointer { filters in
      bias.withUnsafeBufferPointer { bias in
        guard let base = filters.baseAddress else { preconditionFailure("a layer without filters") }
        return algorithm.compile(
          shape, filters: base, bias: bias.isEmpty ? nil : bias.baseAddress, epilogue: epilogue,
          threads: threads)
      }
    }
  }
}
