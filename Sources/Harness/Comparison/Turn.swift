import Basics

/// How an arm is timed each time that it is its turn, the same for every arm of a session.
///
/// What a host does beside a virtual machine changes its speed by half within milliseconds. The
/// shorter a turn, the more alike is what befalls the arms of a block, so batches of short calls
/// last a third of a millisecond, and a call that lasts longer is a turn of its own.
package struct Turn: Hashable {
  /// Calls of a batch, the same for all arms: the first call of a batch finds caches cold and threads
  /// asleep, so an arm that spreads it over more calls would seem faster.
  package var calls: Int
  /// Batches of a turn, of which the least counts: after another arm's turn the caches are cold.
  package var batches: Int
  /// Nanoseconds of the longest arm's turn.
  package var ns: Double

  /// Nanoseconds that a batch of short calls is to last.
  static let batchNs = 0.35e6
  /// Batches up to this length are timed twice.
  static let shortNs = 1e6
  /// Blocks of a session at most, however short its turns are.
  static let mostBlocks = 200

  /// Fits a turn to workers that are prepared, which are warm afterwards.
  package init(of clients: [WorkerClient]) throws(Problem) {
    var samples = try Self.samples(clients)
    let longest = samples.compactMap { $0.samplesNs.max() }.max() ?? 0
    var wanted = max(1, Int(Self.batchNs / max(1, longest)))
    if samples.contains(where: { $0.callsPerSample != wanted }) {
      samples = try Self.samples(clients, calls: wanted)
    }
    // Workers of earlier versions cannot be told a number; all others take their largest.
    if let own = samples.map(\.callsPerSample).filter({ $0 != wanted }).max() {
      wanted = own
      samples = try Self.samples(clients, calls: own)
    }
    calls = wanted
    let batch = samples.map { ($0.samplesNs.max() ?? 0) * Double($0.callsPerSample) }.max() ?? 0
    batches = batch <= Self.shortNs ? 2 : 1
    ns = batch * Double(batches)
  }

  /// Blocks that fill so many seconds, each with a turn of all arms; `least` at least.
  package func blocks(filling seconds: Double, arms: Int, least: Int) -> Int {
    let fitting = seconds * 1e9 / max(1, ns * Double(arms))
    return max(least, Int(min(fitting, Double(Self.mostBlocks))))
  }

  /// An arm's turn: nanoseconds of a call in its best batch, the label of what disturbed that, and
  /// the labels of all batches.
  package func take(
    _ client: WorkerClient
  ) throws(Problem) -> (ns: Double, flags: String, ofAll: [String]) {
    let samples = try client.run(samples: batches, calls: calls)
    client.park()
    let times = samples.samplesNs
    guard let best = times.indices.min(by: { times[$0] < times[$1] }) else {
      throw .garbled(case: client.prepared?.id ?? "?", line: "a turn without a sample")
    }
    return (times[best], samples.flags[best], samples.flags)
  }

  private static func samples(
    _ clients: [WorkerClient], calls: Int? = nil
  ) throws(Problem) -> [CaseRecord.ProcessSamples] {
    try clients.map { client throws(Problem) in
      defer { client.park() }
      return try client.run(samples: 1, calls: calls)
    }
  }
}
