import ArgumentParser
import Basics
import Economics
import Models
import Workloads

/// Which network, at what size, by which engine.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

  @Option(
    name: .customLong("batch-size"),
    help: "Images, game positions or sequences computed together; 1 unless given.")
  var givenBatchSize: NumberList?

  /// Items handled together.
  ///
  /// - Throws: Usage where several numbers are given.
  var batchSize: Int {
    get throws { try givenBatchSize?.one(of: "--batch-size") ?? 1 }
  }

  @Option(help: "How layers are computed; see 'costcurve list engines'.")
  var engine: String?

  @Option(name: .customLong("input-size"), help: "Side of the square image, in pixels.")
  var inputSize: Int?

  @Option(help: "Number of classes; the network's own unless given.")
  var classes: Int?

  @Option(
    help: "Weights as safetensors, under their reference's names; seeded ones unless given.",
    completion: .file())
  var weights: String?

  @Flag(name: .customLong("no-winograd"), help: "Leave Winograd's algorithms out.")
  var noWinograd = false

  func validate() throws {
    if let refusal = givenBatchSize?.refusal(of: "--batch-size", in: 1...65_536) {
      throw ValidationError(refusal)
    }
    try (1...1_000_000).check("--classes", classes)
  }

  /// The name of the network in force.
  var name: String { network ?? NetworkWord.usual }

  /// These options with the network that a word of the command line names.
  ///
  /// - Throws: Usage where the option names another one.
  func naming(_ word: NetworkWord) throws(Problem) -> NetworkOptions {
    var options = self
    options.network = try word.name(beside: network)
    return options
  }

  /// The network, compared with the flags that depend on it.
  ///
  /// - Throws: Exit 5 for an unknown network, usage for images or classes that it does not take.
  func resolved() throws -> Network {
    let network = try Network.named(name, classes: classes)
    guard let inputSize else { return network }
    guard network.item != .sequence else { throw network.refusal(ofSequence: false) }
    try network.refuse(inputSize: inputSize)
    return network
  }

  /// The engine that `--engine` names.
  ///
  /// - Throws: Exit 5 with the nearest name for an unknown one.
  func resolvedEngine() throws -> Engine {
    let named = try engine.map { try Engine.named($0) } ?? .standard
    return noWinograd ? named.withoutWinograd : named
  }

  /// What a case's id does not say.
  func caseOptions(seed: UInt64) -> [CaseOptions.Key: String] {
    var options: [CaseOptions.Key: String] = [:]
    if let inputSize { options[.inputSize] = String(inputSize) }
    if let classes { options[.classes] = String(classes) }
    if let weights { options[.weights] = weights }
    if seed != 1 { options[.seed] = String(seed) }
    return options
  }
}

extension Engine {
  /// The engine of that name.
  ///
  /// - Throws: Exit 5 with the nearest name, or where the library that it needs is not there.
  static func named(_ name: String) throws -> Engine {
    if let engine = Engine(rawValue: name) {
      if let absence = engine.absence { throw Problem(.absent, absence) }
      return engine
    }
    let hint = NearestNames.hint(to: name, among: allCases.map(\.rawValue))
    throw Problem(.absent, "there is no engine '\(name)'.\(hint) See 'costcurve list engines'.")
  }
}
