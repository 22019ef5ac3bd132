import Basics
import Graphs
import Kernels
import Tensors

extension TrainedBatchNormalization: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let norm = builder.scratch.norm(builder.inputShape(0), threads: builder.threads)
    let places = NormPlaces(
      scale: builder.input(1), shift: builder.input(2), batch: builder.output(1),
      running: (builder.output(2), builder.output(3)))
    let (input, output) = (builder.input(0), builder.output(0))
    let residual = residualInput.map(builder.input)
    let (appliesReLU, epsilon) = (epilogue.appliesReLU, Float(epsilon))
    guard builder.element(0) != .bf16 else {
      return { call in
        norm.forward(
          BFloat16NormForwardOperands(
            input: call.bfloats(input), residual: residual.map { UnsafePointer(call.bfloats($0)) },
            output: call.bfloats(output), epsilon: epsilon),
          places.parameters(call, norm), appliesReLU: appliesReLU, pool: call.pool)
      }
    }
    return { call in
      norm.forward(
        BatchNormForwardOperands(
          input: call.floats(input), residual: residual.map { UnsafePointer(call.floats($0)) },
          output: call.floats(output), epsilon: epsilon),
        places.parameters(call, norm), appliesReLU: appliesReLU, pool: call.pool)
    }
  }
}

extension BatchNormalizationGradient: CompiledOperator {
  var phase: Program.Phase { .norm }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let norm = builder.scratch.norm(builder.inputShape(0), threads: builder.threads)
    let places = NormPlaces(
      scale: builder.input(2), shift: builder.input(3), batch: builder.input(4), running: nil)
    let (input, byImages) = (builder.input(0), builder.output(0))
    let (byScale, byShift) = (builder.output(1), builder.output(2))
    let byOutput = readsOutput ? builder.output(3) : builder.input(1)
    let forward = readsOutput ? builder.input(5) : nil
    guard builder.element(0) != .bf16 else {
      return { [appliesReLU] call in
        let rectifier: BFloat16NormBackwardOperands.Rectifier =
          forward.map { .byOutput(call.bfloats($0)) } ?? (appliesReLU ? .recomputed : .none)
        norm.backward(
          BFloat16NormBackwardOperands(
            input: call.bfloats(input), outputGradient: call.bfloats(byOutput),
            rectifier: rectifier, inputGradient: call.bfloats(byImages),
            scaleGradient: call.floats(byScale), offsetGradient: call.floats(byShift)),
          places.parameters(call, norm), pool: call.pool)
      }
    }
    return { [appliesReLU] call in
      let rectifier: BatchNormBackwardOperands.Rectifier =
        forward.map { .byOutput(call.floats($0)) } ?? (appliesReLU ? .recomputed : .none)
      norm.backward(
        BatchNormBackwardOperands(
          input: call.floats(input), outputGradient: call.floats(byOutput), rectifier: rectifier,
          inputGradient: call.floats(byImages), scaleGradient: call.floats(byScale),
          offsetGradient: call.floats(byShift)),
        places.parameters(call, norm), pool: call.pool)
    }
  }
}

extension BatchNormalization: CompiledOperator {
  var phase: Program.Phase { .norm }

  /// The norms that no convolution has taken in.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    guard case .frozen(let weights) = builder.parameters else {
      preconditionFailure("\(builder.node.name) trains by the batch's statistics")
    }
    var tensors: [Parameter.Role: [Float]] = [:]
    for parameter in builder.parameters(1...4) {
      tensors[parameter.role] = try weights.values(parameter)
    }
    guard let norm = FoldedNorm(tensors, epsilon: epsilon) else {
      preconditionFailure("\(builder.node.name) lacks a parameter")
    }
    let shape = builder.inputShape(0)
    let numbers = AlignedBuffer(count: 2 * shape.C)
    for c in 0..<shape.C {
      numbers.pointer[c] = Float(norm.scale[c])
      numbers.pointer[shape.C + c] = norm.bias(0, c)
    }
    let pitch = builder.output(0).pitch ?? shape.C
    return builder.kernel { [appliesReLU = epilogue.appliesReLU] call, input, output in
      ChannelAffine.apply(
        rows: shape.count / shape.C, channels: shape.C, input: input, scale: numbers.pointer,
        shift: numbers.pointer + shape.C, appliesReLU: appliesReLU, output: output, pitch: pitch,
        pool: call.pool)
    }
  }
}

/// Where what a batch-norm learns and keeps lies.
private struct NormPlaces {
  var scale: BoundPlace
  var shift: BoundPlace
  /// The batch's mean; its inverse deviation lies behind it.
  var batch: BoundPlace
  /// Running mean and variance; backward leaves them alone.
  var running: (mean: BoundPlace, variance: BoundPlace)?

  func parameters(_ call: UnitCall, _ norm: BatchNorm) -> BatchNormParameters {
    let statistics = call.floats(batch)
    return BatchNormParameters(
      scale: call.floats(scale), offset: call.floats(shift), batchMean: statistics,
      inverseDeviation: statistics + norm.channels,
      runningMean: running.map { call.floats($0.mean) } ?? statistics,
      runningVariance: running.map { call.floats($0.variance) } ?? statistics)
  }
}
