import Basics
import Harness

/// The runs that a fleet is compared by: without what cannot be so, each with its machine type.
struct FleetRuns {
  let files: [String]
  let records: [ResultRecord]
  /// The places of the runs of each machine type, in the order of their first runs.
  let groups: [[Int]]
  let machineTypes: [FleetComparison.MachineType]

  /// Groups runs by the type of their machines.
  ///
  /// - Throws: `usage` for fewer than two runs; `notComparable` for one type at two prices.
  init(_ given: [(file: String, record: ResultRecord)]) throws(Problem) {
    guard given.count > 1 else {
      throw Problem(.usage, "--fleet compares two runs or more; name the run.json of each machine.")
    }
    files = given.map(\.file)
    let records = given.map { Self.priced($0.record.withholdingTheImpossible()) }
    let groups = Self.groups(of: records)
    (self.records, self.groups) = (records, groups)
    machineTypes = Self.machineTypes(groups, of: records)
    try refuseTwoPricesOfOneType()
  }

  /// The record with dollars that follow from its rates and its price of an hour.
  private static func priced(_ record: ResultRecord) -> ResultRecord {
    var record = record
    // A record can come from a file, and a file can say anything.
    if let price = record.price, price.usdPerHour > 0, price.usdPerHour.isFinite {
      record.setPrice(
        Price(
          usdPerHour: price.usdPerHour, basis: price.basis, instance: price.instance,
          region: price.region, asOf: price.asOf, source: price.source))
    } else {
      record.price = nil
    }
    return record
  }

  /// A run as it is told: `run 2 (server.json)`.
  func name(_ run: Int) -> String { "run \(run + 1) (\(files[run].prefix(80)))" }

  /// The place of the machine type of a run.
  func typePlace(of run: Int) -> Int { groups.firstIndex { $0.contains(run) } ?? 0 }

  var runs: [FleetComparison.Run] {
    records.indices.map { run in
      let context = records[run].context
      return FleetComparison.Run(
        number: run + 1, file: files[run], date: context.date,
        machineType: machineTypes[typePlace(of: run)].letter, busy: context.noise.isBusy,
        commit: context.git.map { $0.commit + ($0.dirty ? "+" : "") }, march: context.march,
        compiler: context.compiler,
        libraries: context.libraries.map { "\($0.name) \($0.version)" })
    }
  }

  /// What may make the runs differ besides their machines, the builds first.
  var doubts: [RunValidity.Doubt] { buildDoubts + records.indices.flatMap { ownDoubts(of: $0) } }

  /// What a run says of itself that it could not establish.
  private func ownDoubts(of run: Int) -> [RunValidity.Doubt] {
    let validity = records[run].validity ?? RunValidity(of: records[run])
    return validity.doubts.map { doubt in
      RunValidity.Doubt(
        "\(doubt.what), \(name(run))", figure: doubt.figure, remedy: doubt.remedy)
    }
  }

  private static func shortCommit(of run: FleetComparison.Run) -> String {
    guard let commit = run.commit else { return "unknown" }
    return String(commit.prefix(10)) + (commit.hasSuffix("+") ? "+" : "")
  }

  /// What is not the same in all builds, a sentence each.
  private var buildDoubts: [RunValidity.Doubt] {
    let runs = self.runs
    let traits: [(String, (FleetComparison.Run) -> String)] = [
      ("The builds are of several commits", { Self.shortCommit(of: $0) }),
      ("The builds are for several instruction sets", { $0.march }),
      ("The builds are of several compilers", { $0.compiler }),
      (
        "The builds ran with several libraries",
        { $0.libraries.isEmpty ? "none" : $0.libraries.joined(separator: ", ") }
      ),
    ]
    return traits.compactMap { what, value -> RunValidity.Doubt? in
      let numbers = Dictionary(grouping: runs, by: value)
      guard numbers.count > 1 else { return nil }
      let parts = numbers.values.sorted { $0[0].number < $1[0].number }.map { alike in
        "\(value(alike[0])) (run \(alike.map { "\($0.number)" }.joined(separator: ", ")))"
      }
      return RunValidity.Doubt(
        what, figure: parts.joined(separator: ", "),
        remedy: "Measure all of them with one build; 'make install' makes one file to copy.")
    }
  }
}
