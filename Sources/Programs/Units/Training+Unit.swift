import Basics
import Graphs
import Kernels
import Tensors

extension CrossEntropy: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (logits, labels) = (builder.input(0), builder.input(1))
    let (loss, gradient) = (builder.output(0), builder.output(1))
    return { [shards, weight] call in
      let value = SoftmaxLoss.compute(
        images: shape.N, classes: shape.C, logits: call.floats(logits),
        labels: call.bytes(labels).assumingMemoryBound(to: Int32.self),
        gradient: call.floats(gradient), shards: shards, weight: weight)
      call.bytes(loss).storeBytes(of: value, as: Double.self)
    }
  }
}

extension GradientSum: CompiledOperator {
  var phase: Program.Phase { .allReduce }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    guard case .state(let state) = builder.parameters else {
      preconditionFailure("\(builder.node.name) has no gradients to sum")
    }
    return { _ in state.reduction?.complete() }
  }
}

extension ShareCrossEntropy: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (logits, shares) = (builder.input(0), builder.input(1))
    let (loss, gradient) = (builder.output(0), builder.output(1))
    return { call in
      let value = TargetLoss.crossEntropy(
        rows: shape.N, classes: shape.C, logits: call.floats(logits), shares: call.floats(shares),
        gradient: call.floats(gradient))
      call.bytes(loss).storeBytes(of: value, as: Double.self)
    }
  }
}

extension SquaredError: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let count = builder.inputShape(0).count
    let (values, targets) = (builder.input(0), builder.input(1))
    let (loss, gradient) = (builder.output(0), builder.output(1))
    return { call in
      let value = TargetLoss.squaredError(
        count: count, values: call.floats(values), targets: call.floats(targets),
        gradient: call.floats(gradient))
      call.bytes(loss).storeBytes(of: value, as: Double.self)
    }
  }
}

extension MomentumDescent: CompiledOperator {
  var phase: Program.Phase { .update }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let state = builder.wholeState()
    // Weights, gradients and momenta are read, weights and momenta written.
    builder.unit.leastBytes = 5 * 4 * state.values.count
    let numbers = builder.input(0)
    return { call in
      let given = call.floats(numbers)
      SGD(learningRate: given[0], momentum: given[1], weightDecay: given[2]).update(
        count: state.values.count, weights: state.values.pointer,
        gradient: state.gradients.pointer, direction: state.momenta.pointer, pool: call.pool)
    }
  }
}

extension ParameterUpdate: CompiledOperator {
  var phase: Program.Phase { .update }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let state = builder.wholeState()
    precondition(
      !kind.hasSecondMoment || state.squares.count == state.values.count,
      "\(builder.node.name): the state keeps no means of squares")
    // Weights, gradients and moments are read, weights and moments written.
    builder.unit.leastBytes = (kind.hasSecondMoment ? 7 : 5) * 4 * state.values.count
    let trained = zip(builder.parameters(1...decays.count), decays)
    let decaying = Set(trained.filter { $0.1 }.map { $0.0.name })
    let pass = OptimizerPass(
      kind, segments: state.segments(decaying: decaying), threads: builder.threads)
    builder.workspaceCount = pass.workspaceCount
    let numbers = builder.input(0)
    return { [kind] call in
      pass.run(
        OptimizerPass.Memory(
          weights: state.values.pointer, gradients: state.gradients.pointer,
          moments: state.momenta.pointer,
          squares: kind.hasSecondMoment ? state.squares.pointer : nil),
        numbers: call.floats(numbers), workspace: call.workspace, pool: call.pool)
    }
  }
}

extension UnitBuilder {
  /// The state, all of whose trained parameters the node updates.
  fileprivate func wholeState() -> TrainingState {
    guard case .state(let state) = parameters else {
      preconditionFailure("\(node.name) has no state to update")
    }
    let trained = parameters(1...node.outputs.count)
    precondition(
      Set(trained.map(\.name)) == Set(state.parameters.filter(\.isTrainable).map(\.name)),
      "\(node.name) updates a part of the state only")
    return state
  }
}
