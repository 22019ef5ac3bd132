import Basics

/// One fresh process of every arm, compared block by block on one case.
///
/// The arms take turns, one at a time, in an order drawn anew for every block. An arm's value in a
/// block is the least of its batches for calls up to 20 ms, or the one call beyond: the minimum
/// takes the bursts of other work out of an arm without deciding between arms. There are three
/// batches in a turn, and three more, twice at most, while the two least do not agree: beside other
/// work a turn is then longer and not worse. Only an arm's own times decide on that.
package struct ComparisonSession {
  static let batchesPerTurn = 3
  static let longCallNs = 20e6
  /// Times that a turn's batches are run at most.
  static let mostTries = 3
  /// How near the two least times of a turn must be, as a share, for it to end.
  static let agreement = 0.01

  let plan: ComparisonPlan
  let cancel: CancelFlag

  /// The blocks of a session for every arm that is not A, and what its cases are.
  struct Result {
    var times: [[Double]]
    var clean: [Bool]
    var prepared: [PreparedCase]
    var cpus: [Int]?

    /// A beside arm `index`, with the control.
    func blocks(of index: Int) -> PairedBlocks {
      var blocks = PairedBlocks(a: times[0], b: times[index], control: times[2], clean: clean)
      blocks.cpus = cpus
      return blocks
    }
  }

  /// Runs `pairs` blocks of one case.
  ///
  /// The arms are started in an order drawn anew too, so that what falls to the first or last of
  /// them does not fall to the same arm in every process. The session's number decides which CPUs
  /// they share.
  func run(
    _ request: CaseRequest, pairs: Int, session: Int, order: inout SplitMix64
  ) throws(Problem) -> Result {
    let cpus = SharedCPUs.forThreads(CaseID(request.id)?.threads, session: session)
    var started: [Int: WorkerClient] = [:]
    defer { started.values.forEach { $0.quit() } }
    for index in plan.arms.indices.shuffled(using: &order) {
      let arm = plan.arms[index]
      var launch = arm.launch
      launch.cpus = cpus
      let client = try WorkerClient(launch, cancel: cancel, timeouts: plan.timeouts)
      started[index] = client
      try client.prepare(timed(arm.request(for: request)))
      client.park()
    }
    let clients = started.sorted { $0.key < $1.key }.map(\.value)
    let prepared = clients.compactMap(\.prepared)
    var first: [Double] = []
    for client in clients {
      first.append(try turn(client, batches: 1).ns)
    }
    let batches = (first.max() ?? 0) > Self.longCallNs ? 1 : Self.batchesPerTurn
    var result = Result(times: clients.map { _ in [] }, clean: [], prepared: prepared, cpus: cpus)
    for _ in 0..<pairs {
      var isClean = true
      for index in clients.indices.shuffled(using: &order) {
        let (ns, clean) = try turn(clients[index], batches: batches)
        result.times[index].append(ns)
        isClean = isClean && clean
      }
      result.clean.append(isClean)
    }
    return result
  }

  private func turn(
    _ client: WorkerClient, batches: Int
  ) throws(Problem) -> (ns: Double, clean: Bool) {
    var (times, flags): ([Double], [String]) = ([], [])
    for _ in 0..<(batches > 1 ? Self.mostTries : 1) {
      let samples = try client.run(samples: batches)
      times += samples.samplesNs
      flags += samples.flags
      if Self.isSettled(times) { break }
    }
    client.park()
    guard let best = times.indices.min(by: { times[$0] < times[$1] }) else {
      throw .garbled(case: client.prepared?.id ?? "?", line: "a turn without a sample")
    }
    return (times[best], flags[best].isEmpty)
  }

  /// Whether the two least times agree, as undisturbed ones do.
  package static func isSettled(_ times: [Double]) -> Bool {
    let least = times.sorted().prefix(2)
    return least.count == 2 && least[1] <= least[0] * (1 + agreement)
  }

  private func timed(_ request: CaseRequest) -> CaseRequest {
    request.warmed(seconds: plan.warmupSeconds, cap: plan.warmupCapSeconds)
  }
}
