import Basics

/// One fresh process of every arm, compared block by block on one case.
///
/// The arms take turns, one at a time, in an order drawn anew for every block.
package struct ComparisonSession {
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

  /// Turns up to this length can be hoped to run undisturbed.
  private static let shortTurnNs = 5e6

  /// Runs at least `pairs` blocks of one case, and as many as fill the plan's seconds; up to twice
  /// as many of short ones until enough were undisturbed, for what disturbs them may pass.
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
      let own = arm.request(for: request)
      try client.prepare(own.warmed(seconds: plan.warmupSeconds, cap: plan.warmupCapSeconds))
      if let cpus { WorkingThreads(of: client.pid).pin(to: cpus) }
      client.park()
    }
    let clients = started.sorted { $0.key < $1.key }.map(\.value)
    let prepared = clients.compactMap(\.prepared)
    let turn = try Turn(of: clients)
    let blocks = turn.blocks(
      filling: plan.sessionSeconds, arms: clients.count, least: pairs)
    var result = Result(times: clients.map { _ in [] }, clean: [], prepared: prepared, cpus: cpus)
    let most = turn.ns <= Self.shortTurnNs ? 2 * blocks : blocks
    while result.clean.count < blocks
      || result.clean.count < most && !PairedBlocks.areEnough(result.clean)
    {
      var isClean = true
      for index in clients.indices.shuffled(using: &order) {
        let taken = try turn.take(clients[index])
        result.times[index].append(taken.ns)
        isClean = isClean && taken.flags.isEmpty
      }
      result.clean.append(isClean)
    }
    return result
  }
}
