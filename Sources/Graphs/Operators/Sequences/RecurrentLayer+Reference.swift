import Foundation
import Kernels
import Tensors

extension RecurrentLayer {
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard weights == .onnx else {
      var op = self
      op.weights = .onnx
      return op.reference(arranged(inputs))
    }
    let size = size(inputs[0].shape, inputs[2].shape)
    let (T, N, H, D) = (size.steps, size.batch, size.states, directions)
    var all = [Double](repeating: 0, count: T * N * D * H)
    var (last, lastCell) = ([Double](repeating: 0, count: D * N * H), [Double]())
    lastCell = last
    /// Where the state of a sequence lies.
    func stateStart(_ d: Int, _ n: Int) -> Int { (isBatchFirst ? n * D + d : d * N + n) * H }
    for d in 0..<D {
      let weights = DirectionWeights(self, inputs, d, states: H)
      for n in 0..<N {
        let start = stateStart(d, n)
        var h = places.state.map { Array(inputs[$0].values[start..<start + H]) }
        var c = places.cell.map { Array(inputs[$0].values[start..<start + H]) }
        for index in 0..<T {
          let isReversed = direction == .reverse || d == 1
          let t = isReversed ? T - 1 - index : index
          let row = (isBatchFirst ? n * T + t : t * N + n) * size.inputs
          let x = Array(inputs[0].values[row..<row + size.inputs])
          let zeros = [Double](repeating: 0, count: H)
          let next = step(d, x, h ?? zeros, c ?? zeros, weights, inputs)
          (h, c) = (next.h, next.c)
          let place = (isBatchFirst ? (n * T + t) * D + d : (t * D + d) * N + n) * H
          all.replaceSubrange(place..<place + H, with: next.h)
        }
        if let h { last.replaceSubrange(start..<start + H, with: h) }
        if let c { lastCell.replaceSubrange(start..<start + H, with: c) }
      }
    }
    let states: Shape = isBatchFirst ? [N, D, H] : [D, N, H]
    let outputs = [
      ReferenceTensor(isBatchFirst ? [N, T, D, H] : [T, D, N, H], all),
      ReferenceTensor(states, last),
    ]
    return outputs + (cell == .lstm ? [ReferenceTensor(states, lastCell)] : [])
  }

  /// Inputs whose weights lie as PyTorch has them, as ONNX has them.
  private func arranged(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    func gates(_ tensor: ReferenceTensor) -> [Double] {
      let count = tensor.values.count / Self.torchGates.count
      return Self.torchGates.flatMap { tensor.values[$0 * count..<($0 + 1) * count] }
    }
    var result = [inputs[0]]
    for matrix in inputs[1...2] {
      result.append(ReferenceTensor([1, matrix.shape.N, matrix.shape.C], gates(matrix)))
    }
    if let bias = places.bias {
      let both = gates(inputs[bias]) + gates(inputs[bias + 1])
      result.append(ReferenceTensor([1, both.count], both))
    }
    return result + inputs[(hasBias ? 5 : 3)...]
  }

  /// The state and the cell behind one step of one sequence.
  private func step(
    _ d: Int, _ x: [Double], _ h: [Double], _ c: [Double], _ weights: DirectionWeights,
    _ inputs: [ReferenceTensor]
  ) -> (h: [Double], c: [Double]) {
    let H = h.count
    let (ofInput, ofState) = (weights.products(1, x), weights.products(2, h))
    func gate(_ gate: Int, _ j: Int) -> Double { ofInput[gate * H + j] + ofState[gate * H + j] }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func peephole(_ gate: Int, _ j: Int) -> Double {
      places.peepholes.map { inputs[$0].values[(d * 3 + gate) * H + j] } ?? 0
    }
    var (next, cells) = (h, c)
    switch cell {
    case .plain(let isRectified):
      next = h.indices.map { isRectified ? max(gate(0, $0), 0) : tanh(gate(0, $0)) }
    case .lstm:
      for j in h.indices {
        let i = sigmoid(gate(0, j) + peephole(0, j) * c[j])
        let f = sigmoid(gate(2, j) + peephole(2, j) * c[j])
        cells[j] = f * c[j] + i * tanh(gate(3, j))
        next[j] = sigmoid(gate(1, j) + peephole(1, j) * cells[j]) * tanh(cells[j])
      }
    case .gru(let resetsAfterProduct):
      let reset = h.indices.map { sigmoid(gate(1, $0)) }
      let shortened = resetsAfterProduct ? ofState : weights.products(2, zip(reset, h).map(*))
      for j in h.indices {
        let update = sigmoid(gate(0, j))
        let own = (resetsAfterProduct ? reset[j] : 1) * shortened[2 * H + j]
        let new = tanh(ofInput[2 * H + j] + own)
        next[j] = (1 - update) * new + update * h[j]
      }
    }
    return (next, cells)
  }
}

/// The matrices of one direction, their rows turned to columns, and its biases.
private struct DirectionWeights {
  /// Of inputs, then of states: a row of all gates for each element of a vector.
  private var matrices: [[Double]] = []
  /// Likewise, one for each state and gate.
  private var biases: [[Double]] = []

  init(_ layer: RecurrentLayer, _ inputs: [ReferenceTensor], _ direction: Int, states: Int) {
    let rows = layer.cell.gates * states
    for input in 1...2 {
      let columns = inputs[input].shape.C
      let first = direction * rows * columns
      let own = Array(inputs[input].values[first..<first + rows * columns])
      matrices.append(PlainProduct.transposed(own, rows: rows, columns: columns))
      biases.append(
        layer.places.bias.map { bias in
          let first = (direction * 2 + input - 1) * rows
          return Array(inputs[bias].values[first..<first + rows])
        } ?? [Double](repeating: 0, count: rows))
    }
  }

  /// The matrix of an input times a vector, and the biases: all gates of all states.
  func products(_ input: Int, _ vector: [Double]) -> [Double] {
    var sums = biases[input - 1]
    sums.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return }
      PlainProduct.add(
        vector, at: 0, depth: vector.count, times: matrices[input - 1], width: buffer.count,
        to: first)
    }
    return sums
  }
}
