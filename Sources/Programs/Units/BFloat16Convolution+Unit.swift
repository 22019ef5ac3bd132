import Basics
import Graphs
import Kernels
import Models
import Tensors

extension BFloat16Convolution: CompiledOperator {
  var phase: Program.Phase { .forward }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    guard case .frozen(let weights) = builder.parameters else {
      preconditionFailure("\(builder.node.name) has no filters that stay as they are")
    }
    let (shape, choice) = builder.product()
    let group = builder.groupProduct()
    let parameters = builder.parameters(
      [1] + (layer.biasInput.map { [$0] } ?? []) + Array(layer.normInputs))
    let folded = try FoldedFilters(
      parameters, from: weights, epsilon: layer.normEpsilon,
      outputs: layer.part.map { $0.first..<$0.first + layer.filters })
    let added = layer.residualInput.map { builder.element($0) }
    let convolution = folded.compile(
      choice == .reference ? .reference : .tile, group,
      epilogue: BFloat16Epilogue(
        residual: added, activation: layer.epilogue.activation, output: self.output),
      threads: builder.threads)
    builder.unit.algorithm = nil
    builder.unit.kernelName = convolution.algorithm.rawValue
    builder.unit.isOnBFloat16 = true
    builder.unit.epilogue = layer.epilogue
    builder.unit.executedFLOPs =
      Double(builder.batch / builder.images) * convolution.executedFLOPs
    builder.unit.leastBytes =
      2 * (shape.inputCount + shape.filterCount)
      + shape.outputCount * (self.output.byteCount + (added?.byteCount ?? 0))
    builder.workspaceCount = (convolution.workspaceByteCount + 3) / 4
    builder.filterMemory = convolution.filterMemory
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

extension UnitCall {
  /// A value's first element for this group, where its elements are bfloat16.
  func bfloats(_ place: BoundPlace) -> UnsafeMutablePointer<BFloat16> {
    bytes(place).assumingMemoryBound(to: BFloat16.self)
  }
}

extension UnitBuilder {
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
