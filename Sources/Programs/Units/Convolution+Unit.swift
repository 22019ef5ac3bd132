import Basics
import Graphs
import Kernels
import Tensors

extension Convolution: CompiledOperator {
  var phase: Program.Phase { .forward }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, algorithm) = builder.product()
    let group = builder.groupProduct()
    let convolution: any CompiledConvolution
    switch builder.parameters {
    case .frozen(let weights):
      let parameters = builder.parameters(
        [1] + (biasInput.map { [$0] } ?? []) + Array(normInputs))
      let outputs = part.map { $0.first..<$0.first + filters }
      let make = { () throws(Problem) -> any CompiledConvolution in
        try FoldedFilters(parameters, from: weights, epsilon: normEpsilon, outputs: outputs)
          .compile(algorithm, group, epilogue: epilogue, threads: builder.threads)
      }
      if let shared = weights as? SharedWeights {
        let product = SharedWeights.Product(
          parameters: parameters.map(\.name), outputs: outputs, algorithm: algorithm,
          epilogue: epilogue, epsilon: normEpsilon)
        convolution = try shared.convolution(
          product, group, threads: builder.threads, make: make)
      } else {
        convolution = try make()
      }
      builder.filters = LoadableFilters(convolution: convolution, filters: nil, bias: nil)
    case .state(let state):
      precondition(!foldsNorm, "\(builder.node.name) cannot train a folded norm")
      let first = part?.first ?? 0
      let filters = state.pointer(builder.parameters([1])[0]) + first * shape.C
      let bias = builder.parameters(biasInput.map { [$0] } ?? []).first.map {
        state.pointer($0) + first
      }
      convolution = algorithm.compile(
        group, filters: filters, bias: bias.map { UnsafePointer($0) }, epilogue: epilogue,
        threads: builder.threads)
      builder.filters = LoadableFilters(
        convolution: convolution, filters: UnsafePointer(filters),
        bias: bias.map { UnsafePointer($0) })
    }
    builder.describe(convolution)
    builder.unit.leastBytes = 4 * (shape.inputCount + shape.filterCount + shape.outputCount)
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
  var phase: Program.Phase { .backwardData }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, algorithm) = builder.product()
    let gradient = algorithm.compileBackwardData(shape, threads: builder.threads)
    builder.describe(gradient)
    let filters = builder.input(1)
    // Filters lie output by output, so those of a part follow one another.
    let first = (convolution.part?.first ?? 0) * shape.C
    return builder.kernel { [accumulates] call, output, input in
      gradient.run(
        BackwardDataOperands(
          outputGradient: output, filters: call.floats(filters) + first, inputGradient: input,
          accumulates: accumulates, workspace: call.workspace),
        pool: call.pool)
    }
  }
}

extension FilterGradient: CompiledOperator {
  var phase: Program.Phase { .backwardWeights }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, algorithm) = builder.product()
    let gradient = algorithm.compileBackwardWeights(shape, threads: builder.threads)
    builder.describe(gradient)
    let output = builder.input(1)
    guard let part = convolution.part else {
      return builder.kernel { call, input, filters in
        gradient.run(
          BackwardWeightsOperands(
            input: input, outputGradient: call.floats(output), filterGradient: filters,
            workspace: call.workspace),
          pool: call.pool)
      }
    }
    builder.unit.leastBytes = 4 * (shape.inputCount + shape.filterCount + shape.outputCount)
    let (first, end) = (part.first * shape.C, (part.first + shape.K) * shape.C)
    let total = part.total * shape.C
    return builder.kernel { [fills] call, input, matrix in
      if !fills {
        matrix.update(repeating: 0, count: first)
        (matrix + end).update(repeating: 0, count: total - end)
      }
      gradient.run(
        BackwardWeightsOperands(
          input: input, outputGradient: call.floats(output), filterGradient: matrix + first,
          workspace: call.workspace),
        pool: call.pool)
    }
  }
}

extension BiasSum: CompiledOperator {
  var phase: Program.Phase { .backwardWeights }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (first, total) = (part?.first ?? 0, part?.total ?? shape.C)
    if builder.element(0) == .bf16 {
      let (gradient, output) = (builder.input(0), builder.output(0))
      builder.unit.kernelName = "rows.bf16.sum"
      return { call in
        let sums = call.floats(output)
        sums.update(repeating: 0, count: first)
        (sums + first + shape.C).update(repeating: 0, count: total - first - shape.C)
        BiasGradient.sum(
          rows: shape.count / shape.C, channels: shape.C, UnsafePointer(call.bfloats(gradient)),
          into: sums + first, pool: call.pool)
      }
    }
    return builder.kernel { call, gradient, sums in
      sums.update(repeating: 0, count: first)
      (sums + first + shape.C).update(repeating: 0, count: total - first - shape.C)
      BiasGradient.sum(
        rows: shape.count / shape.C, channels: shape.C, gradient, into: sums + first,
        pool: call.pool)
    }
  }
}

extension LoopConvolution: CompiledOperator {
  var phase: Program.Phase { .forward }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let convolution = convolution(builder.inputShape(0), builder.inputShape(1))
    let (input, filters) = (try builder.operand(0), try builder.operand(1))
    let bias = builder.node.inputs.count > 2 ? try builder.operand(2) : nil
    let output = builder.output(0)
    builder.count(convolution.macs)
    return { call in
      convolution.run(
        input: input.floats(call), weights: filters.floats(call), bias: bias?.floats(call),
        output: call.floats(output), pool: call.pool)
    }
  }
}
