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
    builder.count(MACs(D * layers[0].macs.count))

    func operand(_ place: Int?) throws(Problem) -> Operand? {
      guard let place else { return nil }
      return try builder.operand(place)
    }
    let (inputs, states, bias) = try matrices(builder)
    let (state, first) = (try operand(places.state), try operand(places.cell))
    let peepholes = try operand(places.peepholes)
    // Weights that stay as they are, are packed once.
    let packsOnce =
      inputs.kept != nil && states.kept != nil && (bias == nil || bias?.kept != nil)
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
    if let keptInputs = inputs.kept, let keptStates = states.kept, packsOnce {
      let sums = AlignedBuffer(count: gates)
      withExtendedLifetime((inputs, states, bias)) {
        for d in 0..<D {
          load(d, keptInputs, keptStates, bias?.kept, sums.pointer, .alone)
        }
      }
    }
    // What was packed is read no more.
    let live = packsOnce ? nil : (inputs: inputs, states: states, bias: bias)
    // Floats from step to step, row to row and direction to direction of all states.
    let (step, row, side) = isBatchFirst ? (D * H, T * D * H, H) : (D * N * H, H, N * H)
    let (stateRow, stateSide) = isBatchFirst ? (D * H, H) : (H, N * H)
    return builder.kernel { [direction] call, input, output in
      for d in 0..<D {
        if let live {
          load(
            d, live.inputs.floats(call), live.states.floats(call), live.bias?.floats(call),
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

  /// Weights and bias as the kernel has them.
  private func matrices(
    _ builder: UnitBuilder
  ) throws(Problem) -> (inputs: Operand, states: Operand, bias: Operand?) {
    guard weights == .torch else {
      var bias: Operand?
      if let place = places.bias { bias = try builder.operand(place) }
      return (try builder.operand(1), try builder.operand(2), bias)
    }
    var bias: Operand?
    if let place = places.bias { bias = try arranged([place, place + 1], builder) }
    return (try arranged([1], builder), try arranged([2], builder), bias)
  }

  /// Weights of PyTorch, one tensor behind the other, with their gates in ONNX's order.
  private func arranged(
    _ places: [Int], _ builder: UnitBuilder
  ) throws(Problem) -> Operand {
    let counts = places.map { builder.inputShape($0).count }
    let held = Operand.Held(byteCount: 4 * counts.reduce(0, +))
    var target = held.buffer.pointer
    for (place, count) in zip(places, counts) {
      let operand = try builder.operand(place)
      guard let source = operand.kept else {
        throw Problem(
          .malformed, "\(builder.node.name): weights in PyTorch's order cannot change in a run")
      }
      let block = count / Self.torchGates.count
      withExtendedLifetime(operand) {
        for (gate, other) in Self.torchGates.enumerated() {
          (target + gate * block).update(from: source + other * block, count: block)
        }
      }
      target += count
    }
    return Operand(held)
  }
}
