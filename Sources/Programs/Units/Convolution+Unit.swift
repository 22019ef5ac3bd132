import Basics
import Formats
import Graphs
import Kernels
import Tensors

extension Convolution: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, algorithm) = builder.product()
    let group = shape.withBatch(builder.images)
    let convolution: any CompiledConvolution
    switch builder.parameters {
    case .frozen(let weights):
      let folded = try FoldedFilters(
        builder.parameters([1] + (biasInput.map { [$0] } ?? []) + Array(normInputs)),
        from: weights, epsilon: normEpsilon)
      convolution = folded.compile(
        algorithm, group, epilogue: epilogue, threads: builder.threads)
      builder.filters = LoadableFilters(convolution: convolution, filters: nil, bias: nil)
    case .state(let state):
      precondition(!foldsNorm, "\(builder.node.name) cannot train a folded norm")
      let filters = state.pointer(builder.parameters([1])[0])
      let bias = builder.parameters(biasInput.map { [$0] } ?? []).first.map(state.pointer)
      convolution = algorithm.compile(
        group, filters: filters, bias: bias.map { UnsafePointer($0) }, epilogue: epilogue,
        threads: builder.threads)
      builder.filters = LoadableFilters(
        convolution: convolution, filters: UnsafePointer(filters),
        bias: bias.map { UnsafePointer($0) })
    }
    builder.describe(convolution, .forward)
    builder.unit.epilogue = epilogue
    let (input, output) = (builder.input(0), builder.output(0))
    let residual = residualInput.map(builder.input)
    return { call in
      convolution.run(
        ConvOperands(
          input: call.floats(input), residual: residual.map { UnsafePointer(call.floats($0)) },
          output: call.floats(output), pitch: output.pitch, workspace: call.workspace,
          upcoming: call.upcoming),
        pool: call.pool)
    }
  }
}

extension ImageGradient: CompiledOperator {
  var direction: Program.Direction { .backwardData }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, algorithm) = builder.product()
    let gradient = algorithm.compileBackwardData(shape, threads: builder.threads)
    builder.describe(gradient, .backwardData)
    builder.unit.leastBytes += accumulates ? 4 * shape.inputCount : 0
    let (output, filters, input) = (builder.input(0), builder.input(1), builder.output(0))
    return { [accumulates] call in
      gradient.run(
        BackwardDataOperands(
          outputGradient: call.floats(output), filters: call.floats(filters),
          inputGradient: call.floats(input), accumulates: accumulates, workspace: call.workspace),
        pool: call.pool)
    }
  }
}

extension FilterGradient: CompiledOperator {
  var direction: Program.Direction { .backwardWeights }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, algorithm) = builder.product()
    let gradient = algorithm.compileBackwardWeights(shape, threads: builder.threads)
    builder.describe(gradient, .backwardWeights)
    let (input, output, filters) = (builder.input(0), builder.input(1), builder.output(0))
    return { call in
      gradient.run(
        BackwardWeightsOperands(
          input: call.floats(input), outputGradient: call.floats(output),
          filterGradient: call.floats(filters), workspace: call.workspace),
        pool: call.pool)
    }
  }
}

extension BiasSum: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (channels, rows) = (shape.C, shape.count / shape.C)
    builder.unit.phase = .backwardWeights
    builder.unit.leastBytes = 4 * (rows + 1) * channels
    let (gradient, sums) = (builder.input(0), builder.output(0))
    return { call in
      BiasGradient.sum(
        rows: rows, channels: channels, call.floats(gradient), into: call.floats(sums),
        pool: call.pool)
    }
  }
}
