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
          let next = step(d, x, h ?? zeros, c ?? zeros, inputs)
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
    _ d: Int, _ x: [Double], _ h: [Double], _ c: [Double], _ inputs: [ReferenceTensor]
  ) -> (h: [Double], c: [Double]) {
    let (H, G) = (h.count, cell.gates)
    /// A gate's row of a direction's matrix times a vector, and its bias.
    func product(_ input: Int, _ gate: Int, _ j: Int, _ vector: [Double]) -> Double {
      let row = ((d * G + gate) * H + j) * vector.count
      var sum =
        places.bias.map {
          inputs[$0].values[(d * 2 + input - 1) * G * H + gate * H + j]
        } ?? 0
      for p in vector.indices { sum += inputs[input].values[row + p] * vector[p] }
      return sum
    }
    func gate(_ gate: Int, _ j: Int) -> Double { product(1, gate, j, x) + product(2, gate, j, h) }
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
      let shortened = zip(reset, h).map(*)
      for j in h.indices {
        let update = sigmoid(gate(0, j))
        let own =
          resetsAfterProduct
          ? reset[j] * product(2, 2, j, h) : product(2, 2, j, shortened)
        let new = tanh(product(1, 2, j, x) + own)
        next[j] = (1 - update) * new + update * h[j]
      }
    }
    return (next, cells)
  }
}
