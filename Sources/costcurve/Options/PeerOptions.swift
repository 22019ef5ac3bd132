import ArgumentParser
import Basics
import Graphs
import Models

/// Which work to compare with which software of others.
struct PeerOptions: ParsableArguments {
  @OptionGroup var word: NetworkWord

  @Option(help: "Network, resnet50 unless given; see 'costcurve list networks'.")
  var network: String?

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

  /// How they are started.
  var software: PeerSoftware {
    PeerSoftware(python: python, script: peersFolder + "/worker.py", isTraining: train)
  }

  /// The network, unless runtimes cannot be compared with it: torchvision lacks it, or masks are
  /// random.
  func comparableNetwork() throws -> Network {
    let network = try Network.named(try word.name(beside: network) ?? NetworkWord.usual)
    guard network.item == .image else {
      throw Problem(
        .usage,
        "--network \(network.name): external runtimes have their networks from torchvision, which "
          + "has no \(network.name); until models are exported as ONNX it runs here only.")
    }
    if train, network.uses(RandomDropout.self) {
      throw Problem(
        .usage,
        "--network \(network.name): its dropout draws other masks in each software, so no losses "
          + "could be compared; choose a residual network.")
    }
    if !train, network.isSmall {
      throw Problem(
        .usage,
        "--network \(network.name): no external runtime runs its inference; give --train as well.")
    }
    return network
  }

  /// The batch sizes to compare at.
  func batches(for network: Network) throws -> [Int] {
    let batchSizes = batchSizes ?? (!train ? "1,16" : network.isSmall ? "128" : "16")
    let batches = batchSizes.split(separator: ",").map { Int($0) }
    guard !batches.isEmpty, batches.allSatisfy({ $0.map { (1...65_536).contains($0) } ?? false })
    else {
      throw Problem(.usage, "--batch-size needs numbers above 0 with commas, not '\(batchSizes)'.")
    }
    return batches.compactMap(\.self)
  }
}
