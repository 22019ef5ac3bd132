import Basics
import Foundation
import Kernels
import Tensors

/// The derivatives by the sums that an LSTM makes its gates of, and the states that each step began with.
///
/// Reads the gates, cells and states of all steps, the weights of the state, first states and cells as
/// far as the layer has them, and the derivatives by all states, by the last ones and by the last cells
/// as far as there are. Gives `batch × steps × 4 · states`, `batch × steps × states` and, where they were
/// given, the derivatives by first states and cells.
package struct RecurrentGradient: Operator {
  /// The layer.
  package var layer: RecurrentLayer
  /// Which derivatives there are.
  package var (hasStates, hasLastState, hasLastCell): (Bool, Bool, Bool)

  init(layer: RecurrentLayer, hasStates: Bool, hasLastState: Bool, hasLastCell: Bool) {
    self.layer = layer
    (self.hasStates, self.hasLastState) = (hasStates, hasLastState)
    self.hasLastCell = hasLastCell
  }

  package var isPerImage: Bool { false }

  /// Indices of first states and cells, and of the derivatives, among the inputs.
  package var places: (state: Int?, cell: Int?, byStates: Int?, byLastState: Int?, byLastCell: Int?)
  {
    var next = 4
    func place(_ isThere: Bool) -> Int? {
      guard isThere else { return nil }
      next += 1
      return next - 1
    }
    return (
      place(layer.hasState), place(layer.hasCell), place(hasStates), place(hasLastState),
      place(hasLastCell)
    )
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let given = [layer.hasState, layer.hasCell, hasStates, hasLastState, hasLastCell]
    try require(4 + given.count { $0 }, of: inputs)
    try requireFloats(inputs)
    let steps = Array(inputs[1].dimensions.prefix(2))
    guard inputs[1].dimensions.count == 3, let states = inputs[1].dimensions[2].length,
      inputs[0].dimensions == steps + [.fixed(4 * states)],
      inputs[3].dimensions == [.fixed(4 * states), .fixed(states)]
    else { throw Problem(.malformed, "\(inputs) are not what an LSTM keeps") }
    return [inputs[0], inputs[1]]
      + [places.state, places.cell].compactMap { $0.map { inputs[$0] } }
  }

  package func macs(_ inputs: [Shape]) -> MACs {
    MACs(inputs[0].count * inputs[1].C)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (N, T, H) = (inputs[1].shape.N, inputs[1].shape.dimensions[1], inputs[1].shape.C)
    let (gates, cells, states) = (inputs[0].values, inputs[1].values, inputs[2].values)
    let (weights, places) = (inputs[3].values, self.places)
    func values(_ place: Int?) -> [Double]? { place.map { inputs[$0].values } }
    let (firstState, firstCell) = (values(places.state), values(places.cell))
    let (byStates, byLastState) = (values(places.byStates), values(places.byLastState))
    let byLastCell = values(places.byLastCell)
    var sums = [Double](repeating: 0, count: gates.count)
    var before = [Double](repeating: 0, count: cells.count)
    var (dh, dc) = ([Double](repeating: 0, count: N * H), [Double](repeating: 0, count: N * H))
    if let byLastState { dh = byLastState }
    if let byLastCell { dc = byLastCell }
    for n in 0..<N {
      for t in (0..<T).reversed() {
        let place = n * T + t
        for j in 0..<H {
          let own = (0..<4).map { gates[(place * 4 + $0) * H + j] }
          let (i, f, g, o) = (own[0], own[1], own[2], own[3])
          let slope = dh[n * H + j] + (byStates?[place * H + j] ?? 0)
          let bounded = tanh(cells[place * H + j])
          let cell = dc[n * H + j] + slope * o * (1 - bounded * bounded)
          let old = t > 0 ? cells[(place - 1) * H + j] : firstCell?[n * H + j] ?? 0
          before[place * H + j] = t > 0 ? states[(place - 1) * H + j] : firstState?[n * H + j] ?? 0
          sums[place * 4 * H + j] = cell * g * i * (1 - i)
          sums[(place * 4 + 1) * H + j] = cell * old * f * (1 - f)
          sums[(place * 4 + 2) * H + j] = cell * i * (1 - g * g)
          sums[(place * 4 + 3) * H + j] = slope * bounded * o * (1 - o)
          dc[n * H + j] = cell * f
        }
        for j in 0..<H {
          dh[n * H + j] = (0..<4 * H).reduce(0) {
            $0 + sums[place * 4 * H + $1] * weights[$1 * H + j]
          }
        }
      }
    }
    var result = [
      ReferenceTensor(inputs[0].shape, sums), ReferenceTensor(inputs[1].shape, before),
    ]
    if let place = places.state { result.append(ReferenceTensor(inputs[place].shape, dh)) }
    if let place = places.cell { result.append(ReferenceTensor(inputs[place].shape, dc)) }
    return result
  }
}
