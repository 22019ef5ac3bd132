import Basics
import Graphs
import Kernels
import Models
import Tensors

/// A training step over sequences beside the references of all its operators, in float64.
package enum GradientCheck {
  /// Tokens of a check's sequences: as few as plain loops are bearable for.
  package static let usualTokens = 6
  /// The largest error that passes; float32 differs from float64 by about 1e-6.
  private static let bound = 1e-4
  /// Gradients below this share of the largest one are 0 but for rounding, as those of key biases are.
  private static let negligible = 1e-6

  /// Compares the losses of a step and its derivatives by all parameters.
  ///
  /// - Parameters:
  ///   - network: One that learns from sequences, small enough for plain loops.
  ///   - engine: The engine's name, for the result.
  ///   - batch: Sequences.
  ///   - tokens: Of each.
  ///   - seed: Of weights and inputs.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Returns: The largest error of a loss or a tensor, relative to the tensor's largest number.
  /// - Throws: `usage` for a network that does not learn from sequences.
  package static func run(
    _ network: Network, engine: String, batch: Int = 2, tokens: Int, seed: UInt32,
    pool: ThreadPool, choose: SelfCheck.Choice
  ) throws(Problem) -> CheckResult {
    let weights = SeededWeights(for: network, seed: seed)
    let step = try SequenceStep(
      network, weights: weights, batch: batch, tokens: tokens, pool: pool
    ) { _, shape, direction in choose(shape, direction) }
    step.fill(seed: seed)
    let expected = try references(network, step, weights, tokens: tokens, pool)
    let loss = step.run()
    var sum = 0.0
    for port in step.program.graph.outputs { sum += expected[port.name]?.values.first ?? .nan }
    var error = abs(loss - sum) / abs(sum)
    let trained = step.state.parameters.filter(\.isTrainable)
    let gradients = trained.map { expected["gradient/\($0.name)"]?.values ?? [] }
    let top = gradients.map { largest($0) }.max() ?? 0
    for (parameter, reference) in zip(trained, gradients) {
      guard largest(reference) > negligible * top else { continue }
      let own = RelativeError.between(
        step.state.gradient(parameter), reference.map { Float($0) })
      error = own.isFinite ? max(error, own) : .infinity
    }
    return CheckResult(
      name: "loss and gradients of \(network.name), \(engine)",
      error: error.isNaN ? .infinity : error, bound: bound, against: .operators)
  }

  private static func largest(_ values: [Double]) -> Double {
    values.reduce(0) { max($0, abs($1)) }
  }

  /// Losses and derivatives by the references.
  private static func references(
    _ network: Network, _ step: SequenceStep, _ weights: SeededWeights, tokens: Int,
    _ pool: ThreadPool
  ) throws(Problem) -> [String: ReferenceTensor] {
    guard let graph = network.gradientGraph(inputSize: tokens) else {
      throw Problem(.usage, "\(network.name) does not learn from sequences.")
    }
    return try graph.evaluate(on: pool) {
      (name: String, parameter: Parameter?) throws(Problem) -> ReferenceTensor? in
      if let parameter { return try weights.reference(parameter) }
      guard let input = step.input(name), let shape = Shape(input.lengths) else {
        // The numbers of step and shard.
        return ReferenceTensor([2], [0, 0])
      }
      return ReferenceTensor(shape, input.numbers.map { Double($0) })
    }
  }
}
