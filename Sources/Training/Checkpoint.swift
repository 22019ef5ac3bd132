import Basics
import Formats
import Graphs
import Models
import Programs

/// A training run between two epochs, in one safetensors file that appears whole or not at all.
///
/// Besides the weights under torchvision's names it has each momentum as `momentum/NAME`, the
/// recipe, and the history; order, crops and dropout follow from seed, epoch and step.
package enum Checkpoint {
  static let recipeName = "training/recipe"
  static let historyName = "training/history"
  /// Shards of every epoch; only where there were several.
  private static let shardsName = "training/shards"
  /// Machines of every epoch; only where there were several.
  private static let machinesName = "training/machines"

  /// Writes a run's state.
  ///
  /// - Parameters:
  ///   - training: Between two epochs.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite`; the checkpoint before stays as it was.
  package static func write(_ training: DatasetTraining, to path: String) throws {
    let state = training.state
    let trained = state.parameters.filter(\.isTrainable)
    let recipe = numbers(training)
    let history = training.history.flatMap { [$0.loss, $0.test, $0.seconds].flatMap(halves) }
    var tensors = state.parameters.map { (name: $0.name, shape: $0.shape) }
    tensors += trained.map { ("momentum/\($0.name)", $0.shape) }
    tensors += [(recipeName, [recipe.count]), (historyName, [history.count])]
    var counts: [String: [Float]] = [:]
    let (shards, machines) = (training.history.map(\.shards), training.history.map(\.machines))
    for (name, numbers) in [(shardsName, shards), (machinesName, machines)]
    where numbers.contains(where: { $0 != 1 }) {
      counts[name] = numbers.map { Float($0) }
      tensors.append((name, [numbers.count]))
    }
    let byName = Dictionary(uniqueKeysWithValues: state.parameters.map { ($0.name, $0) })
    func parameter(_ name: Substring) throws(Problem) -> Parameter {
      guard let parameter = byName[String(name)] else {
        throw Problem(.cannotWrite, "\(path): the run has no tensor \(name)")
      }
      return parameter
    }
    try SafetensorsFile.write(tensors, to: path) { name in
      if name == recipeName { return recipe }
      if name == historyName { return history }
      if let numbers = counts[name] { return numbers }
      if name.hasPrefix("momentum/") { return state.momentum(try parameter(name.dropFirst(9))) }
      return try state.values(try parameter(name[...]))
    }
  }

  /// Puts a run where the checkpoint was written.
  ///
  /// - Parameters:
  ///   - path: A checkpoint of the same network and recipe.
  ///   - training: Overwritten, once the whole file has been found sound.
  /// - Throws: An absent or damaged file, or one of another network or recipe.
  package static func restore(_ path: String, into training: DatasetTraining) throws(Problem) {
    let file = try SafetensorsFile(path: path)
    let state = training.state
    let trained = state.parameters.filter(\.isTrainable)
    let expected =
      state.parameters.map { ($0.name, $0.shape) }
      + trained.map { ("momentum/\($0.name)", $0.shape) }
    for (name, shape) in expected where file.entries[name]?.shape != shape {
      throw refusal(file, "is not a checkpoint of \(training.network.name), see tensor \(name)")
    }
    let epochs = try Self.epochs(of: file, recipe: numbers(training))
    func counts(_ name: String, _ what: String) throws(Problem) -> [Int] {
      guard file.entries[name] != nil else { return [Int](repeating: 1, count: epochs.count) }
      let numbers = try values(file, name)
      guard numbers.count == epochs.count, numbers.allSatisfy({ $0 >= 1 && $0 < 1e6 }) else {
        throw refusal(file, "does not say how many \(what) each epoch had")
      }
      return numbers.map { Int($0) }
    }
    let shards = try counts(shardsName, "shards")
    let machines = try counts(machinesName, "machines")
    var tensors: [(Parameter, [Float], [Float]?)] = []
    for parameter in state.parameters {
      tensors.append(
        (
          parameter, try values(file, parameter.name),
          parameter.isTrainable ? try values(file, "momentum/\(parameter.name)") : nil
        ))
    }
    for (parameter, elements, momentum) in tensors {
      state.set(parameter, to: elements)
      if let momentum { state.setMomentum(parameter, to: momentum) }
    }
    training.history = epochs.enumerated().map { index, numbers in
      EpochResult(
        loss: numbers[0], test: numbers[1], seconds: numbers[2], shards: shards[index],
        machines: machines[index])
    }
    training.step.stepCount = training.epoch * training.stepsPerEpoch
    training.step.program.packFilters()
    training.takeStatistics()
  }

  /// Three numbers of each epoch of the run that wrote a checkpoint.
  ///
  /// - Parameters:
  ///   - file: The checkpoint.
  ///   - recipe: Of the run that is to go on, as numbers.
  ///   - hasText: Whether these are of a text as well.
  /// - Returns: By epoch.
  /// - Throws: A file of no run, or of another one.
  static func epochs(
    of file: SafetensorsFile, recipe: [Float], hasText: Bool = false
  ) throws(Problem) -> [[Double]] {
    guard file.entries[recipeName] != nil, file.entries[historyName] != nil else {
      throw refusal(file, "holds weights but no training run", hasText: hasText)
    }
    guard try values(file, recipeName) == recipe else {
      let others = hasText ? "other flags or of another text" : "other flags"
      throw refusal(file, "was written by a run with \(others)", hasText: hasText)
    }
    let history = try values(file, historyName)
    guard history.count.isMultiple(of: 12) else {
      throw refusal(
        file, "has a history of \(history.count) numbers, not 12 an epoch", hasText: hasText)
    }
    let numbers = stride(from: 0, to: history.count, by: 4).map { whole(history[$0..<$0 + 4]) }
    return stride(from: 0, to: numbers.count, by: 3).map { Array(numbers[$0..<$0 + 3]) }
  }

  /// Why a training does not go on from a file, and what to do.
  static func refusal(
    _ file: SafetensorsFile, _ reason: String, hasText: Bool = false
  ) -> Problem {
    Problem(
      .malformed,
      "\(file.path): \(reason); resume with the flags\(hasText ? " and the text" : "") of the run "
        + "that wrote it, or start anew without --resume")
  }

  static func values(_ file: SafetensorsFile, _ name: String) throws(Problem) -> [Float] {
    guard let entry = file.entries[name] else {
      throw Problem(.malformed, "\(file.path): has no tensor \(name)")
    }
    var result = [Float](repeating: 0, count: entry.count)
    try result.withUnsafeMutableBufferPointer { buffer throws(Problem) in
      try file.read(name, into: buffer)
    }
    return result
  }

  /// The recipe as floats, each number below 2^24 and so exact, then the bits of what layers multiply;
  /// float32 is unwritten, so that checkpoints of before go on.
  private static func numbers(_ training: DatasetTraining) -> [Float] {
    let recipe = training.recipe
    var numbers = [
      1, Float(recipe.batch), Float(recipe.epochs), Float(training.stepsPerEpoch),
      Float(recipe.seed & 0xFFFF), Float(recipe.seed >> 16), recipe.peakRate, recipe.momentum,
      recipe.weightDecay,
    ]
    if training.precision == .bf16 { numbers.append(16) }
    return numbers
  }

  /// A float64's four 16-bit quarters, each exact as a float.
  static func halves(_ value: Double) -> [Float] {
    (0..<4).map { Float(value.bitPattern >> (16 * UInt64($0)) & 0xFFFF) }
  }

  private static func whole(_ quarters: ArraySlice<Float>) -> Double {
    var bits: UInt64 = 0
    for (index, quarter) in quarters.enumerated() where quarter >= 0 && quarter < 65_536 {
      bits |= UInt64(quarter) << (16 * UInt64(index))
    }
    return Double(bitPattern: bits)
  }
}
