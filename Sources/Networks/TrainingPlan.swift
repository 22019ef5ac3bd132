import Kernels

/// A training step compiled for one batch, image size and number of threads.
///
/// Forward with batch statistics, mean cross-entropy, backward, and PyTorch's SGD. Activations and
/// gradients share one block of memory by their lifetimes; a step allocates nothing. Not to be run
/// by two threads at once.
package final class TrainingPlan: @unchecked Sendable {
  /// The part of a step that a unit of work belongs to, for tables.
  package enum Phase: String, CaseIterable, Sendable {
    /// Convolutions and fully connected layers, forward.
    case forward
    /// Gradients by the input of these layers.
    case backwardData = "backward-data"
    /// Gradients by their filters and biases.
    case backwardWeights = "backward-weights"
    /// Batch-norm with residual and ReLU, both directions.
    case norm = "batch-norm"
    /// Pooling, dropout and the loss, both directions.
    case other
    /// The optimizer, and packing the new filters.
    case update
  }

  /// Which gradient or pass an algorithm is chosen for.
  package enum Direction: String, CaseIterable, Sendable {
    /// The pass from images to logits.
    case forward
    /// The gradient by the input.
    case backwardData = "backward-data"
    /// The gradient by the filters.
    case backwardWeights = "backward-weights"
  }

  /// What one unit of work is, for tables.
  package struct Unit: Sendable {
    /// torchvision's name of the layer; `loss`, `sgd` and `pack` for what belongs to none.
    package var name: String
    /// The part of the step that it belongs to.
    package var phase: Phase
    /// The convolution that it is, in its forward shape; nil for all else.
    package var conv: ConvShape?
    /// How it is computed; nil where there is one way.
    package var algorithm: ConvAlgorithm?
    /// Work by the textbook's count; 0 for what is not counted.
    package var directFLOPs: FLOPs
    /// Work as executed; 0 for what is not counted.
    package var executedFLOPs: FLOPs
  }

  /// What one step works on.
  package struct Batch {
    /// `N H W C`; only read.
    package var images: UnsafePointer<Float>
    /// `N` class numbers, each in `0 ..< classes`.
    package var labels: UnsafePointer<Int32>
    /// Learning rate, momentum and weight decay of this step.
    package var optimizer: SGD

    /// Names what one step works on.
    package init(images: UnsafePointer<Float>, labels: UnsafePointer<Int32>, optimizer: SGD) {
      (self.images, self.labels, self.optimizer) = (images, labels, optimizer)
    }
  }

  /// The units of a step in order.
  package let units: [Unit]
  /// Shape of a batch of images.
  package let imageShape: ActivationShape
  /// Number of logits of one image.
  package let classes: Int
  /// Parameters, gradients, momenta and running statistics.
  package let state: TrainingState
  /// Bytes of activations, gradients by activations, and workspace.
  package let activationBytes: Int
  /// The mean cross-entropy of the last step, before its update.
  package private(set) var loss = 0.0
  /// Steps taken; dropout draws its masks by it.
  package var stepCount = 0

  let pool: ThreadPool
  let arena: AlignedBuffer
  let workspace: AlignedBuffer
  /// Mean and `1/√(variance + ε)` of the batch, by `normOffset`.
  let batchStatistics: AlignedBuffer
  let kernels: [TrainingKernel]

  /// Compiles a training step.
  ///
  /// - Parameters:
  ///   - network: What to train.
  ///   - state: Its parameters; the plan updates them.
  ///   - batch: Images of one step; a batch-norm must see more than one pixel.
  ///   - inputSize: Side of an image, at least the network's minimum.
  ///   - seed: Of dropout.
  ///   - pool: The threads that it runs on.
  ///   - choose: The algorithm for a layer and direction, by the layer's name and forward shape.
  package init(
    _ network: Network, state: TrainingState, batch: Int, inputSize: Int, seed: UInt64 = 1,
    pool: ThreadPool,
    choose: (_ layer: String, _ shape: ConvShape, _ direction: Direction) -> ConvAlgorithm
  ) {
    let shapes = network.shapes(batch: batch, inputSize: inputSize)
    let steps = network.trainingSteps()
    let memory = TrainingMemory(steps, shapes)
    var compiler = TrainingCompiler(
      network: network, shapes: shapes, memory: memory, state: state, seed: seed,
      threads: pool.threads)
    for step in steps { compiler.appendForward(step, choose) }
    compiler.appendLoss(steps)
    for step in steps.reversed() { compiler.appendBackward(step, choose) }
    compiler.appendUpdate()
    (units, kernels) = (compiler.units, compiler.kernels)
    (imageShape, classes) = (shapes[0], network.classes)
    (self.state, self.pool) = (state, pool)
    arena = AlignedBuffer(count: memory.count)
    workspace = AlignedBuffer(count: compiler.workspaceCount)
    batchStatistics = AlignedBuffer(count: compiler.statisticsCount)
    activationBytes = 4 * (memory.count + compiler.workspaceCount + compiler.statisticsCount)
    packFilters()
  }

  /// Takes one step, allocating nothing.
  ///
  /// - Parameter batch: Images, labels and the optimizer's numbers.
  /// - Returns: The mean cross-entropy before the update.
  @discardableResult
  package func run(_ batch: Batch) -> Double {
    for index in kernels.indices { runUnit(index, batch) }
    return loss
  }

  /// Runs one unit, after those before it; what a table of times per layer calls.
  ///
  /// - Parameters:
  ///   - index: Of a unit.
  ///   - batch: The same as for the units before.
  package func runUnit(_ index: Int, _ batch: Batch) {
    switch kernels[index] {
    case .loss(let logits, let gradient):
      loss = SoftmaxLoss.compute(
        images: imageShape.N, classes: classes, logits: arena.pointer + logits,
        labels: batch.labels, gradient: arena.pointer + gradient)
    case .update:
      batch.optimizer.update(
        count: state.values.count, weights: state.values.pointer,
        gradient: state.gradients.pointer, direction: state.momenta.pointer, pool: pool)
      stepCount += 1
    case .pack: packFilters()
    case let kernel: run(kernel, batch)
    }
  }

  /// Gives the forward convolutions the parameters as they are now.
  ///
  /// A step ends with it; call it after changing parameters from outside.
  package func packFilters() {
    for case .filters(let layer) in kernels {
      layer.convolution.load(
        filters: state.values.pointer + layer.filters,
        bias: layer.bias.map { UnsafePointer(state.values.pointer + $0) }, pool: pool)
    }
  }
}
