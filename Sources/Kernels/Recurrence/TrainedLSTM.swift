/// An LSTM over sequences whose weights change from call to call, and that keeps what its backward pass
/// reads.
///
/// Weights lie as PyTorch has them, gates `i f g o`. The products of all steps with the input are one,
/// written where the gates are kept; each step adds that of the state before it, in place, and turns the
/// sums into gates. Sequences are the outermost dimension. Error: that of the products, and 2⁻²² of
/// each gate.
public final class TrainedLSTM: Sendable {
  let size: Recurrence.Size
  private let (input, state): (PanelProduct, PanelProduct)
  private let (inputGrid, stateGrid): (WorkGrid, WorkGrid)
  private let threads: Int

  /// Fixes all lengths.
  ///
  /// - Parameters:
  ///   - size: Each length at least 1.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the block sizes follow from.
  public init(_ size: Recurrence.Size, threads: Int, caches: CacheSizes = .current) {
    (self.size, self.threads) = (size, threads)
    func product(_ depth: Int, adds: Bool) -> PanelProduct {
      PanelProduct(
        windows: 1, channels: depth, columns: 4 * size.states,
        epilogue: Epilogue(addsResidual: adds), caches: caches)
    }
    (input, state) = (product(size.inputs, adds: false), product(size.states, adds: true))
    inputGrid = WorkGrid(
      rows: size.steps * size.batch, panels: input.packed.panels, depth: size.inputs,
      threads: threads)
    stateGrid = WorkGrid(
      rows: size.batch, panels: state.packed.panels, depth: size.states, threads: threads)
  }

  /// What a call reads and writes.
  public struct Operands {
    /// `batch × steps × inputs`.
    public var input: UnsafePointer<Float>
    /// `4 · states × inputs`, and `4 · states × states`.
    public var (inputWeights, stateWeights): (UnsafePointer<Float>, UnsafePointer<Float>)
    /// `4 · states` numbers each, which are added up; nil for none.
    public var (inputBias, stateBias): (UnsafePointer<Float>?, UnsafePointer<Float>?)
    /// `batch × states` each; nil for zeros.
    public var (firstState, firstCell): (UnsafePointer<Float>?, UnsafePointer<Float>?)
    /// `batch × steps × states`, overwritten.
    public var states: UnsafeMutablePointer<Float>
    /// `batch × steps × 4 · states`, overwritten with the gates of all steps.
    public var gates: UnsafeMutablePointer<Float>
    /// `batch × steps × states`, overwritten.
    public var cells: UnsafeMutablePointer<Float>

    /// Names what there always is.
    public init(
      input: UnsafePointer<Float>, inputWeights: UnsafePointer<Float>,
      stateWeights: UnsafePointer<Float>, states: UnsafeMutablePointer<Float>,
      gates: UnsafeMutablePointer<Float>, cells: UnsafeMutablePointer<Float>
    ) {
      self.input = input
      (self.inputWeights, self.stateWeights) = (inputWeights, stateWeights)
      (self.states, self.gates, self.cells) = (states, gates, cells)
    }
  }

  /// Floats of workspace that `run` needs: the sum of the biases, and what products need.
  public var workspaceCount: Int { biasCount + scratchCount * threads }
  private var biasCount: Int { (4 * size.states + 15) / 16 * 16 }
  private var scratchCount: Int { max(input.scratchCount, state.scratchCount) }

  /// Work of all products.
  public var macs: MACs { size.macs(.lstm) }

  /// Goes through all steps.
  ///
  /// - Parameters:
  ///   - operands: Where everything is.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(_ operands: Operands, workspace: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    let (steps, batch, states) = (size.steps, size.batch, size.states)
    let (gates, scratch) = (4 * states, workspace + biasCount)
    for j in 0..<gates {
      workspace[j] = (operands.inputBias?[j] ?? 0) + (operands.stateBias?[j] ?? 0)
    }
    input.load(
      GemmOperand(operands.inputWeights, stride: size.inputs, isTransposed: true),
      bias: UnsafePointer(workspace), pool: pool)
    state.load(
      GemmOperand(operands.stateWeights, stride: states, isTransposed: true), bias: nil,
      pool: pool)
    input.run(
      rows: steps * batch,
      source: RowSource(base: operands.input, layout: .plain(stride: size.inputs)),
      output: operands.gates, residual: nil, stride: gates, grid: inputGrid, workspace: scratch,
      pool: pool)
    for step in 0..<steps {
      let before: RowSource? =
        step > 0
        ? RowSource(
          base: UnsafePointer(operands.states) + (step - 1) * states,
          layout: .plain(stride: steps * states))
        : operands.firstState.map { RowSource(base: $0, layout: .plain(stride: states)) }
      if let before {
        let target = operands.gates + step * gates
        state.run(
          rows: batch, source: before, output: target, residual: UnsafePointer(target),
          stride: steps * gates, grid: stateGrid, workspace: scratch, pool: pool)
      }
      pool.forEachShare(of: batch, grain: max(1, 1024 / states)) { rows in
        for row in rows { update(row, step, operands) }
      }
    }
  }

  /// The gates, the cell and the state of one row in one step.
  private func update(_ row: Int, _ step: Int, _ operands: Operands) {
    let H = size.states
    let place = row * size.steps + step
    let (gates, cell) = (operands.gates + place * 4 * H, operands.cells + place * H)
    let state = operands.states + place * H
    let before =
      step > 0 ? UnsafePointer(cell) - H : operands.firstCell.map { $0 + row * H }
    for j in stride(from: 0, to: H, by: VectorUnit.lanes) {
      let lanes = RowLanes(H - j)
      let i = lanes.load(gates + j).sigmoid()
      let f = lanes.load(gates + (H + j)).sigmoid()
      let g = lanes.load(gates + (2 * H + j)).hyperbolicTangent()
      let o = lanes.load(gates + (3 * H + j)).sigmoid()
      var new = i * g
      if let before { new.addProduct(f, lanes.load(before + j)) }
      lanes.store(i, gates + j)
      lanes.store(f, gates + (H + j))
      lanes.store(g, gates + (2 * H + j))
      lanes.store(o, gates + (3 * H + j))
      lanes.store(new, cell + j)
      lanes.store(o * new.hyperbolicTangent(), state + j)
    }
  }
}
