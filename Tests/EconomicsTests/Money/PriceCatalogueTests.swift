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

  @Test func aWrongNameIsAnsweredWithTheNearest() {
    #expect {
      try catalogue.entry(named: "c5.2xlarg")
    } throws: { error in
      guard let error = error as? RecordError else { return false }
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

  @Test func ownedHardwareIsWrittenOffAndFed() {
    let price = Price.owned(hardwareUSD: 8766, lifetimeYears: 1, watts: 500, usdPerKWh: 0.2)
    #expect(abs(price.usdPerHour - 1.1) < 1e-12)
    #expect(price.basis.hasPrefix("owned:"))
  }
}
