import Basics
import Graphs
import Kernels
import Tensors

extension RecurrentLayer: CompiledOperator {
  var phase: Program.Phase { .forward }
  var kernelName: String? { "recurrent.f32" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let size = size(builder.inputShape(0), builder.inputShape(2))
    let (T, N, H, D) = (size.steps, size.batch, size.states, directions)
    let layers = (0..<D).map { _ in
      Recurrence(cell, size, isBatchFirst: isBatchFirst, threads: builder.threads)
    }
    let gates = cell.gates * H
    // Behind what a layer needs, the sums of its biases.
    let sumPlace = (layers[0].workspaceCount + 15) / 16 * 16
    builder.workspaceCount = sumPlace + gates
    builder.unit.directFLOPs = Double(D) * layers[0].macs.flops
    builder.unit.executedFLOPs = builder.unit.directFLOPs

    let weights = (try builder.operand(1), try builder.operand(2))
    func operand(_ place: Int?) throws(Problem) -> Operand? {
      guard let place else { return nil }
      return try builder.operand(place)
    }
    let bias = try operand(places.bias)
    let (state, first) = (try operand(places.state), try operand(places.cell))
    let peepholes = try operand(places.peepholes)
    // Weights that stay as they are, are packed once.
    let packsOnce = [weights.0, weights.1, bias].allSatisfy { $0.map { $0.kept != nil } ?? true }
    let place = builder.output(1)
    let lastCell = cell == .lstm ? builder.output(2) : nil
    func load(
      _ d: Int, _ inputs: UnsafePointer<Float>, _ states: UnsafePointer<Float>,
      _ bias: UnsafePointer<Float>?, _ sums: UnsafeMutablePointer<Float>, _ pool: ThreadPool
    ) {
      layers[d].load(
        inputs: inputs + d * gates * size.inputs, states: states + d * gates * H,
        bias: bias.map { $0 + d * 2 * gates }, sums: sums, pool: pool)
    }
    if let inputs = weights.0.kept, let states = weights.1.kept, packsOnce {
      let sums = AlignedBuffer(count: gates)
      for d in 0..<D {
        load(d, inputs, states, bias?.kept, sums.pointer, ThreadPool(threads: 1))
      }
    }
    // Floats from step to step, row to row and direction to direction of all states.
    let (step, row, side) = isBatchFirst ? (D * H, T * D * H, H) : (D * N * H, H, N * H)
    let (stateRow, stateSide) = isBatchFirst ? (D * H, H) : (H, N * H)
    return builder.kernel { [direction] call, input, output in
      for d in 0..<D {
        if !packsOnce {
          load(
            d, weights.0.floats(call), weights.1.floats(call), bias?.floats(call),
            call.workspace + sumPlace, call.pool)
        }
        var operands = Recurrence.Operands(input: input, stateStride: stateRow)
        operands.state = state.map { $0.floats(call) + d * stateSide }
        operands.cell = first.map { $0.floats(call) + d * stateSide }
        operands.peepholes = peepholes.map { $0.floats(call) + d * 3 * H }
        operands.output = (output + d * side, step, row)
        operands.lastState = call.floats(place) + d * stateSide
        operands.lastCell = lastCell.map { call.floats($0) + d * stateSide }
        layers[d].run(
          operands, isReversed: direction == .reverse || d == 1, workspace: call.workspace,
          pool: call.pool)
      }
    }
  }
}
