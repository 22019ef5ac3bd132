import Basics
import Harness

/// Runs of several machines by the type of machine, case by case; schema `costcurve.fleet`,
/// published in `Schemas`.
///
/// Nothing is averaged over cases. Dollars follow from the rate and the price of an hour. A missing
/// value is null; fields may be added, never renamed.
package struct FleetComparison: Codable, Hashable, Sendable {
  package var schema = "costcurve.fleet"
  package var schemaVersion = 1
  /// What may make these runs differ besides their machines.
  package var validity: RunValidity
  /// In the order given.
  package var runs: [Run]
  /// In the order of their first runs.
  package var machineTypes: [MachineType]
  /// Those that two runs or more have: networks first, then layers, products and probes.
  package var cases: [Case]
  /// Ids of those that one run alone has.
  package var casesOfOneRun: [String]

  /// Groups runs by their machines and compares what they have in common.
  ///
  /// - Parameter given: Records as they were read, each with the name of its file.
  /// - Throws: `notComparable` where they say nothing of their machines beside each other, with the
  ///   runs at fault; `usage` for fewer than two.
  package init(_ given: [(file: String, record: ResultRecord)]) throws(Problem) {
    let fleet = try FleetRuns(given)
    try fleet.refuseTheIncomparable()
    machineTypes = fleet.machineTypes
    runs = fleet.runs
    validity = RunValidity(doubts: fleet.doubts)
    let gathered = fleet.gathered
    var cases: [Case] = []
    for group in gathered where group.items.count > 1 { cases.append(try fleet.compare(group)) }
    self.cases = cases
    casesOfOneRun = gathered.filter { $0.items.count == 1 }.map { $0.items[0].item.id }
  }

  /// One record.
  package struct Run: Codable, Hashable, Sendable {
    /// From 1.
    package var number: Int
    package var file: String
    /// UTC, ISO 8601.
    package var date: String
    /// The letter of its machine type.
    package var machineType: String
    /// Whether something else kept its machine busy, so that its rates are bounds.
    package var busy: Bool
    /// With a plus where the source had changes; null where the build does not say.
    @Nullable package var commit: String?
    package var march: String
    package var compiler: String
    /// Names and versions.
    package var libraries: [String]
  }

  /// Machines of one processor with as many CPUs, of one instance type where their price names one.
  package struct MachineType: Codable, Hashable, Sendable {
    /// `A` for the first.
    package var letter: String
    /// Such as `AMD EPYC, 2 CPUs`.
    package var name: String
    package var cpu: String
    /// Family, model and stepping; null in older records.
    @Nullable package var design: String?
    /// That a process can use.
    package var cpus: Int
    @Nullable package var instance: String?
    /// The numbers of its runs.
    package var runs: [Int]
    @Nullable package var usdPerHour: Double?
    @Nullable package var priceBasis: String?
    @Nullable package var priceAsOf: String?
    /// Whether that is what this type costs, and no assumption that others share.
    ///
    /// Without it, a type is never called the cheapest.
    package var hasOwnPrice: Bool
  }

  /// What is compared: the same work on every type.
  package struct Case: Codable, Hashable, Sendable {
    /// The id, without its threads where those are all CPUs of types of several sizes.
    package var name: String
    package var kind: CaseRecord.Kind
    /// Null where each type computes on every CPU that it has, and these are not as many.
    @Nullable package var threads: Int?
    package var rateUnit: String
    /// What `usd` is the price of; null where nothing is priced.
    @Nullable package var costUnit: String?
    /// One a type that has it, the fastest first.
    package var entries: [Entry]
    package var fastest: Winner
    package var cheapest: Winner
  }

  /// One machine type at one case.
  package struct Entry: Codable, Hashable, Sendable {
    /// Its letter.
    package var machineType: String
    package var id: String
    /// The numbers of the runs that measured it.
    package var runs: [Int]
    /// The median over runs, in the case's unit; null without a speed.
    @Nullable package var rate: Double?
    /// The 95 % interval of one run; of several, from the lowest to the highest end of all.
    ///
    /// What instances differ by is in it.
    @Nullable package var rateInterval: [Double]?
    /// The slowest and the fastest run; null for one.
    @Nullable package var rateRange: [Double]?
    @Nullable package var usd: Double?
    @Nullable package var usdInterval: [Double]?
    /// Whether an interval rests on one process.
    package var provisional: Bool
    /// Whether other work had the CPU for so much of a run that its median is its doing too.
    package var disturbed: Bool
    /// Where it stands in rate and cost together; null where its cost is not its own, or no other
    /// type's is.
    @Nullable package var front: FrontPlace?
    /// Why it has no speed; null where it has.
    @Nullable package var refusal: String?
  }

  /// Where a type stands to the Pareto front of rate and cost.
  package enum FrontPlace: String, Codable, Hashable, Sendable {
    /// No other is faster and cheaper.
    case on
    /// Another is faster and cheaper, and both pairs of intervals are apart.
    case beaten
    /// Another is, as far as medians tell; the intervals overlap.
    case open
  }

  /// Which type is first at a case, or why that is open.
  package struct Winner: Codable, Hashable, Sendable {
    /// Its letter; null where it is open.
    @Nullable package var machineType: String?
    /// Whether an interval behind it rests on one process.
    package var provisional: Bool
    /// How many times as fast as the next it is, or how many times as much the next costs.
    @Nullable package var ratio: Double?
    /// From the ends of both intervals.
    @Nullable package var ratioInterval: [Double]?
    package var reason: String
  }

  /// The type of a letter.
  package func machineType(_ letter: String) -> MachineType? {
    machineTypes.first { $0.letter == letter }
  }

  /// The case that stands for all in a sentence: of the first network that most types have, in its
  /// first kind, the cheapest, or the fastest where there is no price.
  package var lead: Case? {
    let most = cases.map(\.entries.count).max()
    let wide = cases.filter { $0.entries.count == most }
    guard let first = wide.first, first.kind.isNetwork else { return wide.first }
    let subject = CaseID(first.name)?.subject
    let alike = wide.filter {
      $0.kind == first.kind && $0.rateUnit == first.rateUnit
        && CaseID($0.name)?.subject == subject
    }
    return alike.min { ($0.leastUSD, -$0.highestRate) < ($1.leastUSD, -$1.highestRate) }
  }
}

extension FleetComparison.Case {
  fileprivate var leastUSD: Double { entries.compactMap(\.usd).min() ?? .infinity }
  fileprivate var highestRate: Double { entries.compactMap(\.rate).max() ?? 0 }
}

extension FleetComparison.Winner {
  /// A comparison that tells no winner.
  static func open(_ reason: String) -> Self {
    Self(machineType: nil, provisional: false, ratio: nil, ratioInterval: nil, reason: reason)
  }
}
