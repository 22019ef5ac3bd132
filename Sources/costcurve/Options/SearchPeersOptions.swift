import ArgumentParser

/// Whether external runtimes take part in a search, and where they are.
struct SearchPeersOptions: ParsableArguments {
  @Flag(help: "Let external runtimes take part in --cheapest; 'make peers' installs them.")
  var peers = false

  @Option(
    help: "Only external runtimes of --peers whose name matches this regular expression.")
  var only: String?

  @Option(
    help: "The Python that has the packages of --peers, .venv-peers/bin/python unless given.",
    completion: .file())
  var python: String?

  @Option(
    name: .customLong("peers-folder"),
    help: "Where the worker script of --peers is, Benchmarks/Peers unless given.",
    completion: .directory)
  var peersFolder: String?

  /// Refuses what does not go together.
  ///
  /// - Parameters:
  ///   - searches: Whether the cheapest is searched.
  ///   - network: What of it external runtimes cannot be given.
  /// - Throws: Usage.
  func refuse(searches: Bool, _ network: NetworkOptions) throws {
    guard peers else {
      let given = [("--only", only), ("--python", python), ("--peers-folder", peersFolder)]
      if let option = given.first(where: { $0.1 != nil })?.0 {
        throw ValidationError("\(option) is for --peers; give that, or leave it out.")
      }
      return
    }
    guard searches else {
      throw ValidationError(
        "--peers is for --cheapest; 'costcurve peers' compares external runtimes with ours.")
    }
    let other = [
      ("--weights", network.weights != nil), ("--classes", network.classes != nil),
      ("--input-size", network.inputSize != nil),
    ]
    if let option = other.first(where: { $0.1 })?.0 {
      throw ValidationError(
        "--peers is given the network as it is usual, with seeded weights; leave out \(option).")
    }
  }

  /// How they are started.
  var software: PeerSoftware {
    PeerSoftware(
      python: python ?? ".venv-peers/bin/python",
      script: (peersFolder ?? "Benchmarks/Peers") + "/worker.py", isTraining: false)
  }
}
