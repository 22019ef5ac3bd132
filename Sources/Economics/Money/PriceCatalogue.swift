import Basics
import Harness

/// Cloud list prices by instance and date, and the price assumed where none is given.
package struct PriceCatalogue: Sendable {
  package struct Entry: Hashable, Sendable {
    package var cloud: String
    package var region: String
    package var instance: String
    package var family: String
    package var vcpus: Int?
    /// Empty where the machine has no accelerator.
    package var accelerator: String
    package var usdPerHour: Double
    package var asOf: Day
    package var source: String

    /// The entry as a price that results can carry.
    package var price: Price {
      Price(
        usdPerHour: usdPerHour, basis: "on-demand list price of \(cloud)", instance: instance,
        region: region, asOf: asOf.description, source: source)
    }
  }

  package let entries: [Entry]
  /// Families that run x86-64 code, are general-purpose or compute, and have no accelerator.
  private let plainFamilies: Set<String>
  /// The instruction set of each family, by `cloud/family`.
  private let architectures: [String: String]

  /// - Throws: `Problem` where a row has no price or no date.
  package init(_ records: Records = .builtIn) throws {
    let prices = try records.table("cloud_prices")
    entries = try prices.rows.indices.map { row in
      guard let usd = prices.number(row, "usd_per_hour_on_demand"), usd > 0,
        let day = prices.day(row, "as_of")
      else {
        throw Problem(
          .malformed, "cloud_prices.csv, row \(row + 2): a price above 0 and a date are needed.")
      }
      return Entry(
        cloud: prices.text(row, "cloud"), region: prices.text(row, "region"),
        instance: prices.text(row, "instance"), family: prices.text(row, "family"),
        vcpus: prices.number(row, "vcpus").map { Int($0) }, accelerator: prices.text(row, "gpu"),
        usdPerHour: usd, asOf: day, source: prices.text(row, "source"))
    }
    let families = try records.table("instance_families")
    architectures = Dictionary(
      families.rows.indices.map { row in
        (
          families.text(row, "cloud") + "/" + families.text(row, "family"),
          families.text(row, "architecture")
        )
      }, uniquingKeysWith: { first, _ in first })
    plainFamilies = Set(
      families.rows.indices.filter { row in
        families.text(row, "architecture") == "x86-64"
          && ["general", "compute"].contains(families.text(row, "class"))
      }.map { families.text($0, "cloud") + "/" + families.text($0, "family") })
  }

  /// The latest entry of each instance, by cloud and name.
  package var latest: [Entry] {
    var newest: [String: Entry] = [:]
    for entry in entries {
      let key = entry.cloud + "/" + entry.instance
      if let known = newest[key], known.asOf >= entry.asOf { continue }
      newest[key] = entry
    }
    return newest.values.sorted { ($0.cloud, $0.instance) < ($1.cloud, $1.instance) }
  }

  /// The latest list price of an instance.
  ///
  /// - Throws: `Problem` with the nearest names where the catalogue has no such instance.
  package func entry(named instance: String) throws -> Entry {
    let matches = entries.filter { $0.instance.lowercased() == instance.lowercased() }
    guard let newest = matches.max(by: { $0.asOf < $1.asOf }) else {
      let hint = NearestNames.hint(to: instance, among: latest.map(\.instance))
      throw Problem(
        .absent,
        "the price catalogue has no instance '\(instance)'.\(hint) "
          + "'costcurve list instances' shows all; --usd-per-hour takes a price of your own.")
    }
    return newest
  }

  /// Whether a machine can be an instance, whole: with as many CPUs, of its instruction set, and
  /// without an accelerator.
  ///
  /// - Parameters:
  ///   - instance: Its name.
  ///   - cpus: CPUs of the machine.
  ///   - architecture: Its instruction set, `x86-64` or `arm64`.
  /// - Returns: False too where the catalogue has no such instance.
  package func canBe(_ instance: String, cpus: Int, architecture: String) -> Bool {
    guard let known = try? entry(named: instance), known.accelerator.isEmpty, known.vcpus == cpus
    else { return false }
    let own = architectures[known.cloud + "/" + known.family] ?? "-"
    return own == "-" || own == architecture
  }

  /// What a machine that was measured would cost at an instance's list price.
  ///
  /// That the machine is such an instance is not known, so this is an assumption and marked as one.
  /// An instance of another size is scaled by its vCPUs; one with an accelerator, or of unknown
  /// size, counts whole.
  ///
  /// - Parameters:
  ///   - instance: Its name in the list.
  ///   - cpus: CPUs of the measured machine, at least 1.
  ///   - architecture: Its instruction set, `x86-64` or `arm64`.
  /// - Returns: A price whose basis says what is assumed.
  /// - Throws: `Problem` with the nearest names where the catalogue has no such instance.
  package func price(
    of instance: String, forMachineWith cpus: Int, architecture: String = "x86-64"
  ) throws -> Price {
    precondition(cpus > 0, "a machine has at least one CPU, not \(cpus)")
    let entry = try entry(named: instance)
    var price = entry.price
    let name = entry.instance
    var assumption: String
    if !entry.accelerator.isEmpty {
      assumption = """
        this machine's speed at the whole price of \(name), of which the \(entry.accelerator) is a \
        part that this run did not use
        """
    } else if let vcpus = entry.vcpus, vcpus > 0, vcpus != cpus {
      price.usdPerHour *= Double(cpus) / Double(vcpus)
      assumption = """
        this machine's speed at the price per vCPU of \(name), times \(cpus) CPUs; all \(vcpus) \
        vCPUs cost \(Figure.text(entry.usdPerHour)) USD an hour
        """
    } else {
      let size = entry.vcpus.map { ", which has \($0) vCPUs too" } ?? ", whose size is not listed"
      assumption = "this machine's speed at the price of \(name)\(size)"
    }
    let other = architectures[entry.cloud + "/" + entry.family]
    // The table has a dash where the naming does not tell.
    if let other, other != "-", other != architecture {
      assumption += "; its CPUs are \(other), this machine's \(architecture)"
    }
    price.basis = ResultRecord.PriceRecord.assumedBasis(
      assumption + "; " + price.basis)
    return price
  }

  /// The price of a machine of which nothing is known but its size.
  ///
  /// Each cloud's latest list counts, in its one listed region: general-purpose and compute
  /// families for x86-64 without accelerator; their median price per vCPU, times `cpus`, the
  /// CPUs that this process may use, at least 1.
  package func assumed(cpus: Int) -> Price {
    precondition(cpus > 0, "a machine has at least one CPU, not \(cpus)")
    let rows = plainEntries()
    let perCPU = rows.compactMap { row in row.vcpus.map { row.usdPerHour / Double($0) } }.sorted()
    let middle = perCPU.count / 2
    let median =
      perCPU.count % 2 == 1 ? perCPU[middle] : (perCPU[middle - 1] + perCPU[middle]) / 2
    let regions = Set(rows.map { "\($0.cloud) \($0.region)" }).sorted().joined(separator: ", ")
    let dates = rows.map(\.asOf)
    let newest = dates.max()?.description
    return Price(
      usdPerHour: median * Double(cpus),
      basis: ResultRecord.PriceRecord.assumedBasis(
        """
        median of \(rows.count) x86-64 general and compute instances, \
        \(Figure.text(median)) USD per vCPU-hour, times \(cpus) CPUs
        """),
      region: regions, asOf: newest,
      source: "cloud_prices.csv, latest list of each cloud, on-demand")
  }

  /// An H100 at its INT8 peak: its instance, and PFLOP/s for each USD an hour; nil where the tables
  /// lack it.
  ///
  /// - Throws: `Problem` where there is no table of peaks.
  static func bestAccelerator(_ records: Records) throws -> (entry: Entry, pflopsPerUSD: Double)? {
    guard let peak = try records.acceleratorPeak("H100 SXM5 80GB", "int8_dense_tops"),
      let entry = try? PriceCatalogue(records).entry(named: "p5.4xlarge")
    else { return nil }
    return (entry, peak / 1000 / entry.usdPerHour)
  }

  /// The entries that `assumed` takes its median over.
  package func plainEntries() -> [Entry] {
    Dictionary(grouping: entries, by: \.cloud).values.flatMap { rows -> [Entry] in
      let newest = rows.map(\.asOf).max()
      return rows.filter { row in
        row.asOf == newest && row.accelerator.isEmpty && row.vcpus != nil
          && plainFamilies.contains(row.cloud + "/" + row.family)
      }
    }
  }
}
