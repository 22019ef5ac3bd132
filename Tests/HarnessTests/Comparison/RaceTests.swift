import Foundation
import Harness
import Testing

@Suite struct RaceTests {
  private let request = CaseRequest(id: "infer/net/b1/t2/ours", repeat: "again")

  private func arm(
    _ name: String, ns: Int, requests: Int = 1, correctness: String = "passed"
  ) -> Arm {
    let samples = "[\(ns + 3).0,\(ns).0,\(ns + 9).0]"
    return Arm(
      name: name, launch: FakeWorker.steady(samples: samples, correctness: correctness),
      engine: name, options: requests == 1 ? [:] : ["requests": "\(requests)"])
  }

  private func race(_ arms: [Arm]) -> [Race.Runner] {
    Race(arms, request, processes: 3, blocks: 4, seconds: 30, seed: 1, cancel: CancelFlag()).run()
  }

  @Test func ratiosAreOfTimePerImage() throws {
    let runners = race([
      arm("ours", ns: 1000), arm("ours-gathered", ns: 1600, requests: 2),
      arm("peer", ns: 1200), arm("peer-throughput", ns: 2000, requests: 2),
    ])
    #expect(runners.map(\.requests) == [1, 2, 1, 2])
    let first = runners.map { $0.firstArmSpeedup?.ratio ?? 0 }
    for (ratio, expected) in zip(first, [1, 0.8, 1.2, 1]) { #expect(abs(ratio - expected) < 1e-12) }
    let alike = try #require(runners[3].speedup(of: runners[1]))
    #expect(abs(alike.ratio - 1.25) < 1e-12)

    let record = runners[3].record(request: request, directPerImage: 10, own: runners[1])
    #expect(record.id == "infer/net/b1/t2/peer-throughput")
    #expect(record.derived.imagesPerSecond == 2e9 / 2003)
    #expect(record.flop.direct == 20)
    #expect(record.derived.ownArm == "ours-gathered")
    #expect(abs((record.derived.ownArmSpeedup ?? 0) - 1.25) < 1e-12)
    #expect(record.derived.ownArmSpeedupCi95?.count == 2)
    #expect(record.validity.ok)
  }

  @Test func aPeerIsHeldAgainstOursWithAsManyRequests() {
    func foreign(_ name: String, requests: Int = 1) -> Arm {
      var arm = arm(name, ns: 1500, requests: requests)
      arm.launch.isForeign = true
      return arm
    }
    var runners = race([
      arm("ours", ns: 1000), arm("older", ns: 1300), arm("ours-gathered", ns: 1600, requests: 2),
      foreign("peer"), foreign("peer-throughput", requests: 2),
    ])
    func names() -> [String?] { runners.map { $0.ownCounterpart(among: runners)?.arm.name } }
    #expect(names() == ["ours", "ours", "ours-gathered", "ours", "ours-gathered"])
    runners[2].failure = .interrupted
    #expect(names() == ["ours", "ours", nil, "ours", nil])
    runners[0].failure = .interrupted
    #expect(names() == ["older", "older", nil, "older", nil])
  }

  @Test func anArmsOwnNameIsItsRowsEngine() {
    var gathered = arm("ours", ns: 1600, requests: 2)
    gathered.name = "ours-gathered"
    let runners = race([arm("ours", ns: 1000), gathered])
    #expect(runners[1].prepared?.id == "infer/net/b1/t2/ours")
    let ids = runners.map { $0.record(request: request, directPerImage: 1, own: nil).id }
    #expect(ids == ["infer/net/b1/t2/ours", "infer/net/b1/t2/ours-gathered"])
  }

  /// Beside int8, an arm in float32 is another case, and its ratio is of the same blocks.
  @Test func anArmInFloat32IsAnotherCase() throws {
    let request = CaseRequest(id: "infer/net/b1/t2/int8/ours", repeat: "again")
    var float = arm("ours", ns: 3000)
    (float.name, float.isInFloat32) = ("ours-f32", true)
    let runners = Race(
      [arm("ours", ns: 1000), float], request, processes: 2, blocks: 4, seconds: 30, seed: 1,
      cancel: CancelFlag()
    ).run()
    #expect(runners[0].prepared?.id == "infer/net/b1/t2/int8/ours")
    #expect(runners[1].prepared?.id == "infer/net/b1/t2/ours")
    let records = runners.map { $0.record(request: request, directPerImage: 10, own: nil) }
    #expect(records.map(\.id) == ["infer/net/b1/t2/int8/ours", "infer/net/b1/t2/ours-f32"])
    #expect(abs((records[1].derived.firstArmSpeedup ?? 0) - 3) < 1e-12)
    #expect(records[0].derived.gigaOperationsPerSecond != nil)
    #expect(records[0].derived.gflopsDirect == nil && records[1].derived.gflopsDirect != nil)
  }

  @Test func anArmThatFailsDropsOutAndTheOthersGoOn() throws {
    let runners = race([
      arm("ours", ns: 1000), arm("wrong", ns: 10, correctness: "failed"), arm("peer", ns: 1200),
    ])
    let wrong = runners[1].record(request: request, directPerImage: 1, own: runners[0])
    #expect(wrong.derived.imagesPerSecond == nil)
    #expect(wrong.derived.ownArm == nil)
    #expect(!wrong.validity.ok)
    #expect(wrong.validity.reasons.first?.contains("wrong answer") == true)
    #expect(runners[2].firstArmSpeedup != nil)
  }
}
