import Basics
import Foundation
import Kernels
import Tensors

/// A recurrent layer as training has it: an LSTM that keeps its gates and cells.
///
/// Reads and gives what the layer does, and behind that the gates of all steps, `batch × steps × 4 ·
/// states` in PyTorch's order `i f g o`, and all cells, `batch × steps × states`.
package struct TrainedRecurrentLayer: Operator {
  /// The layer, an LSTM with PyTorch's weights that reads sequences forward, these outermost.
  package var layer: RecurrentLayer

  package var isPerImage: Bool { false }
  package func macs(_ inputs: [Shape]) -> MACs { layer.macs(inputs) }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard layer.isTrainable else {
      throw Problem(.malformed, "only a forward LSTM with PyTorch's weights is trained")
    }
    let plain = try layer.outputs(inputs)
    let (leading, states) = (plain[0].dimensions.prefix(2), plain[0].dimensions[3])
    let gates = Dimension.fixed(4 * (states.length ?? 1))
    return plain + [gates, states].map { TensorType(.f32, leading + [$0]) }
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    var result = [Graph.Value?](repeating: nil, count: node.inputs.count)
    let wanted = Array(gradients.prefix(3))
    guard wanted.contains(where: { $0 != nil }) else { return result }
    let op = RecurrentGradient(
      layer: layer, hasStates: wanted[0] != nil, hasLastState: wanted[1] != nil,
      hasLastCell: wanted[2] != nil)
    let first = [layer.places.state, layer.places.cell].compactMap { $0.map { node.inputs[$0] } }
    let given = try tape.append(
      node.name, op,
      [node.outputs[3], node.outputs[4], node.outputs[0], node.inputs[2]] + first
        + wanted.compactMap { $0 })
    let (sums, before) = (given[0], given[1])
    let outputs = tape.type(sums).dimensions.last?.length ?? 1
    let rows = Convolution.rows(outputs: outputs, hasBias: false)
    for (weights, read) in [(1, node.inputs[0]), (2, before)] where tape.wants(node.inputs[weights])
    {
      result[weights] = try tape.append(
        node.name, FilterGradient(convolution: rows), [read, sums])[0]
    }
    if let bias = layer.places.bias {
      // Each has a place of its own, so each is summed.
      for place in [bias, bias + 1] where tape.wants(node.inputs[place]) {
        result[place] = try tape.append(node.name, BiasSum(), [sums])[0]
      }
    }
    if tape.wants(node.inputs[0]) {
      let image = tape.type(node.inputs[0])
      result[0] = try tape.append(
        node.name, ImageGradient(convolution: rows, image: image), [sums, node.inputs[1]])[0]
    }
    if let state = layer.places.state { result[state] = given[2] }
    if let cell = layer.places.cell { result[cell] = given[given.count - 1] }
    return result
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let plain = layer.reference(inputs)
    let size = layer.size(inputs[0].shape, inputs[2].shape)
    let (T, N, H, I) = (size.steps, size.batch, size.states, size.inputs)
    let biases = layer.places.bias.map { (inputs[$0].values, inputs[$0 + 1].values) }
    var gates = [Double](repeating: 0, count: N * T * 4 * H)
    var cells = [Double](repeating: 0, count: N * T * H)
    for n in 0..<N {
      for t in 0..<T {
        let place = n * T + t
        /// What a step starts from: the states of the one before it, or the first ones.
        func before(_ all: [Double], _ first: Int?, _ j: Int) -> Double {
          t > 0 ? all[(place - 1) * H + j] : first.map { inputs[$0].values[n * H + j] } ?? 0
        }
        let state = (0..<H).map { before(plain[0].values, layer.places.state, $0) }
        for row in 0..<4 * H {
          var sum = (biases?.0[row] ?? 0) + (biases?.1[row] ?? 0)
          for j in 0..<I { sum += inputs[1].values[row * I + j] * inputs[0].values[place * I + j] }
          for j in 0..<H { sum += inputs[2].values[row * H + j] * state[j] }
          gates[place * 4 * H + row] = row / H == 2 ? tanh(sum) : 1 / (1 + exp(-sum))
        }
        for j in 0..<H {
          let own = (0..<3).map { gates[place * 4 * H + $0 * H + j] }
          cells[place * H + j] = own[1] * before(cells, layer.places.cell, j) + own[0] * own[2]
        }
      }
    }
    return plain + [
      ReferenceTensor([N, T, 4 * H], gates), ReferenceTensor([N, T, H], cells),
    ]
  }
}

extension RecurrentLayer {
  /// Whether it can be trained.
  var isTrainable: Bool {
    weights == .torch && cell == .lstm && direction == .forward && isBatchFirst && !hasPeepholes
  }

  package func trainingForm(seed: UInt64) -> any Operator {
    isTrainable ? TrainedRecurrentLayer(layer: self) as any Operator : self
  }
}
