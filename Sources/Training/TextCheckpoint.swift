import Basics
import Formats
import Graphs
import Models
import Programs

/// Training on a text between two epochs, in one safetensors file that appears whole or not at all.
///
/// Besides the weights under their reference's names it has both moments as `momentum/NAME` and
/// `square/NAME`, the recipe with the text's digest, and the history; order and learning rates follow
/// from seed, epoch and step.
package enum TextCheckpoint {
  /// Writes a run's state.
  ///
  /// - Parameters:
  ///   - training: Between two epochs.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite`; the checkpoint before stays as it was.
  package static func write(_ training: TextTraining, to path: String) throws {
    let state = training.state
    var contents: [String: () throws(Problem) -> [Float]] = [:]
    var tensors: [(name: String, shape: [Int])] = []
    func add(
      _ name: String, _ shape: [Int], _ content: @escaping () throws(Problem) -> [Float]
    ) {
      tensors.append((name, shape))
      contents[name] = content
    }
    for parameter in state.parameters {
      add(parameter.name, parameter.shape) { () throws(Problem) in try state.values(parameter) }
    }
    for parameter in state.parameters {
      add("momentum/\(parameter.name)", parameter.shape) { state.momentum(parameter) }
      add("square/\(parameter.name)", parameter.shape) { state.square(parameter) }
    }
    let (recipe, history) = (numbers(training), numbers(of: training.history))
    add(Checkpoint.recipeName, [recipe.count]) { recipe }
    add(Checkpoint.historyName, [history.count]) { history }
    try SafetensorsFile.write(tensors, to: path) { name in
      guard let content = contents[name] else {
        throw Problem(.cannotWrite, "\(path): the run has no tensor \(name)")
      }
      return try content()
    }
  }

  /// Puts a run where the checkpoint was written.
  ///
  /// - Parameters:
  ///   - path: A checkpoint of the same network, recipe and text.
  ///   - training: Overwritten, once the whole file has been found sound.
  /// - Throws: An absent or damaged file, or one of another network, recipe or text.
  package static func restore(_ path: String, into training: TextTraining) throws(Problem) {
    let file = try SafetensorsFile(path: path)
    let state = training.state
    for parameter in state.parameters {
      for name in [parameter.name, "momentum/\(parameter.name)", "square/\(parameter.name)"]
      where file.entries[name]?.shape != parameter.shape {
        throw Checkpoint.refusal(
          file, "is not a checkpoint of \(training.network.name), see tensor \(name)",
          hasText: true)
      }
    }
    let epochs = try Checkpoint.epochs(of: file, recipe: numbers(training), hasText: true)
    var tensors: [(Parameter, values: [Float], momentum: [Float], square: [Float])] = []
    for parameter in state.parameters {
      tensors.append(
        (
          parameter, try Checkpoint.values(file, parameter.name),
          try Checkpoint.values(file, "momentum/\(parameter.name)"),
          try Checkpoint.values(file, "square/\(parameter.name)")
        ))
    }
    for (parameter, values, momentum, square) in tensors {
      state.set(parameter, to: values)
      state.setMomentum(parameter, to: momentum)
      state.setSquare(parameter, to: square)
    }
    training.history = epochs.map { EpochResult(loss: $0[0], test: $0[1], seconds: $0[2]) }
    training.step.resume(after: training.epoch * training.stepsPerEpoch)
  }

  private static func numbers(of history: [EpochResult]) -> [Float] {
    history.flatMap { [$0.loss, $0.test, $0.seconds].flatMap(Checkpoint.halves) }
  }

  /// The recipe and the text's digest as floats, each number below 2^24 and so exact.
  private static func numbers(_ training: TextTraining) -> [Float] {
    let recipe = training.recipe
    let whole = [
      2, Float(recipe.batch), Float(recipe.tokens), Float(recipe.epochs),
      Float(training.stepsPerEpoch), Float(recipe.seed & 0xFFFF), Float(recipe.seed >> 16),
    ]
    let digest = Double(bitPattern: training.text.digest)
    return whole + [recipe.peakRate, recipe.weightDecay, digest].flatMap(Checkpoint.halves)
  }
}
