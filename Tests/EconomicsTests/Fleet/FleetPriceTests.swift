import Economics
import Harness
import Testing

/// Which prices can make a machine type the cheapest.
struct FleetPriceTests {
  private func compare(
    _ prices: [ResultRecord.PriceRecord?], cpus: Int = 2
  ) throws -> FleetComparison {
    let names = ["Alpha", "Beta", "Gamma"]
    return try FleetFixture.compare(
      zip(names, prices).enumerated().map { place, pair in
        FleetFixture.run(
          pair.0, cpus: cpus, price: pair.1, [FleetFixture.item(rate: 50 + 30 * Double(place))])
      })
  }

  @Test func anAssumptionCannotWin() throws {
    let assumed = FleetFixture.assumed(0.09)
    let fleet = try compare([assumed, assumed])
    #expect(fleet.machineTypes.map(\.hasOwnPrice) == [false, false])
    #expect(fleet.cases[0].fastest.machineType == "B")
    #expect(fleet.cases[0].cheapest.machineType == nil)
    #expect(fleet.cases[0].cheapest.reason == "no type has a price of its own")
    #expect(fleet.cases[0].entries.allSatisfy { $0.usd != nil && $0.front == nil })
    let one = try compare([FleetFixture.given(0.01), assumed]).cases[0]
    #expect(one.cheapest.machineType == nil, "nobody knows what the other costs")
    #expect(one.cheapest.reason == "A alone has a price of its own")
    let two = try compare([FleetFixture.given(0.36), FleetFixture.given(0.36), assumed]).cases[0]
    #expect(two.cheapest.machineType == "B")
    #expect(two.cheapest.reason.hasSuffix(", among types with a price of their own"))
    #expect(two.entries.map(\.front) == [nil, .on, .beaten], "the fastest is priced by assumption")
  }

  @Test func whereNothingIsPricedOnlyRatesAreTold() throws {
    let fleet = try compare([nil, nil])
    #expect(fleet.cases[0].costUnit == nil && fleet.cases[0].entries[0].usd == nil)
    #expect(fleet.cases[0].fastest.machineType == "B")
  }

  /// List prices of instances that the machines can be differ; one instance for all is one price.
  @Test func instancesWinWhereEachTypeHasItsOwn() throws {
    let (one, other) = (
      FleetFixture.instance("c5.large", 0.085), FleetFixture.instance("c6a.large", 0.0765)
    )
    let fleet = try compare([one, other])
    #expect(
      fleet.machineTypes.map(\.name) == ["c5.large: Alpha, 2 CPUs", "c6a.large: Beta, 2 CPUs"])
    #expect(fleet.machineTypes.map(\.hasOwnPrice) == [true, true])
    #expect(fleet.cases[0].cheapest.machineType == "B")
    let shared = try compare([one, one])
    #expect(shared.machineTypes.map(\.hasOwnPrice) == [false, false])
    #expect(shared.cases[0].cheapest.machineType == nil)
    // Four CPUs are two of these: a price per CPU.
    #expect(try compare([one, other], cpus: 4).machineTypes.allSatisfy { !$0.hasOwnPrice })
    let absent = FleetFixture.instance("no.such", 1)
    #expect(try !compare([one, absent]).machineTypes[1].hasOwnPrice)
  }
}
