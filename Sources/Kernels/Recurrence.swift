/// A recurrent layer over a sequence, in one direction: RNN, GRU or LSTM.
///
/// The products of all steps with the input are one; each step then adds that of the state, and its
/// gates, row by row. Gates lie as ONNX has them: `i o f c` of an LSTM, `z r h` of a GRU. Error: that
/// of the products, and 2⁻²² of each gate.
public final class Recurrence: Sendable {
  /// What a step does with its gates.
  public enum Cell: Hashable, Sendable {
    /// `h = tanh(x)`, or `max(x, 0)`.
    case plain(isRectified: Bool)
    /// Gates of update and reset; the reset acts on the state, or on what the state gives.
    case gru(resetsAfterProduct: Bool)
    /// Gates of input, output and forgetting, and a cell beside the state.
    case lstm

    /// Gates of a step.
    public var gates: Int {
      switch self {
      case .plain: 1
      case .gru: 3
      case .lstm: 4
      }
    }
  }

  /// Lengths of all operands.
  public struct Size: Hashable, Sendable {
    /// Steps, and sequences side by side.
    public var (steps, batch): (Int, Int)
    /// Floats of an input, and of a state.
    public var (inputs, states): (Int, Int)

    /// Names all lengths.
    public init(steps: Int, batch: Int, inputs: Int, states: Int) {
      precondition(min(steps, batch, inputs, states) > 0, "an empty sequence")
      (self.steps, self.batch, self.inputs, self.states) = (steps, batch, inputs, states)
    }

    /// Work of all products with the weights of a cell.
    public func macs(_ cell: Cell) -> MACs {
      MACs(steps * batch * cell.gates * states * (inputs + states))
    }
  }

  let cell: Cell
  let size: Size
  /// Whether sequences are the outermost dimension of inputs and outputs; otherwise steps are.
  let isBatchFirst: Bool
  /// All gates of the input; those of the state; and, for a GRU, its last gate of the state.
  private let (input, state): (PanelProduct, PanelProduct)
  private let candidate: PanelProduct?
  private let (inputGrid, stateGrid): (WorkGrid, WorkGrid)
  private let candidateGrid: WorkGrid?
  private let threads: Int

  /// Fixes all lengths.
  ///
  /// - Parameters:
  ///   - cell: What a step does.
  ///   - size: Each length at least 1.
  ///   - isBatchFirst: Whether inputs are `batch × steps × inputs`, not `steps × batch × inputs`.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the block sizes follow from.
  public init(
    _ cell: Cell, _ size: Size, isBatchFirst: Bool, threads: Int, caches: CacheSizes = .current
  ) {
    (self.cell, self.size, self.isBatchFirst) = (cell, size, isBatchFirst)
    self.threads = threads
    func product(_ depth: Int, _ columns: Int) -> PanelProduct {
      PanelProduct(
        windows: 1, channels: depth, columns: columns, epilogue: Epilogue(), caches: caches)
    }
    func grid(_ rows: Int, _ product: PanelProduct) -> WorkGrid {
      WorkGrid(
        rows: rows, panels: product.packed.panels, depth: product.packed.depth, threads: threads)
    }
    var isGRU = false
    if case .gru = cell { isGRU = true }
    input = product(size.inputs, cell.gates * size.states)
    state = product(size.states, (isGRU ? 2 : cell.gates) * size.states)
    candidate = isGRU ? product(size.states, size.states) : nil
    inputGrid = grid(size.steps * size.batch, input)
    stateGrid = grid(size.batch, state)
    candidateGrid = candidate.map { grid(size.batch, $0) }
  }

  /// Floats of workspace that `run` needs: gates of all steps; then those of a state, of which a GRU
  /// uses the third for what its candidate reads; the candidate, the state and the cell; and what
  /// products need.
  public var workspaceCount: Int { gateCount + stepCount * (cell.gates + 3) + scratchCount }

  private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
  private var gateCount: Int {
    Self.aligned(size.steps * size.batch * cell.gates * size.states)
  }
  private var stepCount: Int { Self.aligned(size.batch * size.states) }
  private var scratchCount: Int {
    max(input.scratchCount, state.scratchCount, candidate?.scratchCount ?? 0) * threads
  }

  /// Work of all products.
  public var macs: MACs { size.macs(cell) }

  /// Packs the weights; allocates nothing.
  ///
  /// - Parameters:
  ///   - inputs: `gates · states × inputs`.
  ///   - states: `gates · states × states`.
  ///   - bias: `2 · gates · states` floats, those of inputs first; nil for zeros.
  ///   - sums: `gates · states` floats that biases are added up in.
  ///   - pool: Shares out the panels.
  public func load(
    inputs: UnsafePointer<Float>, states: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    sums: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (H, count) = (size.states, cell.gates * size.states)
    var resetsAfterProduct = false
    if case .gru(true) = cell { resetsAfterProduct = true }
    for j in 0..<count {
      // What the reset acts on has its own bias; all others are one.
      let isApart = resetsAfterProduct && j >= 2 * H
      sums[j] = (bias?[j] ?? 0) + (isApart ? 0 : bias?[count + j] ?? 0)
    }
    input.load(
      GemmOperand(inputs, stride: size.inputs, isTransposed: true), bias: UnsafePointer(sums),
      pool: pool)
    state.load(GemmOperand(states, stride: H, isTransposed: true), bias: nil, pool: pool)
    candidate?.load(
      GemmOperand(states + 2 * H * H, stride: H, isTransposed: true),
      bias: resetsAfterProduct ? bias.map { $0 + count + 2 * H } : nil, pool: pool)
  }

  /// Goes through all steps.
  ///
  /// - Parameters:
  ///   - operands: Where everything is.
  ///   - isReversed: Whether the last step comes first.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(
    _ operands: Operands, isReversed: Bool, workspace: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let (H, rows, gates) = (size.states, size.batch, cell.gates * size.states)
    let fromState = workspace + gateCount
    let memory = RecurrentMemory(
      fromState: fromState, candidate: fromState + stepCount * cell.gates,
      reset: fromState + stepCount * 2,
      state: fromState + stepCount * (cell.gates + 1),
      cell: fromState + stepCount * (cell.gates + 2))
    let scratch = fromState + stepCount * (cell.gates + 3)
    input.run(
      rows: size.steps * rows,
      source: RowSource(base: operands.input, layout: .plain(stride: size.inputs)),
      output: workspace, residual: nil, stride: gates, grid: inputGrid, workspace: scratch,
      pool: pool)
    for row in 0..<rows {
      start(memory.state + row * H, operands.state.map { $0 + row * operands.stateStride })
      start(memory.cell + row * H, operands.cell.map { $0 + row * operands.stateStride })
    }
    let stateColumns = state.packed.columns
    for index in 0..<size.steps {
      let step = isReversed ? size.steps - 1 - index : index
      let source = RowSource(base: UnsafePointer(memory.state), layout: .plain(stride: H))
      state.run(
        rows: rows, source: source, output: memory.fromState, residual: nil,
        stride: stateColumns, grid: stateGrid, workspace: scratch, pool: pool)
      let fromInput = RecurrentGates(
        start: workspace + (isBatchFirst ? step : step * rows) * gates,
        stride: isBatchFirst ? size.steps * gates : gates)
      if let candidate, let candidateGrid {
        combine(candidate, candidateGrid, fromInput, memory, scratch, pool)
      } else {
        pool.forEachShare(of: rows, grain: max(1, 1024 / H)) { items in
          for row in items { update(row, fromInput, memory, operands.peepholes) }
        }
      }
      if let output = operands.output {
        for row in 0..<rows {
          (output.start + step * output.step + row * output.row).update(
            from: memory.state + row * H, count: H)
        }
      }
    }
    for row in 0..<rows {
      (operands.lastState.map { $0 + row * operands.stateStride })?.update(
        from: memory.state + row * H, count: H)
      (operands.lastCell.map { $0 + row * operands.stateStride })?.update(
        from: memory.cell + row * H, count: H)
    }
  }

  private func start(_ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>?) {
    if let source {
      target.update(from: source, count: size.states)
    } else {
      target.update(repeating: 0, count: size.states)
    }
  }
}
