import Kernels

/// A value's place in a training step's memory.
enum TrainingPlace {
  /// The images, which the caller owns.
  case images
  /// Floats from the start of the arena.
  case arena(Int)
}

/// What one unit of a training step does, places included.
enum TrainingKernel {
  /// A convolution or fully connected layer, forward.
  struct Filters {
    var convolution: any CompiledConvolution
    var input: TrainingPlace
    var output: Int
    /// Offsets in the state's blocks of values and gradients.
    var filters: Int
    var bias: Int?
  }

  /// A batch-norm in either direction.
  struct Norm {
    var norm: BatchNorm
    var input: Int
    var residual: TrainingPlace?
    var output: Int
    var appliesReLU: Bool
    /// Offsets in the state's blocks of values and gradients.
    var scale: Int
    var shift: Int
    /// Offsets in the state's block of statistics.
    var runningMean: Int
    var runningVariance: Int
    /// Offset of the batch's mean; its inverse deviation lies behind it.
    var batchStatistics: Int
    /// Places of the gradients by output and input; backward only.
    var outputGradient = 0
    var inputGradient = 0
  }

  case filters(Filters)
  case norm(Norm)
  case maxPool(PoolShape, input: TrainingPlace, output: Int, positions: Int)
  case averagePool(AveragePoolShape, input: TrainingPlace, output: Int)
  case dropout(Dropout, input: TrainingPlace, output: Int, count: Int)
  case loss(logits: Int, gradient: Int)
  case reluBackward(output: Int, gradient: Int, count: Int)
  case biasGradient(rows: Int, channels: Int, gradient: Int, bias: Int)
  case backwardWeights(
    any CompiledBackwardWeights, input: TrainingPlace, outputGradient: Int, filters: Int)
  case backwardData(
    any CompiledBackwardData, outputGradient: Int, filters: Int, inputGradient: Int,
    accumulates: Bool)
  case normBackward(Norm)
  case maxPoolBackward(PoolShape, outputGradient: Int, positions: Int, inputGradient: Int)
  case averagePoolBackward(AveragePoolShape, outputGradient: Int, inputGradient: Int)
  case add(addend: Int, target: Int, count: Int)
  case update
  case pack
}

extension TrainingPlan {
  /// Runs a kernel that belongs to a layer.
  func run(_ kernel: TrainingKernel, _ batch: Batch) {
    let (base, values, gradients) = (
      arena.pointer, state.values.pointer, state.gradients.pointer
    )
    func pointer(_ place: TrainingPlace) -> UnsafePointer<Float> {
      switch place {
      case .images: batch.images
      case .arena(let offset): UnsafePointer(base + offset)
      }
    }
    switch kernel {
    case .filters(let layer):
      layer.convolution.run(
        ConvOperands(
          input: pointer(layer.input), output: base + layer.output, workspace: workspace.pointer),
        pool: pool)
    case .norm(let layer):
      layer.norm.forward(
        BatchNormForwardOperands(
          input: base + layer.input, residual: layer.residual.map(pointer),
          output: base + layer.output),
        parameters(of: layer), appliesReLU: layer.appliesReLU, pool: pool)
    case .maxPool(let shape, let input, let output, let positions):
      MaxPool.forward(
        shape, input: pointer(input), output: base + output, positions: bytes(positions, shape),
        pool: pool)
    case .averagePool(let shape, let input, let output):
      AveragePool.forward(shape, input: pointer(input), output: base + output, pool: pool)
    case .dropout(let dropout, let input, let output, let count):
      dropout.apply(
        count: count, input: pointer(input), output: base + output, step: stepCount, pool: pool)
    case .reluBackward(let output, let gradient, let count):
      Activation.reluBackward(
        count: count, output: base + output, gradient: base + gradient, pool: pool)
    case .biasGradient(let rows, let channels, let gradient, let bias):
      BiasGradient.sum(
        rows: rows, channels: channels, base + gradient, into: gradients + bias, pool: pool)
    case .backwardWeights(let compiled, let input, let outputGradient, let filters):
      compiled.run(
        BackwardWeightsOperands(
          input: pointer(input), outputGradient: base + outputGradient,
          filterGradient: gradients + filters, workspace: workspace.pointer),
        pool: pool)
    case .backwardData(let compiled, let outputGradient, let filters, let input, let accumulates):
      compiled.run(
        BackwardDataOperands(
          outputGradient: base + outputGradient, filters: values + filters,
          inputGradient: base + input, accumulates: accumulates, workspace: workspace.pointer),
        pool: pool)
    case .normBackward(let layer): runBackward(layer)
    case .maxPoolBackward(let shape, let outputGradient, let positions, let inputGradient):
      MaxPool.backward(
        shape, outputGradient: base + outputGradient, positions: bytes(positions, shape),
        inputGradient: base + inputGradient, pool: pool)
    case .averagePoolBackward(let shape, let outputGradient, let inputGradient):
      AveragePool.backward(
        shape, outputGradient: base + outputGradient, inputGradient: base + inputGradient,
        pool: pool)
    case .add(let addend, let target, let count):
      Activation.add(count: count, addend: base + addend, target: base + target, pool: pool)
    case .loss, .update, .pack: break
    }
  }

  private func runBackward(_ layer: TrainingKernel.Norm) {
    let base = arena.pointer
    let rectifier: BatchNormBackwardOperands.Rectifier =
      !layer.appliesReLU
      ? .none : layer.residual == nil ? .recomputed : .byOutput(base + layer.output)
    layer.norm.backward(
      BatchNormBackwardOperands(
        input: base + layer.input, outputGradient: base + layer.outputGradient,
        rectifier: rectifier, inputGradient: base + layer.inputGradient,
        scaleGradient: state.gradients.pointer + layer.scale,
        offsetGradient: state.gradients.pointer + layer.shift),
      parameters(of: layer), pool: pool)
  }

  private func parameters(of layer: TrainingKernel.Norm) -> BatchNormParameters {
    let batch = batchStatistics.pointer + layer.batchStatistics
    return BatchNormParameters(
      scale: state.values.pointer + layer.scale, offset: state.values.pointer + layer.shift,
      batchMean: batch, inverseDeviation: batch + layer.norm.channels,
      runningMean: state.statistics.pointer + layer.runningMean,
      runningVariance: state.statistics.pointer + layer.runningVariance)
  }

  /// A place of the arena as bytes.
  private func bytes(_ offset: Int, _ shape: PoolShape) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(arena.pointer + offset).assumingMemoryBound(to: UInt8.self)
  }
}
