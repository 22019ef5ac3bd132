import Basics
import Graphs
import Kernels
import Tensors

extension TrainedRecurrentLayer: CompiledOperator {
  var phase: Program.Phase { .forward }
  var kernelName: String? { "recurrent.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let size = layer.size(builder.inputShape(0), builder.inputShape(2))
    let kernel = TrainedLSTM(size, threads: builder.threads)
    builder.workspaceCount = kernel.workspaceCount
    builder.count(kernel.macs)
    let (inputs, states) = (builder.input(1), builder.input(2))
    let bias = layer.places.bias.map { (builder.input($0), builder.input($0 + 1)) }
    let state = layer.places.state.map { builder.input($0) }
    let cell = layer.places.cell.map { builder.input($0) }
    let (lastState, lastCell) = (builder.output(1), builder.output(2))
    let (gates, cells) = (builder.output(3), builder.output(4))
    let (T, N, H) = (size.steps, size.batch, size.states)
    return builder.kernel { call, input, output in
      var operands = TrainedLSTM.Operands(
        input: input, inputWeights: call.floats(inputs), stateWeights: call.floats(states),
        states: output, gates: call.floats(gates), cells: call.floats(cells))
      operands.inputBias = bias.map { UnsafePointer(call.floats($0.0)) }
      operands.stateBias = bias.map { UnsafePointer(call.floats($0.1)) }
      operands.firstState = state.map { UnsafePointer(call.floats($0)) }
      operands.firstCell = cell.map { UnsafePointer(call.floats($0)) }
      kernel.run(operands, workspace: call.workspace, pool: call.pool)
      for row in 0..<N {
        let last = (row * T + T - 1) * H
        (call.floats(lastState) + row * H).update(from: output + last, count: H)
        (call.floats(lastCell) + row * H).update(from: call.floats(cells) + last, count: H)
      }
    }
  }
}

extension RecurrentGradient: CompiledOperator {
  var phase: Program.Phase { .backwardData }
  var kernelName: String? { "recurrent-gradient.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(1)
    let kernel = LSTMGradient(
      Recurrence.Size(
        steps: shape.dimensions[1], batch: shape.N, inputs: shape.C, states: shape.C),
      threads: builder.threads)
    builder.workspaceCount = kernel.workspaceCount
    builder.count(kernel.macs)
    func place(_ index: Int?) -> BoundPlace? { index.map { builder.input($0) } }
    let (gates, cells, states) = (builder.input(0), builder.input(1), builder.input(2))
    let (weights, places) = (builder.input(3), self.places)
    let (firstState, firstCell) = (place(places.state), place(places.cell))
    let (byStates, byLastState) = (place(places.byStates), place(places.byLastState))
    let byLastCell = place(places.byLastCell)
    let (sums, before) = (builder.output(0), builder.output(1))
    let byFirstState = places.state.map { _ in builder.output(2) }
    let byFirstCell = places.cell.map { _ in builder.output(places.state == nil ? 2 : 3) }
    return { call in
      func floats(_ place: BoundPlace?) -> UnsafePointer<Float>? {
        place.map { UnsafePointer(call.floats($0)) }
      }
      var operands = LSTMGradient.Operands(
        gates: call.floats(gates), cells: call.floats(cells), states: call.floats(states),
        stateWeights: call.floats(weights), bySums: call.floats(sums),
        before: call.floats(before))
      (operands.firstState, operands.firstCell) = (floats(firstState), floats(firstCell))
      (operands.byStates, operands.byLastState) = (floats(byStates), floats(byLastState))
      operands.byLastCell = floats(byLastCell)
      operands.byFirstState = byFirstState.map { call.floats($0) }
      operands.byFirstCell = byFirstCell.map { call.floats($0) }
      kernel.run(operands, workspace: call.workspace, pool: call.pool)
    }
  }
}
