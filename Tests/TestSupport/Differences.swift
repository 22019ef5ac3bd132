import Graphs

/// One derivative of a graph's losses, and what the difference of two losses says of it.
package struct CheckedDerivative {
  /// The parameter's name.
  package var parameter: String
  /// Of its elements.
  package var index: Int
  /// By the graph's own backward pass.
  package var given: Double
  /// By moving the element a little both ways.
  package var difference: Double

  /// Whether the two agree within what differences of float64 can tell.
  package var isRight: Bool { abs(given - difference) < 1e-6 * max(1, abs(difference)) }
}

/// Derivatives of the sum of a graph's losses, each beside a central difference.
///
/// - Parameters:
///   - forward: As training has it, with losses as its only outputs.
///   - inputs: A tensor for each input and parameter, by name.
///   - most: How many elements of a parameter are taken, or a few more.
/// - Returns: Some elements of each parameter that has a derivative.
/// - Throws: An operator that has no gradient, or an input that is missing.
package func checkedDerivatives(
  of forward: Graph, at inputs: [String: ReferenceTensor], most: Int = 5
) throws -> [CheckedDerivative] {
  func loss(_ inputs: [String: ReferenceTensor]) throws -> Double {
    let values = try forward.evaluate(inputs)
    return forward.outputs.reduce(0) { $0 + (values[$1.name]?.values[0] ?? .nan) }
  }
  let gradients = try forward.differentiated().evaluate(inputs)
  var result: [CheckedDerivative] = []
  for parameter in forward.parameters {
    guard let gradient = gradients["gradient/\(parameter.name)"] else { continue }
    for index in stride(from: 0, to: parameter.count, by: max(1, parameter.count / most)) {
      var (up, down) = (inputs, inputs)
      up[parameter.name]?.values[index] += 1e-6
      down[parameter.name]?.values[index] -= 1e-6
      result.append(
        CheckedDerivative(
          parameter: parameter.name, index: index, given: gradient.values[index],
          difference: (try loss(up) - loss(down)) / 2e-6))
    }
  }
  return result
}
