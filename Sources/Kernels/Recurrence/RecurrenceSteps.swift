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
  /// Calls `body` with the start and the number of lanes of each vector of a row.
  @inline(__always)
  private func forEachVector(_ body: (_ first: Int, _ count: Int) -> Void) {
    var first = 0
    while first < size.states {
      body(first, min(VectorUnit.lanes, size.states - first))
      first += VectorUnit.lanes
    }
  }

  @inline(__always)
  private func load(_ p: UnsafePointer<Float>, _ count: Int) -> Vector {
    count == VectorUnit.lanes ? Vector.load(p) : Vector.load(p, count: count)
  }

  @inline(__always)
  private func store(_ x: Vector, _ p: UnsafeMutablePointer<Float>, _ count: Int) {
    if count == VectorUnit.lanes { x.store(p) } else { x.store(p, count: count) }
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
      forEachVector { j, count in
        let sum = load(x + j, count) + load(s + j, count)
        store(isRectified ? sum.rectified() : sum.hyperbolicTangent(), h + j, count)
      }
    default:
      forEachVector { j, count in
        func gate(_ index: Int) -> Vector {
          load(x + index * H + j, count) + load(s + index * H + j, count)
        }
        let old = load(c + j, count)
        var (i, o, f) = (gate(0), gate(1), gate(2))
        if let peepholes {
          i += load(peepholes + j, count) * old
          f += load(peepholes + 2 * H + j, count) * old
        }
        let kept = f.sigmoid() * old
        let new = kept + i.sigmoid() * gate(3).hyperbolicTangent()
        if let peepholes { o += load(peepholes + H + j, count) * new }
        store(new, c + j, count)
        store(o.sigmoid() * new.hyperbolicTangent(), h + j, count)
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
        forEachVector { j, count in
          let update = (load(x + j, count) + load(s + j, count)).sigmoid()
          let reset = (load(x + H + j, count) + load(s + H + j, count)).sigmoid()
          store(update, s + j, count)
          store(reset, s + H + j, count)
          if !resetsAfterProduct {
            store(
              reset * load(memory.state + row * H + j, count), memory.reset + row * H + j, count)
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
        forEachVector { j, count in
          var own = load(memory.candidate + row * H + j, count)
          if resetsAfterProduct { own *= load(s + H + j, count) }
          let new = (load(x + j, count) + own).hyperbolicTangent()
          let update = load(s + j, count)
          store(new + update * (load(h + j, count) - new), h + j, count)
        }
      }
    }
  }
}
