import Basics
import Harness
import Models

extension CaseSuite {
  /// Generating text: one more token, and the prompt that makes it as long.
  ///
  /// - Parameters:
  ///   - network: One that generates text.
  ///   - batch: Texts side by side.
  ///   - threads: Threads that both run on.
  ///   - engine: How layers are computed.
  ///   - options: What the ids do not say; the number of tokens is the network's usual one unless given.
  /// - Returns: A case of `decode` and one of `prefill`, in this order.
  /// - Throws: `usage` for a network that generates no text, or options that are not for it.
  package static func text(
    of network: Network, batch: Int, threads: Int, engine: Engine,
    options: [CaseOptions.Key: String]
  ) throws -> [CaseRequest] {
    try network.refuseGenerating()
    let given = options.byName
    return try [CaseRecord.Kind.decode, .prefill].map { kind in
      let id = try CaseID(
        kind: kind.rawValue, subject: network.name, batch: batch, threads: threads,
        engine: engine.rawValue
      ).settledForText(by: CaseOptions(given), for: network)
      var line =
        "costcurve \(kind.command) --network \(network.name) --batch-size \(batch) "
        + "--threads \(threads) --engine \(engine.rawValue)"
      for (key, value) in options.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        line += Self.flags(key, value)
      }
      return CaseRequest(id: id.description, options: given, repeat: line)
    }
  }

  /// The memory's read bandwidth, which a step is told as a share of.
  package static func memoryBandwidth(threads: Int) -> CaseRequest? {
    bandwidths(threads: [threads]).last
  }
}

extension CaseID {
  /// The id of a part of generating text, which always says how many tokens there are.
  ///
  /// - Parameters:
  ///   - options: What the case is prepared with; a condition that the id has already must agree.
  ///   - network: What generates it.
  /// - Returns: The id that this measurement, and no other, has.
  /// - Throws: `Problem` with code 64 for options that contradict the id or are not for texts.
  func settledForText(by options: CaseOptions, for network: Network) throws -> CaseID {
    var id = try settled(by: options, for: network)
    guard id.requests == nil, !id.isTuned else {
      let key = id.isTuned ? CaseOptions.Key.tuning : .requests
      throw Problem(
        .usage, "'\(self)': \(key.rawValue) is not for generating text; leave it out.")
    }
    id.sequence = id.size(of: network)
    return id
  }
}
