import Basics
import Harness
import Testing

/// The verdicts' error rates on real noise of a shared machine, where the truth is known.
@Suite struct CalibrationTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    var size: Int
    var processes: Int
    var pairs: Int
    var margin: Double
    var testDescription: String { "\(size)³, \(processes) × \(pairs) pairs, margin \(margin)" }
  }

  /// 160 pairs in all for the larger two, 400 for the one whose calls last 10 µs; margins by the
  /// rule for the lengths of their calls.
  static let settings = [
    Setting(size: 64, processes: 10, pairs: 40, margin: 0.03),
    Setting(size: 256, processes: 10, pairs: 16, margin: 0.02),
    Setting(size: 1024, processes: 10, pairs: 16, margin: 0.02),
  ]

  private static let sessions = 600

  private func verdicts(_ setting: Setting, slowdown: Double) throws -> [Verdict: Int] {
    let noise = try RecordedNoise(size: setting.size)
    var random = SplitMix64(seed: 20_26)
    let judge = Judge(margin: setting.margin)
    var counts: [Verdict: Int] = [:]
    for _ in 0..<Self.sessions {
      let session = noise.session(
        processes: setting.processes, pairs: setting.pairs, slowdown: slowdown, using: &random)
      counts[judge.judge(session).verdict, default: 0] += 1
    }
    return counts
  }

  private func share(_ counts: [Verdict: Int], _ verdicts: Verdict...) -> Double {
    Double(verdicts.reduce(0) { $0 + counts[$1, default: 0] }) / Double(Self.sessions)
  }

  @Test(arguments: settings)
  func identicalCodeIsCalledTheSame(_ setting: Setting) throws {
    let counts = try verdicts(setting, slowdown: 0)
    #expect(share(counts, .slower, .faster) <= 0.01, "\(counts)")
    #expect(share(counts, .same) >= 0.80, "\(counts)")
  }

  @Test(arguments: settings)
  func aSlowdownBeyondTheMarginIsFound(_ setting: Setting) throws {
    let counts = try verdicts(setting, slowdown: setting.margin + 0.03)
    #expect(share(counts, .slower) >= 0.95, "\(counts)")
    #expect(share(counts, .faster, .same) <= 0.01, "\(counts)")
  }

  @Test(arguments: settings)
  func aSpeedupBeyondTheMarginIsFound(_ setting: Setting) throws {
    let counts = try verdicts(setting, slowdown: 1 / (1 + setting.margin + 0.03) - 1)
    #expect(share(counts, .faster) >= 0.95, "\(counts)")
    #expect(share(counts, .slower, .same) <= 0.01, "\(counts)")
  }

  /// Right at the margin neither side may be claimed often: the intervals keep their promise.
  @Test(arguments: settings)
  func atTheMarginBothClaimsAreRare(_ setting: Setting) throws {
    let counts = try verdicts(setting, slowdown: setting.margin)
    #expect(share(counts, .slower) <= 0.02, "\(counts)")
    #expect(share(counts, .same) <= 0.02, "\(counts)")
  }
}
