import Basics
import Graphs
import Kernels
import Models
import Tensors

extension BFloat16Convolution: CompiledOperator {
  var phase: Program.Phase { .forward }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, choice) = builder.product()
    let added = layer.residualInput.map { builder.element($0) }
    let epilogue = BFloat16Epilogue(
      residual: added, activation: layer.epilogue.activation, output: self.output)
    let convolution: any CompiledBFloat16Convolution
    switch builder.parameters {
    case .frozen(let weights):
      convolution = try frozen(builder, weights, choice.onBFloat16, epilogue)
      builder.filterMemory = convolution.filterMemory
    case .state(let state):
      convolution = trained(builder, state, choice.onBFloat16, epilogue)
    }
    builder.unit.epilogue = layer.epilogue
    builder.describe(convolution.algorithm, convolution.executedFLOPs)
    builder.unit.leastBytes =
      2 * (shape.inputCount + shape.filterCount)
      + shape.outputCount * (self.output.byteCount + (added?.byteCount ?? 0))
    builder.workspaceCount = (convolution.workspaceByteCount + 3) / 4
    let (input, output) = (builder.input(0), builder.output(0))
    let residual = layer.residualInput.map(builder.input)
    return { call in
      convolution.run(
        BFloat16Operands(
          input: UnsafePointer(call.bfloats(input)),
          residual: residual.map { UnsafeRawPointer(call.bytes($0)) },
          output: call.bytes(output), pitch: output.pitch,
          workspace: UnsafeMutableRawPointer(call.workspace), upcoming: call.upcoming),
        pool: call.pool)
    }
  }

  /// The layer with filters that stay as they are, norms folded into them.
  private func frozen(
    _ builder: UnitBuilder, _ weights: any WeightSource, _ algorithm: BFloat16Algorithm,
    _ epilogue: BFloat16Epilogue
  ) throws(Problem) -> any CompiledBFloat16Convolution {
    let parameters = builder.parameters(
      [1] + (layer.biasInput.map { [$0] } ?? []) + Array(layer.normInputs))
    let folded = try FoldedFilters(
      parameters, from: weights, epsilon: layer.normEpsilon,
      outputs: layer.part.map { $0.first..<$0.first + layer.filters })
    return folded.compile(
      algorithm, builder.groupProduct(), epilogue: epilogue, threads: builder.threads)
  }

  /// The layer with filters of a state, which are packed anew after each update.
  private func trained(
    _ builder: UnitBuilder, _ state: TrainingState, _ algorithm: BFloat16Algorithm,
    _ epilogue: BFloat16Epilogue
  ) -> any CompiledBFloat16Convolution {
    precondition(!layer.foldsNorm, "\(builder.node.name) cannot train a folded norm")
    let shape = builder.groupProduct()
    let first = layer.part?.first ?? 0
    let filters = UnsafePointer(state.pointer(builder.parameters([1])[0])) + first * shape.C
    let bias = builder.parameters(layer.biasInput.map { [$0] } ?? []).first.map {
      UnsafePointer(state.pointer($0)) + first
    }
    let convolution = algorithm.compile(
      shape, rounding: filters, bias: bias, epilogue: epilogue, threads: builder.threads)
    builder.filters = LoadableFilters(rounding: convolution, filters: filters, bias: bias)
    return convolution
  }
}

extension FoldedFilters {
  /// Rounds the filters to bfloat16 and packs them.
  fileprivate func compile(
    _ algorithm: BFloat16Algorithm, _ shape: ConvShape, epilogue: BFloat16Epilogue, threads: Int
  ) -> any CompiledBFloat16Convolution {
    filters.map { BFloat16($0) }.withUnsafeBufferPointer { filters in
      bias.withUnsafeBufferPointer { bias in
        guard let weights = filters.baseAddress else {
          preconditionFailure("a layer without filters")
        }
        return algorithm.compile(
          shape,
          filters: BFloat16Filters(
            weights: weights, bias: bias.isEmpty ? nil : bias.baseAddress),
          epilogue: epilogue, threads: threads)
      }
    }
  }
}

extension ConvAlgorithm {
  /// What stands for it on bfloat16: the reference for the reference, the one fast way for all others.
  var onBFloat16: BFloat16Algorithm { self == .reference ? .reference : .tile }
}

extension UnitCall {
  /// A value's first element for this group, where its elements are bfloat16.
  func bfloats(_ place: BoundPlace) -> UnsafeMutablePointer<BFloat16> {
    bytes(place).assumingMemoryBound(to: BFloat16.self)
  }
}

extension UnitBuilder {
  /// Says what a pass over filters on bfloat16, compiled for one group, is and takes.
  func describe(_ algorithm: BFloat16Algorithm, _ executed: FLOPs) {
    unit.algorithm = nil
    unit.kernelName = algorithm.rawValue
    unit.isOnBFloat16 = true
    unit.executedFLOPs = Double(batch / images) * executed
  }

  /// A kernel that reads the first input and writes the first output, both of bfloat16.
  ///
  /// - Parameters:
  ///   - name: What tables call it.
  ///   - run: The kernel.
  /// - Returns: What a run calls.
  func bfloat16Kernel(
    _ name: String,
    _ run:
      @escaping (
        _ call: UnitCall, _ input: UnsafePointer<BFloat16>, _ output: UnsafeMutablePointer<BFloat16>
      ) -> Void
  ) -> Kernel {
    let (input, output) = (self.input(0), self.output(0))
    unit.kernelName = name
    return { call in run(call, UnsafePointer(call.bfloats(input)), call.bfloats(output)) }
  }
}
