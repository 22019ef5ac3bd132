import ArgumentParser
import Basics
import Graphs
import Models
import Training
import Workloads

/// Which work to compare with which software of others.
struct PeerOptions: ParsableArguments {
  @OptionGroup var word: NetworkWord

  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

  @OptionGroup var file: ModelFileOptions
  @OptionGroup var deciding: DecidingInputOptions

  @Flag(help: "Compare training steps instead of inference; at all threads unless told.")
  var train = false

  @Option(
    name: .customLong("batch-size"),
    help: """
      Images handled together; several with commas. 1,16 unless given; with --train 16, or 128 for \
      small images.
      """)
  var batchSizes: String?

  @Option(help: "Only external runtimes whose name matches this regular expression.")
  var only: String?

  @Option(help: "The Python that has their packages.", completion: .file())
  var python = ".venv-peers/bin/python"

  @Option(
    name: .customLong("peers-folder"), help: "Where their worker script is.",
    completion: .directory)
  var peersFolder = "Benchmarks/Peers"

  func validate() throws { try deciding.refuse(without: file.model) }

  /// How they are started.
  var software: PeerSoftware {
    PeerSoftware(python: python, script: peersFolder + "/worker.py", isTraining: train)
  }

  /// What is compared, unless runtimes cannot be: training needs labels, and the same masks.
  func subject() throws -> WorkSubject {
    try file.refuse([
      "--network": network != nil, "the word '\(word.word ?? "")'": word.word != nil,
      "--train": train,
    ])
    if let model = try file.opened(inputs: deciding.input) { return .file(model) }
    var network = try Network.named(try word.name(beside: network) ?? NetworkWord.usual)
    try file.refuse(for: network)
    if network.isSmall { network = try Network.named(network.name, classes: FashionMNIST.classes) }
    guard train else { return .network(network) }
    try network.refuseTraining()
    if network.uses(RandomDropout.self) {
      throw Problem(
        .usage,
        "--network \(network.name): its dropout draws other masks in each software, so no losses "
          + "could be compared; choose a residual network.")
    }
    return .network(network)
  }

  /// Tokens of a sequence of a network; nil for the usual number.
  var tokens: Int? { file.model == nil ? file.sequence : nil }

  /// The batch sizes to compare at.
  func batches(for subject: WorkSubject) throws -> [Int] {
    var usual = train ? "16" : "1,16"
    if case .network(let network) = subject, train, network.isSmall { usual = "128" }
    if let batch = subject.fixedBatch { usual = "\(batch)" }
    let batchSizes = batchSizes ?? usual
    let batches = batchSizes.split(separator: ",").map { Int($0) }
    guard !batches.isEmpty, batches.allSatisfy({ $0.map { (1...65_536).contains($0) } ?? false })
    else {
      throw Problem(.usage, "--batch-size needs numbers above 0 with commas, not '\(batchSizes)'.")
    }
    return batches.compactMap(\.self)
  }
}
