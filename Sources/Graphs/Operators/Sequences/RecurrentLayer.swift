import Basics
import Kernels
import Tensors

/// A recurrent layer over sequences, in one direction or both.
///
/// Reads the sequences, the weights of inputs and of states for each direction, then a bias,
/// first states, first cells and peepholes, as far as there are. Gives the states of all steps, the
/// last ones, and the last cells of an LSTM.
package struct RecurrentLayer: Operator {
  /// Which way sequences are read.
  package enum Direction: String, Hashable, Sendable {
    /// From the first step, from the last, or one after the other.
    case forward, reverse, bidirectional
  }

  /// How weights lie.
  package enum Weights: Hashable, Sendable {
    /// As ONNX has them: a matrix for each direction, gates `i o f c`, both biases in one row.
    case onnx
    /// As PyTorch has those of an LSTM in one direction: plain matrices, gates `i f g o`, and two
    /// biases.
    case torch
  }

  /// For each of ONNX's gates of an LSTM, which one of PyTorch's it is.
  package static let torchGates = [0, 3, 1, 2]

  /// What a step does.
  package var cell: Recurrence.Cell
  package var direction: Direction
  /// Whether sequences are the outermost dimension, before the steps.
  package var isBatchFirst: Bool
  package var weights = Weights.onnx
  /// Which inputs there are behind the three.
  package var (hasBias, hasState, hasCell, hasPeepholes) = (false, false, false, false)

  /// Starts with what there always is.
  package init(_ cell: Recurrence.Cell, _ direction: Direction, isBatchFirst: Bool) {
    (self.cell, self.direction, self.isBatchFirst) = (cell, direction, isBatchFirst)
  }

  package var isPerImage: Bool { false }
  package var directions: Int { direction == .bidirectional ? 2 : 1 }
  /// Index of the bias, or of the first of two, the first states, the first cells and the peepholes
  /// among the inputs.
  package var places: (bias: Int?, state: Int?, cell: Int?, peepholes: Int?) {
    var next = 3
    func place(_ isThere: Bool, _ count: Int = 1) -> Int? {
      guard isThere else { return nil }
      next += count
      return next - count
    }
    return (place(hasBias, biases), place(hasState), place(hasCell), place(hasPeepholes))
  }
  /// Inputs that a bias is.
  private var biases: Int { weights == .torch ? 2 : 1 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let more = [hasState, hasCell, hasPeepholes].count { $0 }
    try require(3 + more + (hasBias ? biases : 0), of: inputs)
    try requireFloats(inputs)
    let (input, D) = (inputs[0].dimensions, Dimension.fixed(directions))
    let isPlain = weights == .torch
    guard input.count == 3, let width = input[2].length,
      inputs[2].dimensions.count == (isPlain ? 2 : 3),
      let states = inputs[2].dimensions.last?.length, states < 1 << 31,
      !isPlain || (cell == .lstm && direction == .forward && !hasPeepholes)
    else { throw Problem(.malformed, "\(inputs[0]) is no sequence for \(inputs[2])") }
    let rows = Dimension.fixed(cell.gates * states)
    let (steps, batch) = isBatchFirst ? (input[1], input[0]) : (input[0], input[1])
    let H = Dimension.fixed(states)
    let state = isBatchFirst ? [batch, D, H] : [D, batch, H]
    var expected: [[Dimension]] = [[D, rows, .fixed(width)], [D, rows, H]]
    if hasBias { expected.append([D, .fixed(2 * cell.gates * states)]) }
    if isPlain {
      expected = [[rows, .fixed(width)], [rows, H]]
      if hasBias { expected += [[rows], [rows]] }
    }
    if hasState { expected.append(state) }
    if hasCell { expected.append(state) }
    if hasPeepholes { expected.append([D, .fixed(3 * states)]) }
    for (given, wanted) in zip(inputs.dropFirst(), expected) where given.dimensions != wanted {
      throw Problem(.malformed, "\(given) is not \(TensorType(.f32, wanted))")
    }
    let all = isBatchFirst ? [batch, steps, D, H] : [steps, D, batch, H]
    return ([all, state] + (cell == .lstm ? [state] : [])).map { TensorType(.f32, $0) }
  }

  package func macs(_ inputs: [Shape]) -> MACs {
    MACs(directions * size(inputs[0], inputs[2]).macs(cell).count)
  }

  /// All lengths.
  ///
  /// - Parameters:
  ///   - sequences: The first input.
  ///   - weights: The third.
  /// - Returns: Those of one direction.
  package func size(_ sequences: Shape, _ weights: Shape) -> Recurrence.Size {
    let lengths = sequences.dimensions
    return Recurrence.Size(
      steps: lengths[isBatchFirst ? 1 : 0], batch: lengths[isBatchFirst ? 0 : 1],
      inputs: lengths[2], states: weights.C)
  }
}
