import Formats
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
    /// Images of the batch that it computes at a time.
    package var images: Int
    /// Work by the textbook's count; 0 for pooling.
    package var directFLOPs: FLOPs
    /// Work as executed; 0 for pooling.
    package var executedFLOPs: FLOPs
  }

  /// What `run` does in one step.
  private enum Kernel {
    case filters(any CompiledConvolution)
    case maxPool(PoolShape)
    case averagePool(AveragePoolShape)
  }

  private struct Command {
    var kernel: Kernel
    var input: ActivationPlaces.Place
    var residual: ActivationPlaces.Place?
    var output: ActivationPlaces.Place
  }

  /// The steps in order.
  package let steps: [Step]
  /// Shape of the images that `run` takes.
  package let imageShape: ActivationShape
  /// Number of logits of one image.
  package let classes: Int
  /// Bytes of activations, workspace and logits.
  package let activationBytes: Int

  private let sections: [ImageGroups.Section]
  private let commands: [Command]
  /// For each step, and for the end, the filters that are read first from there on.
  ///
  /// ResNet-50's filters are more than most caches hold, so they come from memory in every run;
  /// a direct convolution asks for those of the layer behind it. Looking one layer ahead is best:
  /// what was asked for two layers ahead was gone again when it was needed.
  private let firstFilters: [UnsafeRawBufferPointer?]
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
  ///   - caches: What the groups of images that run together follow from.
  ///   - choose: The algorithm for a layer, by its name and its shape for a group of images.
  /// - Throws: A weight file that cannot be read.
  package init(
    _ network: Network, weights: some WeightSource, batch: Int, inputSize: Int, pool: ThreadPool,
    caches: CacheSizes = .current,
    choose: (_ layer: String, _ shape: ConvShape) -> ConvAlgorithm
  ) throws(FileError) {
    let shapes = network.shapes(batch: batch, inputSize: inputSize)
    let fused = network.fusedSteps()
    let groups = ImageGroups(network, fused, shapes, threads: pool.threads, caches: caches)
    let places = ActivationPlaces(fused, shapes, groups: groups)
    let parameters = Dictionary(grouping: network.parameters, by: \.node)
    var steps: [Step] = []
    var commands: [Command] = []
    var workspaceCount = 0
    for (step, section) in zip(fused, groups.sectionOfStep) {
      let images = section.images
      let layer = network.nodes[step.node].layer
      let input = shapes[step.input]
      var table = Step(
        name: network.nodes[step.node].name, layer: layer, input: input,
        output: shapes[step.output], conv: nil, algorithm: nil, epilogue: Epilogue(),
        images: images, directFLOPs: FLOPs(0), executedFLOPs: FLOPs(0))
      let kernel: Kernel
      switch (step.operation, layer) {
      case (.pooling, .maxPool(let window, let stride, let padding)):
        kernel = .maxPool(
          PoolShape(
            N: images, C: input.C, H: input.H, W: input.W, window: window, stride: stride,
            padding: padding))
      case (.pooling, .averagePool(let side)):
        kernel = .averagePool(
          .adaptive(N: images, C: input.C, H: input.H, W: input.W, P: side, Q: side))
      case (.filters(let norm, let appliesReLU), _):
        guard let shape = layer.convShape(input) else {
          preconditionFailure("\(table.name) has no filters")
        }
        let algorithm = choose(table.name, shape.withBatch(images))
        table.epilogue = Epilogue(addsResidual: step.residual != nil, appliesReLU: appliesReLU)
        let folded = try FoldedFilters(
          [step.node, norm].compactMap(\.self).flatMap { parameters[$0] ?? [] }, input: input,
          from: weights)
        let compiled = folded.compile(
          algorithm, shape.withBatch(images), epilogue: table.epilogue, threads: pool.threads)
        (table.conv, table.algorithm) = (shape, algorithm)
        table.directFLOPs = shape.macs.flops
        table.executedFLOPs = Double(batch / images) * compiled.executedFLOPs
        workspaceCount = max(workspaceCount, compiled.workspaceCount)
        kernel = .filters(compiled)
      case (.pooling, _): preconditionFailure("\(table.name) is no pooling layer")
      }
      steps.append(table)
      commands.append(
        Command(
          kernel: kernel, input: places[step.input], residual: step.residual.map { places[$0] },
          output: places[step.output]))
    }
    (self.steps, self.commands, self.pool) = (steps, commands, pool)
    var firstFilters: [UnsafeRawBufferPointer?] = [nil]
    for command in commands.reversed() {
      if case .filters(let convolution) = command.kernel {
        firstFilters.append(convolution.filterMemory)
      } else {
        firstFilters.append(firstFilters.last ?? nil)
      }
    }
    self.firstFilters = firstFilters.reversed()
    self.sections = groups.sections
    self.imageShape = shapes[0]
    self.classes = network.classes
    self.arena = AlignedBuffer(count: places.arenaCount)
    self.workspace = AlignedBuffer(count: workspaceCount)
    self.logitsBuffer = AlignedBuffer(count: batch * network.classes)
    self.activationBytes = 4 * (places.arenaCount + workspaceCount + batch * network.classes)
  }

  /// The logits of the last run, `N × classes`; they stay until the next.
  package var logits: UnsafeBufferPointer<Float> { UnsafeBufferPointer(logitsBuffer.elements) }

  /// Whether a layer's algorithm transforms its data, as Winograd's do: rounding errors are larger.
  package var transformsData: Bool {
    !steps.compactMap(\.algorithm).allSatisfy(\.isExactOnIntegers)
  }

  /// The error against the oracle that rounding explains, relative to the largest logit.
  ///
  /// Without Winograd's algorithm it grows with the number of layers that sum in another order: at
  /// most 3.2e-6 was seen for ResNet-50, 2.5e-5 for ResNet-152.
  package var errorBound: Double {
    transformsData ? 1e-3 : max(1e-5, 3e-7 * Double(steps.count { $0.algorithm != nil }))
  }

  /// Work of one run by the textbook's count.
  package var directFLOPs: FLOPs { steps.reduce(FLOPs(0)) { $0 + $1.directFLOPs } }
  /// Work of one run as executed.
  package var executedFLOPs: FLOPs { steps.reduce(FLOPs(0)) { $0 + $1.executedFLOPs } }

  /// Computes the logits of a batch, allocating nothing.
  ///
  /// - Parameters:
  ///   - images: `imageShape`, `N H W C`; only read.
  ///   - finished: Told the index of each step that has ended, once a group of its images; what a
  ///     table of times per layer listens to.
  package func run(
    _ images: UnsafePointer<Float>, finished: (_ step: Int) -> Void = { _ in }
  ) {
    for section in sections {
      var first = 0
      while first < imageShape.N {
        for index in section.steps {
          let isLastOfGroup = index + 1 == section.steps.upperBound
          let hasMoreGroups = first + section.images < imageShape.N
          let next = isLastOfGroup && hasMoreGroups ? section.steps.lowerBound : index + 1
          run(commands[index], images, first: first, next: next)
          finished(index)
        }
        first += section.images
      }
    }
  }

  /// Runs one step on the group of images that begins with `first`.
  private func run(_ command: Command, _ images: UnsafePointer<Float>, first: Int, next: Int) {
    func pointer(_ place: ActivationPlaces.Place) -> UnsafePointer<Float> {
      let start =
        switch place.block {
        case .images: images
        case .arena: UnsafePointer(arena.pointer)
        case .logits: UnsafePointer(logitsBuffer.pointer)
        }
      return start + place.offset + first * place.imageStride
    }
    let input = pointer(command.input)
    let output = UnsafeMutablePointer(mutating: pointer(command.output))
    switch command.kernel {
    case .filters(let convolution):
      convolution.run(
        ConvOperands(
          input: input, residual: command.residual.map(pointer), output: output,
          workspace: workspace.pointer, upcoming: firstFilters[next]),
        pool: pool)
    case .maxPool(let shape):
      MaxPool.forward(shape, input: input, output: output, pool: pool)
    case .averagePool(let shape):
      AveragePool.forward(shape, input: input, output: output, pool: pool)
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
