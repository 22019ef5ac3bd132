import Basics
import Graphs
import Kernels
import Tensors

extension CrossEntropy: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (logits, labels) = (builder.input(0), builder.input(1))
    let (loss, gradient) = (builder.output(0), builder.output(1))
    return { [shards] call in
      let value = SoftmaxLoss.compute(
        images: shape.N, classes: shape.C, logits: call.floats(logits),
        labels: call.bytes(labels).assumingMemoryBound(to: Int32.self),
        gradient: call.floats(gradient), shards: shards)
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

extension MomentumDescent: CompiledOperator {
  var phase: Program.Phase { .update }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    guard case .state(let state) = builder.parameters else {
      preconditionFailure("\(builder.node.name) has no state to update")
    }
    let trained = builder.parameters(1...builder.node.outputs.count)
    precondition(
      Set(trained.map(\.name)) == Set(state.parameters.filter(\.isTrainable).map(\.name)),
      "\(builder.node.name) updates a part of the state only")
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
