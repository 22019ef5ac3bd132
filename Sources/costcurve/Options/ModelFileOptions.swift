import ArgumentParser
import Basics
import Interchange
import Models
import Workloads

/// A model of a file, which stands in a network's place.
struct ModelFileOptions: ParsableArguments {
  @Option(help: "A model as an ONNX file, in place of a network.", completion: .file())
  var model: String?

  @Option(
    help: """
      Tokens of a sequence, where the model leaves them open; a network's usual number unless given.
      """)
  var sequence: Int?

  func validate() throws { try (1...1 << 20).check("--sequence", sequence) }

  /// Refuses a length of sequences that a network does not take.
  ///
  /// - Parameters:
  ///   - network: Which stands where no model is named.
  ///   - inputSize: What was given as a side of images.
  /// - Throws: Usage.
  func refuse(for network: Network, inputSize: Int? = nil) throws(Problem) {
    let isSequence = network.item == .sequence
    guard isSequence ? inputSize == nil : sequence == nil else {
      throw network.refusal(ofSequence: !isSequence)
    }
    if let size = sequence ?? inputSize { try network.refuse(inputSize: size) }
  }

  /// Opens the model.
  ///
  /// - Parameter inputs: `NAME=FILE` of inputs, some of which may decide what it computes.
  /// - Returns: Nil where none is named.
  /// - Throws: What opening it throws.
  func opened(inputs: [String] = []) throws -> ModelOfFile? {
    try model.map {
      try ModelOfFile(path: $0, sequence: sequence, inputs: GivenInputs(inputs))
    }
  }

  /// Refuses what is for networks only, where there is a model.
  ///
  /// - Parameter given: Whether each was given, by its spelling.
  /// - Throws: Usage, naming the first.
  func refuse(_ given: [String: Bool]) throws {
    guard model != nil else { return }
    for (spelling, isGiven) in given.sorted(by: { $0.key < $1.key }) where isGiven {
      throw ValidationError(
        "\(spelling) is for networks of costcurve; leave it out beside --model.")
    }
  }
}

/// Which network or model of a file, at what size, by which engine.
struct WorkOptions: ParsableArguments {
  @OptionGroup var network: NetworkOptions
  @OptionGroup var file: ModelFileOptions
  @OptionGroup var deciding: DecidingInputOptions

  func validate() throws {
    try deciding.refuse(without: file.model)
    try file.refuse([
      "--network": network.network != nil, "--input-size": network.inputSize != nil,
      "--classes": network.classes != nil, "--weights": network.weights != nil,
    ])
  }

  /// What is measured: the model of `--model`, or the network that a word or an option names.
  ///
  /// - Throws: What naming a network or opening a model throws.
  func subject(_ word: NetworkWord? = nil) throws -> WorkSubject {
    try file.refuse(["the word '\(word?.word ?? "")'": word?.word != nil])
    if let model = try file.opened(inputs: deciding.input) { return .file(model) }
    let named = try (word.map { try network.naming($0) } ?? network).resolved()
    try file.refuse(for: named, inputSize: network.inputSize)
    return .network(named)
  }

  /// Side of an image, or tokens of a sequence of a network, where one was given.
  var inputSize: Int? { network.inputSize ?? file.sequence }

  /// Items handled together: what is asked for, or what the model fixes.
  ///
  /// - Throws: Usage where several numbers are given.
  func batch(of subject: WorkSubject) throws -> Int {
    try network.givenBatchSize?.one(of: "--batch-size") ?? subject.fixedBatch ?? 1
  }

  /// What a case's id does not say.
  func caseOptions(seed: UInt64) -> [CaseOptions.Key: String] {
    var options = network.caseOptions(seed: seed)
    if let model = file.model { options[.model] = model }
    if !deciding.input.isEmpty { options[.input] = deciding.input.joined(separator: "\n") }
    if let sequence = file.sequence { options[.sequence] = String(sequence) }
    return options
  }
}
