import ArgumentParser
import Basics
import Graphs
import Harness
import Models
import Training
import Workloads

/// What external runtimes compute in.
enum PeerPrecision: String, CaseIterable, ExpressibleByArgument {
  case f32, bf16, int8

  /// As ids name it; nil for float32.
  var inIDs: CaseID.Precision? {
    switch self {
    case .f32: nil
    case .bf16: .bf16
    case .int8: .int8
    }
  }
}

/// Who computes in float32, too, beside another precision.
enum FloatArms: String, CaseIterable, ExpressibleByArgument {
  case nobody = "none"
  case own, all
}

/// Which work to compare with which software of others.
struct PeerOptions: ParsableArguments {
  @OptionGroup var word: NetworkWord

  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

  @OptionGroup var file: ModelFileOptions
  @OptionGroup var deciding: DecidingInputOptions

  @Flag(help: "Compare training steps instead of inference; at all threads unless told.")
  var train = false

  @Flag(
    help: """
      Compare dated releases of PyTorch, ONNX Runtime, OpenVINO, TensorFlow and OpenBLAS, each \
      installed in an environment of its own.
      """)
  var versions = false

  @Option(
    name: .customLong("batch-size"),
    help: """
      Images handled together; several with commas. 1,16 unless given; with --train or --versions \
      16, 128 for small images, or 8 for texts.
      """)
  var batchSizes: String?

  @Option(
    help: """
      Precision: f32, bf16, or int8. For int8 all load one QDQ file, made by our quantizer unless \
      --model is quantized already. Beside bf16 inference ours stays float32.
      """)
  var precision = PeerPrecision.f32

  @OptionGroup var int8: CalibrationOptions

  @Option(
    name: .customLong("beside-f32"),
    help: "Whose float32 runs beside int8 or bf16: none, own or all; own unless given.")
  var besideF32: FloatArms?

  @Option(help: "Only external runtimes whose name matches this regular expression.")
  var only: String?

  @Option(
    help: """
      The Python that has their packages, .venv-peers/bin/python unless given; with --versions the \
      one that makes the environments, python3.
      """, completion: .file())
  var python: String?

  @Option(
    name: .customLong("peers-folder"), help: "Where their worker script is.",
    completion: .directory)
  var peersFolder = "Benchmarks/Peers"

  @Option(
    help: "Folder of the environments of --versions; in the user's cache unless given.",
    completion: .directory)
  var environments: String?

  func validate() throws {
    try deciding.refuse(without: file.model)
    guard environments == nil || versions else {
      throw ValidationError("--environments belongs to --versions; give both.")
    }
    try int8.refuse(unless: precision == .int8)
    guard precision != .f32 || besideF32 == nil else {
      throw ValidationError("--beside-f32 is for --precision int8 or bf16; give one of them.")
    }
    guard precision == .f32 || !versions else {
      throw ValidationError("--versions compares releases in float32; leave --precision out.")
    }
    guard precision != .int8 || !train else {
      throw ValidationError("--precision int8 is for inference; leave --train out.")
    }
  }

  /// How they are started.
  var software: PeerSoftware {
    PeerSoftware(
      python: python ?? ".venv-peers/bin/python", script: peersFolder + "/worker.py",
      isTraining: train)
  }

  /// Where dated releases are.
  var releaseEnvironments: ReleaseEnvironments {
    ReleaseEnvironments(
      python: python ?? "python3", scripts: peersFolder,
      folder: environments ?? UserFolders.cache() + "/releases", isTraining: train)
  }

  /// What is compared, unless runtimes cannot be: training needs labels, and the same masks of dropout,
  /// which torchvision's networks are given.
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
    // Dated releases get the step from the ONNX file, which has no labels and losses of texts.
    if versions { try network.refuseLabels() }
    if network.uses(RandomDropout.self), versions || network.isSmall {
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
    var usual = train || versions ? "16" : "1,16"
    if case .network(let network) = subject, train || versions {
      if network.isSmall { usual = "128" }
      if network.item == .sequence { usual = "8" }
    }
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
