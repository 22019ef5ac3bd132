import Economics
import Harness
import TestSupport
import Testing

/// Machine types beside each other: figures, winners, fronts, spread.
struct FleetComparisonTests {
  private func compare(_ records: [ResultRecord]) throws -> FleetComparison {
    try FleetFixture.compare(records)
  }

  private func one(_ rate: Double, spread: Double = 0.02) -> [CaseRecord] {
    [FleetFixture.item(rate: rate, spread: spread)]
  }

  @Test func aTypeIsFirstWhereItsIntervalIsApart() throws {
    let fleet = try compare([
      FleetFixture.run("Alpha", one(50)), FleetFixture.run("Beta", one(100)),
    ])
    #expect(fleet.machineTypes.map(\.name) == ["Alpha, 2 CPUs", "Beta, 2 CPUs"])
    #expect(fleet.validity.ok && fleet.casesOfOneRun.isEmpty)
    let item = try #require(fleet.cases.first)
    #expect(item.name == FleetFixture.id && item.threads == 2)
    #expect(item.entries.map(\.machineType) == ["B", "A"], "the fastest first")
    #expect(item.fastest.machineType == "B" && item.cheapest.machineType == "B")
    #expect(!item.fastest.provisional)
    for winner in [item.fastest, item.cheapest] {
      #expect(abs((winner.ratio ?? 0) - 2) < 1e-12)
      let ends = try #require(winner.ratioInterval)
      #expect(abs(ends[0] - 2 * 0.98 / 1.02) < 1e-9 && abs(ends[1] - 2 * 1.02 / 0.98) < 1e-9)
    }
    // 0.36 USD an hour are 10⁻⁴ a second.
    let best = item.entries[0]
    #expect(item.costUnit == "10⁹ images" && abs((best.usd ?? 0) - 1000) < 1e-9)
    let usd = try #require(best.usdInterval)
    #expect(abs(usd[0] - 980) < 1e-9 && abs(usd[1] - 1020) < 1e-9)
    #expect(best.front == .on && item.entries[1].front == .beaten)
  }

  @Test func aPriceOfItsOwnDecides() throws {
    let fleet = try compare([
      FleetFixture.run("Alpha", one(50)),
      FleetFixture.run("Beta", price: FleetFixture.given(1), one(100)),
    ])
    #expect(fleet.cases[0].fastest.machineType == "B")
    #expect(fleet.cases[0].cheapest.machineType == "A")
    #expect(fleet.cases[0].entries.allSatisfy { $0.front == .on }, "none beats the other in both")
  }

  /// Ranks on two machines are paid for twice, and are no run of one of them.
  @Test func severalMachinesAreATypeOfTheirOwn() throws {
    var two = FleetFixture.run("Alpha", price: FleetFixture.given(0.72), one(90))
    two.cases[0].derived.allReduce = .sample(machines: 2)
    let fleet = try compare([FleetFixture.run("Alpha", one(50)), two])
    #expect(fleet.machineTypes.map(\.name) == ["Alpha, 2 CPUs", "2 machines: Alpha, 2 CPUs"])
    #expect(fleet.cases[0].fastest.machineType == "B")
    #expect(fleet.cases[0].cheapest.machineType == "A")
  }

  @Test func whereIntervalsOverlapItIsOpen() throws {
    let fleet = try compare([
      FleetFixture.run("Alpha", one(50)), FleetFixture.run("Beta", one(51)),
    ])
    let item = fleet.cases[0]
    #expect(item.fastest.machineType == nil && item.fastest.reason == "the intervals overlap")
    #expect(item.cheapest.machineType == nil && item.fastest.ratio == nil)
    #expect(item.entries.map(\.front) == [.on, .open])
    var without = one(80)
    without[0].statistics?.ci95Ns = nil
    let unknown = try compare([
      FleetFixture.run("Alpha", without), FleetFixture.run("Beta", one(50)),
    ])
    #expect(unknown.cases[0].fastest.reason == "not all have an interval")
    #expect(unknown.cases[0].entries[0].rate == 80)
  }

  /// The interval of several runs holds those of all, so that a type wins only with its slowest.
  @Test func runsOfOneTypeShowTheirSpread() throws {
    let own = [FleetFixture.run("Alpha", one(50)), FleetFixture.run("Alpha", one(60))]
    let fleet = try compare(own + [FleetFixture.run("Beta", one(57))])
    #expect(fleet.machineTypes.map(\.runs) == [[1, 2], [3]])
    #expect(fleet.runs.map(\.machineType) == ["A", "A", "B"])
    let entry = try #require(fleet.cases[0].entries.first { $0.machineType == "A" })
    #expect(entry.runs == [1, 2] && entry.rateRange == [50, 60])
    #expect(abs((entry.rate ?? 0) - 55) < 1e-12)
    let interval = try #require(entry.rateInterval)
    #expect(abs(interval[0] - 50 / 1.02) < 1e-9 && abs(interval[1] - 60 / 0.98) < 1e-9)
    #expect(fleet.cases[0].fastest.machineType == nil)
    let far = try compare(own + [FleetFixture.run("Beta", one(70))])
    #expect(far.cases[0].fastest.machineType == "B")
    let alone = try compare(own)
    #expect(alone.machineTypes.count == 1 && alone.cases[0].entries[0].rateRange == [50, 60])
    #expect(alone.cases[0].fastest.reason == "one machine type alone has it")
  }

  /// Of one processor, more CPUs are another type; each is taken with all that it has.
  @Test func sizesAreTypesAndUseAllTheirCPUs() throws {
    let (wide, single) = ("infer/resnet50/b16/t4/native", "infer/resnet50/b1/t1/native")
    let fleet = try compare([
      FleetFixture.run("Alpha", one(50) + [FleetFixture.item(single, rate: 9)]),
      FleetFixture.run(
        "Alpha", cpus: 4, price: FleetFixture.given(0.72),
        [
          FleetFixture.item(wide, rate: 90), FleetFixture.item(rate: 49),
          FleetFixture.item(single, rate: 9),
        ]),
    ])
    #expect(fleet.machineTypes.map(\.name) == ["Alpha, 2 CPUs", "Alpha, 4 CPUs"])
    let item = try #require(fleet.cases.first)
    #expect(item.name == "infer/resnet50/b16/native" && item.threads == nil)
    #expect(item.entries.map(\.id) == [wide, FleetFixture.id])
    #expect(item.cheapest.machineType == "A", "twice the price, 1.8 times the rate")
    // Two threads of four CPUs are another thing than all of two.
    #expect(fleet.casesOfOneRun == [FleetFixture.id])
    #expect(fleet.cases.map(\.name).contains(single))
  }

  @Test func olderRecordsBelongToTheProcessorOfTheirName() throws {
    var (known, other) = (FleetFixture.run("Alpha", one(50)), FleetFixture.run("Alpha", one(70)))
    known.context.machine.family = 25
    #expect(try compare([known, other]).machineTypes.count == 1)
    other.context.machine.family = 26
    let types = try compare([known, other]).machineTypes
    #expect(types.map(\.name) == ["Alpha, 2 CPUs (family 25)", "Alpha, 2 CPUs (family 26)"])
  }

  @Test func doubtsMakeAWinnerProvisionalOrOpen() throws {
    let slow = FleetFixture.run("Alpha", one(50))
    let quick = FleetFixture.run("Beta", [FleetFixture.item(rate: 90, provisional: true)])
    let provisional = try compare([slow, quick]).cases[0]
    #expect(provisional.fastest.machineType == "B" && provisional.fastest.provisional)
    var busy = slow
    busy.context.noise.otherProcessesPercent = 60
    let beside = try compare([busy, FleetFixture.run("Beta", one(90))])
    #expect(beside.cases[0].fastest.reason == "the machine of run 1 was busy")
    #expect(beside.runs.map(\.busy) == [true, false] && !beside.validity.ok)
    var disturbed = one(50)
    disturbed[0].statistics?.p05Ns = 1
    let moved = try compare([
      FleetFixture.run("Alpha", disturbed), FleetFixture.run("Beta", one(90)),
    ])
    #expect(moved.cases[0].fastest.reason == "other work disturbed A")
    var crashed = one(50)
    crashed[0].validity = .init(ok: false, reasons: ["its process ended by signal 9"])
    let gone = try compare([
      FleetFixture.run("Alpha", crashed), FleetFixture.run("Beta", one(90)),
    ])
    #expect(gone.cases[0].fastest.reason == "no speed of A")
    #expect(gone.cases[0].entries.last?.refusal == "its process ended by signal 9")
  }

  /// Each case has its own winner, and there is nothing that adds them up.
  @Test func casesStandByThemselves() throws {
    func cases(_ first: Double, _ second: Double, _ gflops: Double) -> [CaseRecord] {
      [
        FleetFixture.product(gflops: gflops),
        FleetFixture.item("infer/resnet50/b1/t2/native", rate: first),
        FleetFixture.item(rate: second),
      ]
    }
    let fleet = try compare([
      FleetFixture.run("Alpha", cases(40, 50, 300)), FleetFixture.run("Beta", cases(30, 90, 200)),
    ])
    #expect(fleet.cases.map(\.fastest.machineType) == ["A", "B", "A"], "networks before kernels")
    #expect(fleet.cases[2].rateUnit == "GFLOP/s" && fleet.cases[2].costUnit == nil)
    #expect(fleet.cases[2].cheapest.machineType == nil && fleet.cases[2].entries[0].usd == nil)
    #expect(fleet.lead?.name == FleetFixture.id, "the cheapest of all")
  }

  @Test func otherBuildsAreTold() throws {
    var (here, there) = (FleetFixture.run("Alpha", one(50)), FleetFixture.run("Beta", one(90)))
    here.context.git = .init(commit: "0123456789abcdef", dirty: false)
    there.context.git = .init(commit: "0123456789abcdef", dirty: true)
    there.context.march = "x86-64-v4"
    let doubts = try compare([here, there]).validity.doubts.map(\.sentence)
    #expect(
      doubts == [
        "The builds are of several commits: 0123456789 (run 1), 0123456789+ (run 2).",
        "The builds are for several instruction sets: x86-64-v3 (run 1), x86-64-v4 (run 2).",
      ])
  }
}
