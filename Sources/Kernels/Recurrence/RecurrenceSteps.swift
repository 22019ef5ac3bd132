/// What a step of a recurrent layer works on, row by row of `states` floats.
struct RecurrentMemory {
  /// Gates of the state.
  var fromState: UnsafeMutablePointer<Float>
  /// The last gate of a GRU's state.
  var candidate: UnsafeMutablePointer<Float>
  /// What that gate reads where the reset acts on the state.
  var reset: UnsafeMutablePointer<Float>
  var state: UnsafeMutablePointer<Float>
  /// The cell of an LSTM.
  var cell: UnsafeMutablePointer<Float>
}

/// Gates of a step's input.
struct RecurrentGates {
  /// Those of the first row.
  var start: UnsafeMutablePointer<Float>
  /// Floats to those of the next.
  var stride: Int
}

extension Recurrence {
  /// Calls `body` with the start and the lanes of each vector of a row.
  @inline(__always)
  private func forEachVector(_ body: (_ first: Int, _ lanes: RowLanes) -> Void) {
    for first in stride(from: 0, to: size.states, by: VectorUnit.lanes) {
      body(first, RowLanes(size.states - first))
    }
  }

  /// The new state of one row of an RNN or an LSTM.
  func update(
    _ row: Int, _ gates: RecurrentGates, _ memory: RecurrentMemory,
    _ peepholes: UnsafePointer<Float>?
  ) {
    let H = size.states
    let (x, s) = (gates.start + row * gates.stride, memory.fromState + row * cell.gates * H)
    let (h, c) = (memory.state + row * H, memory.cell + row * H)
    switch cell {
    case .plain(let isRectified):
      forEachVector { j, lanes in
        let sum = lanes.load(x + j) + lanes.load(s + j)
        lanes.store(isRectified ? sum.rectified() : sum.hyperbolicTangent(), h + j)
      }
    default:
      forEachVector { j, lanes in
        func gate(_ index: Int) -> Vector {
          lanes.load(x + index * H + j) + lanes.load(s + index * H + j)
        }
        let old = lanes.load(c + j)
        var (i, o, f) = (gate(0), gate(1), gate(2))
        if let peepholes {
          i += lanes.load(peepholes + j) * old
          f += lanes.load(peepholes + 2 * H + j) * old
        }
        let kept = f.sigmoid() * old
        let new = kept + i.sigmoid() * gate(3).hyperbolicTangent()
        if let peepholes { o += lanes.load(peepholes + H + j) * new }
        lanes.store(new, c + j)
        lanes.store(o.sigmoid() * new.hyperbolicTangent(), h + j)
      }
    }
  }

  /// The new state of all rows of a GRU.
  func combine(
    _ candidate: PanelProduct, _ grid: WorkGrid, _ gates: RecurrentGates,
    _ memory: RecurrentMemory, _ scratch: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let (H, rows) = (size.states, size.batch)
    var resetsAfterProduct = false
    if case .gru(true) = cell { resetsAfterProduct = true }
    let grain = max(1, 1024 / H)
    pool.forEachShare(of: rows, grain: grain) { items in
      for row in items {
        let (x, s) = (gates.start + row * gates.stride, memory.fromState + row * 2 * H)
        forEachVector { j, lanes in
          let update = (lanes.load(x + j) + lanes.load(s + j)).sigmoid()
          let reset = (lanes.load(x + H + j) + lanes.load(s + H + j)).sigmoid()
          lanes.store(update, s + j)
          lanes.store(reset, s + H + j)
          if !resetsAfterProduct {
            lanes.store(
              reset * lanes.load(memory.state + row * H + j), memory.reset + row * H + j)
          }
        }
      }
    }
    let read = resetsAfterProduct ? memory.state : memory.reset
    candidate.run(
      rows: rows, source: RowSource(base: UnsafePointer(read), layout: .plain(stride: H)),
      output: memory.candidate, residual: nil, stride: H, grid: grid, workspace: scratch,
      pool: pool)
    pool.forEachShare(of: rows, grain: grain) { items in
      for row in items {
        let x = gates.start + row * gates.stride + 2 * H
        let s = memory.fromState + row * 2 * H
        let h = memory.state + row * H
        forEachVector { j, lanes in
          var own = lanes.load(memory.candidate + row * H + j)
          if resetsAfterProduct { own *= lanes.load(s + H + j) }
          let new = (lanes.load(x + j) + own).hyperbolicTangent()
          let update = lanes.load(s + j)
          lanes.store(new + update * (lanes.load(h + j) - new), h + j)
        }
      }
    }
  }
}
