import Basics

/// One fresh process of every arm, compared block by block on one case.
///
/// The arms take turns, one at a time, in an order drawn anew for every block. An arm's value in a
/// block is the least of three batches for calls up to 20 ms, or the one call beyond: the minimum
/// takes the bursts of other work out of an arm without deciding between arms.
struct ComparisonSession {
  static let batchesPerTurn = 3
  static let longCallNs = 20e6

  let plan: ComparisonPlan
  let cancel: CancelFlag

  /// The blocks of a session for every arm that is not A, and what its cases are.
  struct Result {
    var times: [[Double]]
    var clean: [Bool]
    var prepared: [PreparedCase]

    /// A beside arm `index`, with the control.
    func blocks(of index: Int) -> PairedBlocks {
      PairedBlocks(a: times[0], b: times[index], control: times[2], clean: clean)
    }
  }

  /// Runs up to `pairs` blocks of one case.
  func run(_ request: CaseRequest, order: inout SplitMix64) throws(WorkerError) -> Result {
    var clients: [WorkerClient] = []
    defer { clients.forEach { $0.quit() } }
    var prepared: [PreparedCase] = []
    for arm in plan.arms {
      let client = try WorkerClient(arm.launch, cancel: cancel, timeouts: plan.timeouts)
      clients.append(client)
      prepared.append(try client.prepare(timed(arm.request(for: request))))
      client.park()
    }
    var first: [Double] = []
    for client in clients {
      first.append(try turn(client, batches: 1).ns)
    }
    let batches = (first.max() ?? 0) > Self.longCallNs ? 1 : Self.batchesPerTurn
    var result = Result(times: clients.map { _ in [] }, clean: [], prepared: prepared)
    for _ in 0..<plan.pairs {
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
  ) throws(WorkerError) -> (ns: Double, clean: Bool) {
    let samples = try client.run(samples: batches)
    client.park()
    guard
      let best = samples.samplesNs.indices.min(by: { samples.samplesNs[$0] < samples.samplesNs[$1] }
      )
    else { throw .garbled(case: client.prepared?.id ?? "?", line: "a turn without a sample") }
    return (samples.samplesNs[best], samples.flags[best].isEmpty)
  }

  private func timed(_ request: CaseRequest) -> CaseRequest {
    var request = request
    request.options[WorkerProtocol.warmupKey] = "\(plan.warmupSeconds)"
    request.options[WorkerProtocol.warmupCapKey] = "\(plan.warmupCapSeconds)"
    return request
  }
}
