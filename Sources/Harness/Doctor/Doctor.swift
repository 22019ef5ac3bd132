import Basics
import Foundation

/// Looks at what a machine does to measurements, in about ten seconds, changing nothing.
package struct Doctor {
  /// A probe whose work is always the same, and how much its time was not.
  package struct Canary: Codable, Hashable, Sendable {
    package var id: String
    package var medianNs: Double
    package var relativeIqr: Double
    /// The 99th percentile over the median.
    package var tail: Double
    package var samples: Int
  }

  package struct Findings: Codable, Hashable, Sendable {
    package var schema = "costcurve.doctor"
    package var schemaVersion = 1
    package var context: Context
    /// Whether the machine was quiet while it was looked at; absent in those of earlier versions.
    package var validity: RunValidity?
    package var canaries: [Canary]
    /// Pairs of one kernel with itself that the rates below rest on.
    package var pairs: Int
    /// Resampled comparisons of identical code that came out SLOWER or FASTER, in percent.
    package var falseVerdictPercent: Double
    /// Resampled comparisons of identical code that came out SAME, in percent.
    package var samePercent: Double
    /// The same samples one block after the other, by Welch's test at 5 %: how often identical code
    /// looks different, in percent.
    package var sequentialFalsePercent: Double
    /// The smallest slowdown that `compare` would find 19 times in 20 with its default of
    /// 10 × 16 pairs, as a share in percent; null without pairs.
    @Nullable package var smallestVisiblePercent: Double?
  }

  /// Canaries whose work never varies: one touches registers only, one reads what lies in a cache.
  private let canaries: [CaseRequest]
  /// What is compared with itself.
  private let kernel: CaseRequest
  package var launch = WorkerLaunch.own
  package var seed: UInt64 = 1
  /// Processes that the kernel is compared with itself in, and seconds in all for them.
  package var processes = 4
  package var seconds = 6.0

  package init(registers: CaseRequest, cache: CaseRequest, kernel: CaseRequest) {
    (canaries, self.kernel) = ([registers, cache], kernel)
  }

  /// Probes, then judges resampled comparisons of the same code.
  ///
  /// - Parameter cancel: Ends it early with an error.
  /// - Returns: The findings; margins as `compare` uses them for a kernel of that length.
  /// - Throws: What a worker's failure gives.
  package func examine(cancel: CancelFlag = CancelFlag()) throws(Problem) -> Findings {
    let noise = NoiseMeter(before: MachineLook.take())
    let canaries = try canaries.map { request throws(Problem) in try canary(request, cancel) }
    var (blocks, flags): ([PairedBlocks], [String]) = ([], [])
    var random = SplitMix64(seed: seed)
    var greeting: WorkerReply?
    for _ in 0..<processes {
      let (pairs, marks, reply) = try selfPairs(cancel, order: &random)
      blocks.append(pairs)
      flags += marks
      greeting = reply
    }
    var outcome = MeasurementOutcome()
    outcome.libraries = greeting?.libraries ?? []
    outcome.march = greeting?.march
    outcome.preemptionPercent = Disturbance.percent(of: flags, with: .preempt)
    outcome.controlSpreadPercent = 100 * canaries[0].relativeIqr
    let context = ContextReader.context(noise: noise, outcome: outcome, seed: seed)
    let margin = Margin.standard(
      kind: .gemm, threads: 1, nsPerCall: blocks.first?.a.first ?? 1e6, cores: 2)
    let rates = Self.rates(blocks, margin: margin, using: &random)
    return Findings(
      context: context, validity: RunValidity(doubts: RunValidity.ofMachine(context.noise)),
      canaries: canaries, pairs: blocks.reduce(0) { $0 + $1.a.count },
      falseVerdictPercent: rates.wrong, samePercent: rates.same,
      sequentialFalsePercent: Self.sequentialRate(blocks, using: &random),
      smallestVisiblePercent: Self.smallestVisible(blocks, margin: margin))
  }

  private func canary(
    _ request: CaseRequest, _ cancel: CancelFlag
  ) throws(Problem) -> Canary {
    let client = try WorkerClient(launch, cancel: cancel)
    defer { client.quit() }
    try client.prepare(request.warmed(seconds: 0.1, cap: 0.3))
    let samples = try client.run(samples: 100_000, seconds: 1).samplesNs
    let median = Quantile.median(of: samples)
    return Canary(
      id: request.id, medianNs: median,
      relativeIqr: Quantile.relativeInterquartileRange(of: samples),
      tail: Quantile.quantile(0.99, of: samples) / median, samples: samples.count)
  }

  /// One process with the kernel twice, on buffers of their own, in turns.
  private func selfPairs(
    _ cancel: CancelFlag, order: inout SplitMix64
  ) throws(Problem) -> (PairedBlocks, [String], WorkerReply) {
    var clients: [WorkerClient] = []
    defer { clients.forEach { $0.quit() } }
    for _ in 0..<2 {
      let client = try WorkerClient(launch, cancel: cancel)
      try client.prepare(kernel.warmed(seconds: 0.1, cap: 0.3))
      clients.append(client)
    }
    let turn = try Turn(of: clients)
    var (times, clean, flags): ([[Double]], [Bool], [String]) = ([[], []], [], [])
    let begin = Clock.now()
    while times[0].count < Self.pairs
      || Double(Clock.now() &- begin) * 1e-9 < seconds / Double(processes)
    {
      var isClean = true
      for index in [0, 1].shuffled(using: &order) {
        let taken = try turn.take(clients[index])
        times[index].append(taken.ns)
        isClean = isClean && taken.flags.isEmpty
        flags += taken.ofAll
      }
      clean.append(isClean)
    }
    return (PairedBlocks(a: times[0], b: times[1], clean: clean), flags, clients[0].greeting)
  }
}

// MARK: Pure

extension Doctor {
  /// Pairs of a process: about as many as a comparison of such a kernel has.
  private static let pairs = 100

  /// How 500 comparisons of 10 processes drawn from these come out, in percent.
  static func rates(
    _ blocks: [PairedBlocks], margin: Double, using random: inout SplitMix64
  ) -> (wrong: Double, same: Double) {
    let judge = Judge(margin: margin)
    var (wrong, same) = (0, 0)
    for _ in 0..<500 {
      let session = (0..<10).map { _ in draw(from: blocks, using: &random) }
      let verdict = judge.judge(session).verdict
      if verdict == .slower || verdict == .faster { wrong += 1 }
      if verdict == .same { same += 1 }
    }
    return (Double(wrong) / 5, Double(same) / 5)
  }

  /// A process of a resampled comparison: pairs of one recorded process, either arm as A.
  private static func draw(
    from blocks: [PairedBlocks], using random: inout SplitMix64
  ) -> PairedBlocks {
    let source = blocks[Int.random(in: blocks.indices, using: &random)]
    let swap = Bool.random(using: &random)
    let picks = (0..<pairs).map { _ in Int.random(in: source.a.indices, using: &random) }
    let some = source.picked(picks)
    return swap ? PairedBlocks(a: some.b, b: some.a, clean: some.clean) : some
  }

  /// How often Welch's test at 5 % tells two stretches of one arm apart, one after the other.
  static func sequentialRate(_ blocks: [PairedBlocks], using random: inout SplitMix64) -> Double {
    var (different, tried) = (0, 0)
    for _ in 0..<500 {
      let series = blocks[Int.random(in: blocks.indices, using: &random)].a.map { log($0) }
      let length = min(series.count / 2, 100)
      guard length >= 4 else { continue }
      let start = Int.random(in: 0...(series.count - 2 * length), using: &random)
      let (first, second) = (
        Array(series[start..<(start + length)]),
        Array(series[(start + length)..<(start + 2 * length)])
      )
      tried += 1
      if Welch.pValue(first, second) < 0.05 { different += 1 }
    }
    return tried == 0 ? 0 : 100 * Double(different) / Double(tried)
  }

  /// Margin, half of the 99 % interval, and what chance moves the estimate by in 19 of 20 cases, of
  /// the blocks by which `Judge` decides.
  package static func smallestVisible(_ blocks: [PairedBlocks], margin: Double) -> Double? {
    let sessions = blocks.flatMap { process in
      stride(from: 0, to: process.a.count - pairs + 1, by: pairs).map { start in
        process.picked(start..<(start + pairs))
      }
    }
    let estimates = sessions.telling.map {
      SampleMedian.estimateWithError($0.differences).estimate
    }
    guard estimates.count >= 2 else { return nil }
    let mean = estimates.reduce(0, +) / Double(estimates.count)
    let squares = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / Double(estimates.count - 1) / 10).squareRoot()
    let reach = StudentT.quantile(0.995, degreesOfFreedom: 9) + 1.645
    return 100 * (exp(log1p(margin) + reach * error) - 1)
  }
}
