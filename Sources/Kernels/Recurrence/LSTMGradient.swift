/// The derivatives of a loss by the sums that an LSTM makes its gates of, step by step from the last.
///
/// With the gates `i f g o`, cells `c` and `dh` by a state: `dc += dh · o · (1 − tanh²c)`, then by the
/// sums `i: dc · g · i(1 − i)`, `f: dc · c₋₁ · f(1 − f)`, `g: dc · i · (1 − g²)`,
/// `o: dh · tanh c · o(1 − o)`, and by the step before `dc · f` and the sums times the weights of the
/// state. What follows by weights and inputs are products over all steps, which are others' business.
/// Werbos, "Backpropagation through time: what it does and how to do it" (1990).
public final class LSTMGradient: Sendable {
  let size: Recurrence.Size
  private let state: PanelProduct
  private let grid: WorkGrid
  private let threads: Int

  /// Fixes all lengths.
  ///
  /// - Parameters:
  ///   - size: Each length at least 1.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the block sizes follow from.
  public init(_ size: Recurrence.Size, threads: Int, caches: CacheSizes = .current) {
    (self.size, self.threads) = (size, threads)
    state = PanelProduct(
      windows: 1, channels: 4 * size.states, columns: size.states, epilogue: Epilogue(),
      caches: caches)
    grid = WorkGrid(
      rows: size.batch, panels: state.packed.panels, depth: 4 * size.states, threads: threads)
  }

  /// What a call reads and writes.
  public struct Operands {
    /// What `TrainedLSTM` kept: gates, cells and states of all steps.
    public var (gates, cells, states):
      (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)
    /// `4 · states × states`.
    public var stateWeights: UnsafePointer<Float>
    /// What the sequences began with; nil for zeros.
    public var (firstState, firstCell): (UnsafePointer<Float>?, UnsafePointer<Float>?)
    /// The loss's derivatives by all states, by the last ones and by the last cells; nil where it does
    /// not depend on them.
    public var (byStates, byLastState, byLastCell):
      (UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?)
    /// `batch × steps × 4 · states`, overwritten with the derivatives by the sums.
    public var bySums: UnsafeMutablePointer<Float>
    /// `batch × steps × states`, overwritten with the state before each step.
    public var before: UnsafeMutablePointer<Float>
    /// `batch × states` each, overwritten with the derivatives by the first state and cell; nil where
    /// nobody wants them.
    public var (byFirstState, byFirstCell):
      (UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>?)

    /// Names what there always is.
    public init(
      gates: UnsafePointer<Float>, cells: UnsafePointer<Float>, states: UnsafePointer<Float>,
      stateWeights: UnsafePointer<Float>, bySums: UnsafeMutablePointer<Float>,
      before: UnsafeMutablePointer<Float>
    ) {
      (self.gates, self.cells, self.states) = (gates, cells, states)
      (self.stateWeights, self.bySums, self.before) = (stateWeights, bySums, before)
    }
  }

  /// Floats of workspace that `run` needs: derivatives by a state and a cell, and what products need.
  public var workspaceCount: Int { 2 * rowCount + state.scratchCount * threads }
  private var rowCount: Int { (size.batch * size.states + 15) / 16 * 16 }

  /// Work of the products of all steps with the weights of the state.
  public var macs: MACs { MACs(size.steps * size.batch * 4 * size.states * size.states) }

  /// Goes through all steps.
  ///
  /// - Parameters:
  ///   - operands: Where everything is.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(_ operands: Operands, workspace: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    let (steps, batch, H) = (size.steps, size.batch, size.states)
    let (byState, byCell) = (workspace, workspace + rowCount)
    let scratch = workspace + 2 * rowCount
    Self.start(byState, operands.byLastState, count: batch * H)
    Self.start(byCell, operands.byLastCell, count: batch * H)
    state.load(GemmOperand(operands.stateWeights, stride: H), bias: nil, pool: pool)
    for step in (0..<steps).reversed() {
      pool.forEachShare(of: batch, grain: max(1, 1024 / H)) { rows in
        for row in rows {
          differentiate(row, step, operands, byState: byState + row * H, byCell: byCell + row * H)
        }
      }
      // What came before the first step is a state that was given, or zeros that nobody asks for.
      guard step > 0 || operands.byFirstState != nil else { continue }
      state.run(
        rows: batch,
        source: RowSource(
          base: UnsafePointer(operands.bySums) + step * 4 * H,
          layout: .plain(stride: steps * 4 * H)),
        output: byState, residual: nil, stride: H, grid: grid, workspace: scratch, pool: pool)
    }
    operands.byFirstState?.update(from: byState, count: batch * H)
    operands.byFirstCell?.update(from: byCell, count: batch * H)
  }

  private static func start(
    _ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>?, count: Int
  ) {
    if let source {
      target.update(from: source, count: count)
    } else {
      target.update(repeating: 0, count: count)
    }
  }

  /// One row in one step: the derivatives by its sums, and by the cell before it.
  private func differentiate(
    _ row: Int, _ step: Int, _ operands: Operands, byState: UnsafeMutablePointer<Float>,
    byCell: UnsafeMutablePointer<Float>
  ) {
    let H = size.states
    let place = row * size.steps + step
    let (gates, sums) = (operands.gates + place * 4 * H, operands.bySums + place * 4 * H)
    let (cell, before) = (operands.cells + place * H, operands.before + place * H)
    let (cellBefore, stateBefore): (UnsafePointer<Float>?, UnsafePointer<Float>?) =
      step > 0
      ? (cell - H, operands.states + (place - 1) * H)
      : (operands.firstCell.map { $0 + row * H }, operands.firstState.map { $0 + row * H })
    Self.start(before, stateBefore, count: H)
    let given = operands.byStates.map { $0 + place * H }
    let one = Vector(repeating: 1)
    for j in stride(from: 0, to: H, by: VectorUnit.lanes) {
      let lanes = RowLanes(H - j)
      let (i, f) = (lanes.load(gates + j), lanes.load(gates + (H + j)))
      let (g, o) = (lanes.load(gates + (2 * H + j)), lanes.load(gates + (3 * H + j)))
      var dh = lanes.load(byState + j)
      if let given { dh += lanes.load(given + j) }
      let bounded = lanes.load(cell + j).hyperbolicTangent()
      let slope = one - bounded * bounded
      let dc = lanes.load(byCell + j).addingProduct(dh * o, slope)
      let old = cellBefore.map { lanes.load($0 + j) } ?? Vector.zero
      let (di, df) = (dc * g, dc * old)
      let (dg, d0) = (dc * i, dh * bounded)
      lanes.store(di * (i * (one - i)), sums + j)
      lanes.store(df * (f * (one - f)), sums + (H + j))
      lanes.store(dg * (one - g * g), sums + (2 * H + j))
      lanes.store(d0 * (o * (one - o)), sums + (3 * H + j))
      lanes.store(dc * f, byCell + j)
    }
  }
}
