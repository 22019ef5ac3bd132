import Basics
import Economics
import Harness
import Testing

/// Runs that say nothing of their machines beside each other are refused, with what is wrong.
struct FleetRefusalTests {
  private func refusal(_ records: [ResultRecord]) -> Problem? {
    do {
      _ = try FleetFixture.compare(records)
      return nil
    } catch {
      return error as any Error as? Problem
    }
  }

  private func expect(
    _ records: [ResultRecord], _ words: String..., kind: Problem.Kind = .notComparable,
    at location: SourceLocation = #_sourceLocation
  ) {
    let problem = refusal(records)
    #expect(problem?.kind == kind, "\(problem?.description ?? "taken")", sourceLocation: location)
    for word in words {
      #expect(
        problem?.description.contains(word) == true, "\(problem?.description ?? "taken")",
        sourceLocation: location)
    }
  }

  private let alpha = FleetFixture.run("Alpha", [FleetFixture.item(rate: 50)])

  private func beta(_ id: String = FleetFixture.id) -> ResultRecord {
    FleetFixture.run("Beta", [FleetFixture.item(id, rate: 90)])
  }

  @Test func whatCanBeComparedIsTaken() { #expect(refusal([alpha, beta()]) == nil) }

  @Test func oneRunIsNone() {
    expect([alpha], "two runs", kind: .usage)
    expect([], "two runs", kind: .usage)
  }

  @Test func oneRunTwiceIsNoSpread() {
    expect([alpha, beta(), alpha], "run 3 (3.json) is the same run as run 1 (1.json)")
    var priced = alpha
    priced.price = FleetFixture.given(1)
    priced.context.arguments = ["(path)"]
    expect([alpha, priced], "of one machine type at two prices")
    priced.price = alpha.price
    expect([alpha, priced], "the same run")
  }

  @Test func otherWorkIsNoneOfTheSame() {
    expect([alpha, beta("infer/resnet18/b16/t2/native")], "subjects resnet50 against resnet18")
    expect([alpha, beta("infer/resnet50/b8/t2/native")], "batch sizes 16 against 8")
    expect([alpha, beta("infer/resnet50/b16/t2/int8/native")], "precisions f32 against int8")
    expect([alpha, beta("infer/resnet50/b16/t1/native")], "threads 2 against 1")
    expect([alpha, beta("infer/resnet50/b16/t2/openblas")], "engines native against openblas")
    let ranks = FleetFixture.item("train/resnet50/b16/r2/t2/native", rate: 50)
    let shared = FleetFixture.run("Alpha", [ranks])
    expect([shared, beta("train/resnet50/b16/r2/m2/t2/native")], "machines 1 against 2")
    expect(
      [shared, beta("train/resnet50/b16/r2/t2/sum-posted/native")], "sums the usual against posted")
    expect([alpha, FleetFixture.run("Beta", [])], "the others have none")
    expect([FleetFixture.run("Beta", []), alpha], "run 1 (1.json) has no case")
    // A kernel in common makes networks no more alike.
    var (one, other) = (alpha, beta("infer/resnet18/b16/t2/native"))
    one.cases.append(FleetFixture.product(gflops: 100))
    other.cases.append(FleetFixture.product(gflops: 200))
    expect([one, other], "no case of a network in common")
    one.cases.removeFirst()
    #expect(refusal([one, other]) != nil, "its network stands alone")
    other.cases.removeFirst()
    #expect(refusal([one, other]) == nil)
  }

  @Test func oneNameForOtherWorkIsNoticed() {
    var other = beta()
    other.cases[0].flop.direct *= 2
    expect([alpha, other], "not the same work", "260 GFLOP")
    other = beta()
    other.cases[0].derived = .init()
    (other.cases[0].derived.item, other.cases[0].derived.itemsPerSecond) = ("position", 90)
    expect([alpha, other], "counts positions/s in run 2 (2.json) and images/s in run 1 (1.json)")
  }

  @Test func wrongAndImpossibleResultsAreRefused() {
    var other = beta()
    other.cases[0].correctness = .init(status: .failed, maxError: 0.4)
    other.cases[0].validity = .init(ok: false, reasons: ["wrong answer: relative error 0.4"])
    expect([alpha, other], "run 2 (2.json)", "wrong answer: relative error 0.4")
    other.cases[0].validity = .init(ok: true)
    expect([alpha, other], "wrong or impossible result")
    other = beta()
    other.cases[0].validity = .init(ok: false, reasons: ["impossible: faster than the best peak"])
    expect([alpha, other], "faster than")
  }

  @Test func pricesAreOfOneDateAndOneAType() {
    var (one, other) = (alpha, beta())
    one.price = FleetFixture.assumed(0.09)
    other.price = FleetFixture.assumed(0.09, asOf: "2025-01-01")
    expect([one, other], "2026-07-30 in run 1 (1.json), 2025-01-01 in run 2 (2.json)")
    other.price = FleetFixture.given(0.1)
    #expect(refusal([one, other]) == nil, "what a user gives has no date")
    var again = FleetFixture.run("Alpha", [FleetFixture.item(rate: 51)])
    again.price = FleetFixture.assumed(0.10)
    expect([one, again, other], "two prices", "0.09 USD an hour and 0.1 USD an hour")
    again.price = nil
    expect([one, again, other], "0.09 USD an hour and no price")
  }

  /// A file can say anything.
  @Test func pricesThatAreNoneAreLeftOut() throws {
    var (one, other) = (alpha, beta())
    one.price?.usdPerHour = -1
    other.price?.usdPerHour = .infinity
    let fleet = try FleetFixture.compare([one, other])
    #expect(fleet.machineTypes.allSatisfy { $0.usdPerHour == nil && !$0.hasOwnPrice })
    #expect(fleet.cases[0].entries.allSatisfy { $0.usd == nil })
  }
}
