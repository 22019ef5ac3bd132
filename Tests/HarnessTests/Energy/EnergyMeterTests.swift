import Foundation
import Harness
import Testing

/// A file that the kernel lets nobody read, root neither.
private let forbidden = "/proc/sys/vm/compact_memory"

/// What the meter makes of the machines that there are, and of the traps that others fell into.
@Suite struct EnergyMeterTests {
  /// The package alone: the platform contains it, its cores are part of it, and a second interface
  /// shows it once more.
  @Test func oneSocketBesidePlatformCoresAndAnotherInterface() throws {
    let sys = try MadeUpSysfs()
    let zones = [
      ("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "core"), ("intel-rapl:0:1", "dram"),
      ("intel-rapl:1", "psys"), ("intel-rapl-mmio:0", "package-0"), ("dtpm:0", "package-0"),
    ]
    for (zone, name) in zones { try sys.add(zone, name) }
    let energy = try sys.energy {
      for (zone, _) in zones { try sys.stand(zone, atJoules: 50) }
    }
    #expect(energy.isMeasured(50, by: ["package-0"]))
    #expect(energy?.measured?.watts == energy?.measured?.joules)
    #expect(energy?.source == "powercap intel-rapl, CPU package only")
  }

  @Test func aCounterThatBeginsAnew() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0", count: "\(MadeUpSysfs.range - 20_000_000)")
    let energy = try sys.energy { try sys.stand("intel-rapl:0", atJoules: 30) }
    #expect(energy.isMeasured(50, by: ["package-0"]))
  }

  /// 280 W for twenty minutes pass the range of the counter more than once.
  @Test func aLongWindowIsLookedAtMeanwhile() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    func run(looks: Bool) throws -> Energy? {
      try sys.stand("intel-rapl:0", atJoules: 0)
      let meter = sys.meter()
      meter.begin()
      for step in 1...40 {
        sys.pass(seconds: 30)
        try sys.stand("intel-rapl:0", atJoules: 8400 * step)
        if looks { meter.look() }
      }
      return meter.end().energy
    }
    #expect(try run(looks: true).isMeasured(336_000, by: ["package-0"]))
    #expect(try run(looks: false).refusal.contains("not read for 20 min 0 s"))
  }

  @Test func twoSocketsAreAdded() throws {
    let sys = try MadeUpSysfs()
    for socket in 0...1 { try sys.add("intel-rapl:\(socket)", "package-\(socket)") }
    for joules in [30, 50] {
      let energy = try sys.energy {
        try sys.stand("intel-rapl:0", atJoules: 50)
        try sys.stand("intel-rapl:1", atJoules: joules)
      }
      // Two sockets are two, also where they happen to agree.
      #expect(energy.isMeasured(50 + Double(joules), by: ["package-0", "package-1"]))
      for socket in 0...1 { try sys.stand("intel-rapl:\(socket)", atJoules: 0) }
    }
  }

  /// Dies of a socket that show one counter are counted once, those with counters of their own not.
  @Test(arguments: [(7, 50.0), (9000, 100.0)])
  func diesOfOneSocket(otherAt start: Int, joules: Double) throws {
    let sys = try MadeUpSysfs()
    for die in 0...1 { try sys.add("intel-rapl:\(die)", "package-0-die-\(die)") }
    try sys.stand("intel-rapl:0", atJoules: 7)
    try sys.stand("intel-rapl:1", atJoules: start)
    let energy = try sys.energy {
      try sys.stand("intel-rapl:0", atJoules: 57)
      try sys.stand("intel-rapl:1", atJoules: start + 50)
    }
    let names = ["package-0-die-0", "package-0-die-1"]
    #expect(energy.isMeasured(joules, by: start == 7 ? [names[0]] : names))
  }

  @Test func absentIsNamed() throws {
    let sys = try MadeUpSysfs(hasPowercap: false)
    #expect(sys.energy().refusal.contains("there is no \(sys.root)/class/powercap"))
    #expect(sys.energy(hypervisor: "KVM").refusal == "no RAPL in this guest")
  }

  @Test func emptyIsNamed() throws {
    let sys = try MadeUpSysfs()
    #expect(sys.energy().refusal.hasSuffix("is empty: no RAPL driver is loaded"))
    #expect(sys.energy(hypervisor: "unnamed").refusal == "no RAPL in this guest")
    try sys.add("intel-rapl:0", "psys")
    #expect(sys.energy().refusal.contains("no CPU package can be read among intel-rapl:0"))
  }

  /// The trap of others in virtual machines: no watt is no measurement.
  @Test(arguments: [nil, "KVM"] as [String?])
  func whatStandsStillIsNoZero(_ hypervisor: String?) throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0", count: "1234567")
    let energy = sys.energy(seconds: 3, hypervisor: hypervisor)
    #expect(energy.refusal == "package-0 stood still for 3.00 s")
    // One of two is as bad as both.
    try sys.add("intel-rapl:1", "package-1")
    let half = try sys.energy { try sys.stand("intel-rapl:1", atJoules: 40) }
    #expect(half?.measured == nil && half.refusal.hasPrefix("package-0 stood still"))
  }

  @Test func aHypervisorsCountersAreCalledThat() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    let energy = try sys.energy(hypervisor: "KVM") { try sys.stand("intel-rapl:0", atJoules: 9) }
    #expect(energy?.source.hasSuffix(", as the hypervisor shows it") == true)
  }

  @Test(arguments: ["", "none", "-5", "1.5e9", "12 34", "99999999999999999999999"])
  func junkIsNoNumber(_ text: String) throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0", count: text)
    #expect(sys.energy().refusal == "energy_uj of package-0 holds no number")
    try sys.stand("intel-rapl:0", atJoules: 1)
    let late = try sys.energy { try sys.add("intel-rapl:0", "package-0", count: text) }
    #expect(late.refusal == "energy_uj of package-0 holds no number")
  }

  @Test func whatNoPackageCountsIsRefused() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0", count: "\(MadeUpSysfs.range + 1)")
    #expect(sys.energy().refusal.hasSuffix("is above its own range"))
    // Set back within a second: no wrap makes 200 kW.
    try sys.stand("intel-rapl:0", atJoules: 60_000)
    let energy = try sys.energy { try sys.stand("intel-rapl:0", atJoules: 10) }
    #expect(energy.refusal.contains("W, which no CPU package draws"))
  }

  @Test(arguments: ["", "0", "none"])
  func withoutARangeNoWrapWouldBeSeen(_ range: String) throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0", range: range)
    let energy = try sys.energy { try sys.stand("intel-rapl:0", atJoules: 50) }
    #expect(energy.refusal.contains("max_energy_range_uj of package-0"))
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: forbidden), "no such file here"))
  func whatOnlyRootMayReadSaysWhatToDo() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    let counter = sys.counter("intel-rapl:0")
    try FileManager.default.removeItem(atPath: counter)
    try FileManager.default.createSymbolicLink(
      atPath: counter, withDestinationPath: forbidden)
    let refusal = sys.energy().refusal
    #expect(refusal.contains("only root may read") && refusal.contains("CVE-2020-8694"))
    #expect(refusal.contains("chmod a+r \(counter)"))
  }

  @Test func aCounterThatVanishesMeanwhile() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    let energy = try sys.energy {
      try FileManager.default.removeItem(atPath: sys.counter("intel-rapl:0"))
    }
    #expect(energy.refusal == "energy_uj of package-0: No such file or directory")
  }

  /// Whatever machine this is: above 0 by a named counter, or a reason.
  @Test func theRealOne() throws {
    let meter = EnergyMeter()
    meter.begin()
    usleep(20_000)
    let energy = try #require(meter.end().energy)
    if let measured = energy.measured {
      #expect(measured.joules > 0 && !measured.domains.isEmpty)
    } else {
      #expect(energy.refusal?.isEmpty == false && energy.status == .unmeasurable)
    }
  }

  @Test func severalWindowsAreAdded() throws {
    let sys = try MadeUpSysfs()
    try sys.add("intel-rapl:0", "package-0")
    let meter = sys.meter()
    var tally = EnergyTally()
    #expect(tally.energy == nil && meter.end().energy == nil)
    for joules in [10, 100] {
      meter.begin()
      sys.pass(seconds: 2)
      try sys.stand("intel-rapl:0", atJoules: joules)
      tally.add(meter.end())
      // Nobody's work: it is not counted.
      sys.pass(seconds: 5)
      try sys.stand("intel-rapl:0", atJoules: joules + 70)
    }
    let measured = try #require(tally.energy?.measured)
    #expect(measured.windows == 2 && abs(measured.seconds - 4) < 1e-9)
    #expect(abs(measured.joules - 30) < 1e-6)
    tally.add(EnergyMeter(unmeasurable: "somewhere else").end())
    #expect(tally.energy == .unmeasurable("somewhere else"))
  }
}
