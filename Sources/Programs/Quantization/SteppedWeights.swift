import Basics
import Graphs
import Models

/// Parameters of which some are rounded to whole multiples of their scales, as bytes of a file are.
package struct SteppedWeights: WeightSource {
  private let base: any WeightSource
  /// What is added to biases before they are rounded, by their names.
  private let corrections: [String: [Float]]

  /// Rounds what another source gives.
  ///
  /// - Parameters:
  ///   - base: Of the same names and shapes.
  ///   - corrections: What is added to biases, by their names; one number a filter.
  package init(_ base: any WeightSource, corrections: [String: [Float]] = [:]) {
    (self.base, self.corrections) = (base, corrections)
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    try base.read(parameter, into: values)
    if let added = corrections[parameter.name], added.count == values.count {
      for k in values.indices { values[k] += added[k] }
    }
    guard let scales = parameter.scales else { return }
    let size = values.count / scales.count
    // A bias has many more steps than a filter.
    let most = parameter.role == .bias ? 2_147_483_647.0 : 127
    for index in values.indices {
      let scale = scales[index / size]
      let steps = (Double(values[index]) / Double(scale)).rounded(.toNearestOrEven)
      values[index] = Float(min(max(steps, -most), most)) * scale
    }
  }
}
