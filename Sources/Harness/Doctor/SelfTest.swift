import Basics
import Foundation
import Tensors

/// Checks of the measuring itself that any user can run: known answers, the clock, and above all
/// that what must be refused is refused.
///
/// A gate that cannot fail is a bug.
package enum SelfTest {
  package struct Finding: Codable, Hashable, Sendable {
    package var name: String
    package var passed: Bool
    /// What was found, with what was expected where they differ.
    package var detail: String
  }

  /// Runs every check; under a second.
  package static func run() -> [Finding] {
    statistics() + clock() + refusals() + gate()
  }

  // MARK: Known answers

  private static func near(
    _ name: String, _ found: Double, _ expected: Double, _ tolerance: Double = 1e-9
  ) -> Finding {
    let passed = abs(found - expected) <= tolerance * max(1, abs(expected))
    return Finding(
      name: name, passed: passed, detail: passed ? "\(found)" : "\(found), not \(expected)")
  }

  private static func equal<T: Equatable>(_ name: String, _ found: T, _ expected: T) -> Finding {
    Finding(
      name: name, passed: found == expected,
      detail: found == expected ? "\(found)" : "\(found), not \(expected)")
  }

  private static func statistics() -> [Finding] {
    let differences = [0.013, -0.004, 0.022, 0.031, 0.008, -0.011, 0.027, 0.002, 0.018, -0.0065]
    return [
      near(
        "t quantile, 99.5 %, 9 degrees", StudentT.quantile(0.995, degreesOfFreedom: 9),
        3.249835541592126),
      near(
        "incomplete beta I(0.9; 63, 2)", SpecialFunctions.incompleteBeta(63, 2, 0.9),
        0.009563149713054643),
      equal(
        "queries that p90, p95 and p99 need",
        [0.90, 0.95, 0.99].map { PercentileRule.minimumQueries(percentile: $0) }, [64, 130, 662]),
      near(
        "error of a median", SampleMedian.estimateWithError([9, 1, 2, 4, 3]).standardError, 1),
      near("signed rank, exact p", SignedRank.pValue(differences), 0.083984375),
      equal(
        "Holm", Multiplicity.holm([0.01, 0.04, 0.03]).map { ($0 * 1e6).rounded() }, [3e4, 6e4, 6e4]),
      near("median", Quantile.median(of: [3, 1, 2, 10]), 2.5),
    ]
  }

  // MARK: Clock

  private static func clock() -> [Finding] {
    var (last, steps, backwards) = (Clock.now(), 0, 0)
    let begin = last
    let wallBegin = Date()
    while last &- begin < 50_000_000 {
      let now = Clock.now()
      if now < last { backwards += 1 }
      if now > last { steps += 1 }
      last = now
    }
    let wall = Date().timeIntervalSince(wallBegin)
    let ratio = Double(last &- begin) * 1e-9 / wall
    return [
      equal("clock never goes back in \(steps) steps", backwards, 0),
      Finding(
        name: "clock agrees with the system's within 1 %", passed: abs(ratio - 1) < 0.01,
        detail: "ratio \(Units.number(ratio, digits: 5))"),
      Finding(
        name: "reading the clock costs under a thousandth of the shortest sample",
        passed: Clock.shared.costNs < 1000, detail: "\(Units.nanoseconds(Clock.shared.costNs))"),
      overhead(),
    ]
  }

  private final class EmptyWorkload: Workload {
    let id = "gemm/empty/t1/none"
    let kind = CaseRecord.Kind.gemm
    let parameters: [String: JSONValue] = [:]
    let algorithm = "none"
    let threads = 1
    let directFLOPs = FLOPs(0)
    let executedFLOPs = FLOPs(0)
    let imagesPerCall: Int? = nil
    let bytesPerCall: Double? = nil
    func run() {}
    func check() -> CaseRecord.Correctness { .init(status: .notChecked, maxError: nil) }
    func checksum() -> UInt64 { 0 }
  }

  /// All that a sample holds beside the work: the clock's two readings and the call of a workload.
  private static func overhead() -> Finding {
    var settings = Sampler.Settings()
    (settings.warmupSeconds, settings.warmupCapSeconds) = (0.005, 0.02)
    let batched = Sampler(EmptyWorkload(), settings: settings)
    batched.warmUp()
    settings.batchesCalls = false
    let single = Sampler(EmptyWorkload(), settings: settings)
    single.warmUp()
    let sampleNs = Quantile.median(of: (0..<1001).map { _ in single.sample().nsPerCall })
    let callNs = Quantile.median(of: (0..<5).map { _ in batched.sample().nsPerCall })
    let share = sampleNs / (Sampler.shortestBatchSeconds * 1e9)
    return Finding(
      name: "an empty workload takes under a thousandth of the shortest sample",
      passed: share < 1e-3,
      detail: "\(Units.nanoseconds(sampleNs)), \(Units.percent(100 * share)); "
        + "\(Units.nanoseconds(callNs)) for each further call of a batch")
  }

  // MARK: Refusals

  private static func assembly(nsPerCall: Double, correctness: CaseRecord.Correctness.Status)
    -> CaseRecord
  {
    let request = CaseRequest(id: "gemm/self/t1/test")
    var assembly = CaseAssembly(
      request: request, prepared: PreparedCase(unprepared: request),
      correctness: .init(status: correctness, maxError: 0))
    assembly.prepared.flop = .init(direct: 1000, executed: 1000)
    assembly.processes = [
      .init(samplesNs: [nsPerCall], flags: [""], callsPerSample: 1, warmupNs: [])
    ]
    // The probe does the same work in 100 ns.
    (assembly.peakSamples, assembly.peakFLOPs) = ([[100]], 1000)
    return assembly.record()
  }

  private static func refusals() -> [Finding] {
    let fair = assembly(nsPerCall: 101, correctness: .passed)
    let fast = assembly(nsPerCall: 97, correctness: .passed)
    let wrong = assembly(nsPerCall: 200, correctness: .failed)
    return [
      equal("99 % of the peak passes", fair.validity.ok, true),
      equal("103 % of the peak is impossible", fast.isImpossible, true),
      equal("a wrong answer has no speed", wrong.statistics == nil && wrong.isWrong, true),
    ]
  }

  // MARK: Gate

  private static func judged(ratio: Double, control: Double = 1) -> Judge.Judgement {
    var random = SplitMix64(seed: 7)
    let blocks = (0..<10).map { _ in
      let a = (0..<16).map { _ in 1e6 * exp(Double.random(in: -0.005...0.005, using: &random)) }
      return PairedBlocks(
        a: a, b: a.map { $0 * ratio * exp(Double.random(in: -0.005...0.005, using: &random)) },
        control: a.map { $0 * control })
    }
    return Judge(margin: 0.02).judge(blocks)
  }

  private static func gate() -> [Finding] {
    [
      equal("a slowdown of 5 % is SLOWER", judged(ratio: 1.05).verdict, .slower),
      equal("a gain of 5 % is FASTER", judged(ratio: 0.95).verdict, .faster),
      equal("the same is SAME", judged(ratio: 1).verdict, .same),
      equal("a moved control is UNSTABLE", judged(ratio: 1.05, control: 1.04).verdict, .unstable),
      equal("one set of rounds makes no difference", SetTally.settle([.slower]), nil),
      equal("two of them do", SetTally.settle([.slower, .slower]), .slower),
      equal(
        "a confirmed slowdown ends the gate", problem(ratio: 1.05, confirmed: true), .regression),
      equal("an unconfirmed one does not", problem(ratio: 1.05, confirmed: false), nil),
      equal("a gate without cases fails", problem(ratio: nil, confirmed: nil), .caseFailed),
    ]
  }

  private static func problem(ratio: Double?, confirmed: Bool?) -> Problem.Kind? {
    var record = ComparisonRecord(
      context: ContextReader.context(
        noise: NoiseMeter(), outcome: MeasurementOutcome(), seed: 7, git: nil),
      arms: ["a", "b"], seed: 7, cases: [])
    if let ratio {
      var item = ComparisonRecord.Case(
        id: "gemm/self/t1", repeat: "costcurve selftest", judgement: judged(ratio: ratio),
        margin: 0.02, blocks: [])
      item.confirmed = confirmed
      record.cases = [item]
    }
    record.settle()
    return record.problem()
  }
}
