import Basics
import Economics
import Testing

struct PriceCatalogueTests {
  let catalogue: PriceCatalogue

  init() throws { catalogue = try PriceCatalogue() }

  @Test func theLatestPriceOfAnInstanceWins() throws {
    let entry = try catalogue.entry(named: "c5.2xlarge")
    #expect(entry.usdPerHour == 0.34)
    #expect(entry.asOf == Day("2026-07-20"))
    #expect(entry.price.region == "us-east-1")
  }

  @Test func theLatestOfAllInstancesAreTheNewestOfEach() {
    let byName = Dictionary(grouping: catalogue.entries) { $0.cloud + "/" + $0.instance }
    let latest = catalogue.latest
    #expect(latest.count == byName.count)
    for entry in latest {
      let newest = byName[entry.cloud + "/" + entry.instance]?.map(\.asOf).max()
      #expect(entry.asOf == newest, "\(entry.instance)")
    }
  }

  @Test func aWrongNameIsAnsweredWithTheNearest() {
    #expect {
      try catalogue.entry(named: "c5.2xlarg")
    } throws: { error in
      guard let error = error as? Problem else { return false }
      return error.kind == .absent && error.description.contains("'c5.2xlarge'")
    }
  }

  @Test func theAssumedPriceIsTheMedianOfPlainMachines() throws {
    let rows = catalogue.plainEntries()
    #expect(rows.count > 100)
    for family in ["c8g", "m8g", "inf1", "g5", "p2", "t2a", "c4a", "Standard_D8ps_v6"] {
      #expect(!rows.contains { $0.family == family })
    }
    let one = catalogue.assumed(cpus: 1)
    #expect(catalogue.assumed(cpus: 2).usdPerHour == 2 * one.usdPerHour)
    let cheaper = rows.filter { row in
      row.usdPerHour / Double(row.vcpus ?? 0) < one.usdPerHour
    }
    #expect(abs(cheaper.count * 2 - rows.count) <= rows.count / 10)
    #expect(one.basis.hasPrefix("assumed: median of \(rows.count)"))
  }

  /// A family without accelerators may get one that has some: then that row alone does not count.
  @Test func anAcceleratorKeepsAMachineOutOfTheAssumedPrice() throws {
    let plain = Set(catalogue.plainEntries())
    let row = try #require(catalogue.entries.firstIndex { plain.contains($0) })
    let column = try #require(try Records.builtIn.table("cloud_prices").index(of: "gpu"))
    let changed = try PriceCatalogue(
      Records.builtIn.replacing(table: "cloud_prices", row: row, column: column, with: "1xV100"))
    #expect(changed.entries[row].accelerator == "1xV100")
    #expect(changed.plainEntries().count == catalogue.plainEntries().count - 1)
    #expect(!changed.plainEntries().contains(changed.entries[row]))
  }

  @Test func everyFamilyOfTheCatalogueIsClassified() throws {
    let families = try Records.builtIn.table("instance_families")
    let known = Set(
      families.rows.indices.map {
        families.text($0, "cloud") + "/" + families.text($0, "family")
      })
    for entry in catalogue.entries where !entry.family.isEmpty {
      #expect(known.contains(entry.cloud + "/" + entry.family))
    }
  }

  /// A machine is not the instance that it is priced as: the price says so, and for how many CPUs.
  @Test func anInstancesPriceIsAnAssumptionAboutThisMachine() throws {
    let listed = try catalogue.entry(named: "c5.24xlarge")
    let vcpus = try #require(listed.vcpus)
    let scaled = try catalogue.price(of: "c5.24xlarge", forMachineWith: 2)
    #expect(abs(scaled.usdPerHour / (listed.usdPerHour * 2 / Double(vcpus)) - 1) < 1e-12)
    #expect(scaled.basis.hasPrefix("assumed: this machine's speed at the price per vCPU of c5.24"))
    #expect(scaled.basis.contains("times 2 CPUs; all 96 vCPUs cost"))
    let alike = try catalogue.price(of: "c5.24xlarge", forMachineWith: vcpus)
    #expect(alike.usdPerHour == listed.usdPerHour)
    #expect(alike.basis.hasPrefix("assumed: this machine's speed at the price of c5.24xlarge"))
    #expect(!alike.basis.contains("arm64"))
    let accelerated = try catalogue.price(of: "p5.4xlarge", forMachineWith: 2)
    #expect(accelerated.usdPerHour == (try catalogue.entry(named: "p5.4xlarge").usdPerHour))
    #expect(accelerated.basis.contains("a part that this run did not use"))
    let arm = try #require(catalogue.latest.first { $0.family == "c8g" }).instance
    #expect(
      try catalogue.price(of: arm, forMachineWith: 2).basis
        .contains("its CPUs are arm64, this machine's x86-64"))
  }

  @Test func ownedHardwareIsWrittenOffAndFed() {
    let price = Price.owned(hardwareUSD: 8766, lifetimeYears: 1, watts: 500, usdPerKWh: 0.2)
    #expect(abs(price.usdPerHour - 1.1) < 1e-12)
    #expect(price.basis.hasPrefix("owned:"))
  }
}
