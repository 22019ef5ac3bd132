import Basics
import Harness

extension FleetRuns {
  /// The same work, as far as ids tell, and the runs that have it.
  struct Group {
    /// Its name.
    var name: String
    /// Whether each run computes on every CPU of its machine, these not being as many in all types.
    var isOnEveryCPU: Bool
    /// One a run.
    var items: [(run: Int, item: CaseRecord)]
  }

  private struct Key: Hashable {
    var name: String
    var isOnEveryCPU: Bool
  }

  private static let order: [CaseRecord.Kind] = [
    .infer, .decode, .prefill, .train, .conv, .gemm, .peak,
  ]

  /// All cases of all runs, those of networks first.
  var gathered: [Group] {
    let isMixed = Set(machineTypes.map(\.cpus)).count > 1
    var groups: [Group] = []
    var places: [Key: Int] = [:]
    for (run, record) in records.enumerated() {
      let cpus = record.context.machine.usableCPUs
      for item in record.cases {
        let key = Self.key(of: item, cpus: isMixed ? cpus : nil)
        guard let place = places[key] else {
          places[key] = groups.count
          groups.append(
            Group(name: key.name, isOnEveryCPU: key.isOnEveryCPU, items: [(run: run, item: item)]))
          continue
        }
        // An id that a record has twice counts once.
        guard groups[place].items.last?.run != run else { continue }
        groups[place].items.append((run: run, item: item))
      }
    }
    func rank(_ group: Group) -> Int {
      Self.order.firstIndex(of: group.items[0].item.kind) ?? Self.order.count
    }
    return groups.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }.map(\.element)
  }

  /// What a case is compared under; `cpus` are those of its machine where types differ in them.
  private static func key(of item: CaseRecord, cpus: Int?) -> Key {
    var id = item.name
    guard let cpus, id.threads == cpus else { return Key(name: item.id, isOnEveryCPU: false) }
    id.threads = nil
    return Key(name: id.description, isOnEveryCPU: true)
  }

  /// One case of all types that have it.
  ///
  /// - Throws: `notComparable` where it is not the same work in all.
  func compare(_ group: Group) throws(Problem) -> FleetComparison.Case {
    try refuseOtherWork(group)
    let measures = group.items.compactMap { FleetMeasure($0.item, of: $0.run) }
    var entries = groups.indices.compactMap { type -> FleetComparison.Entry? in
      let own = group.items.filter { groups[type].contains($0.run) }
      let measured = measures.filter { groups[type].contains($0.run) }
      return own.isEmpty ? nil : entry(of: type, own, measured)
    }.sorted { ($0.rate ?? 0) > ($1.rate ?? 0) }
    markFront(of: &entries)
    let item = group.items[0].item
    let isPriced = entries.contains { $0.usd != nil }
    return FleetComparison.Case(
      name: group.name, kind: item.kind, threads: group.isOnEveryCPU ? nil : item.name.threads,
      rateUnit: measures.first?.unit ?? "",
      costUnit: isPriced ? measures.lazy.compactMap(\.costUnit).first : nil,
      entries: entries, fastest: fastest(of: entries), cheapest: cheapest(of: entries))
  }

  /// What the runs of a type give together.
  ///
  /// - Parameters:
  ///   - type: Its place.
  ///   - items: The case in its runs, one at least.
  ///   - measures: Of those that have a speed.
  /// - Returns: A rate, or why there is none.
  private func entry(
    of type: Int, _ items: [(run: Int, item: CaseRecord)], _ measures: [FleetMeasure]
  ) -> FleetComparison.Entry {
    let letter = machineTypes[type].letter
    guard let first = measures.first else {
      let reasons = items[0].item.validity.reasons.joined(separator: "; ")
      return FleetComparison.Entry(
        machineType: letter, id: items[0].item.id, runs: items.map { $0.run + 1 }, rate: nil,
        rateInterval: nil, rateRange: nil, usd: nil, usdInterval: nil, provisional: false,
        disturbed: false, front: nil, refusal: reasons.isEmpty ? "not measured" : reasons)
    }
    let rates = measures.map(\.rate)
    let rate = Quantile.median(of: rates)
    let interval = Self.hull(of: measures.map(\.interval))
    // A type has one price, so that the product of cost and rate is the same in all its runs.
    let product = machineTypes[type].usdPerHour == nil ? nil : first.usd.map { $0 * first.rate }
    return FleetComparison.Entry(
      machineType: letter, id: items[0].item.id, runs: measures.map { $0.run + 1 }, rate: rate,
      rateInterval: interval, rateRange: rates.count > 1 ? Self.ends(of: rates) : nil,
      usd: product.map { $0 / rate },
      usdInterval: product.flatMap { product in
        interval.map { bounds in [product / bounds[1], product / bounds[0]] }
      },
      provisional: measures.contains(where: \.isProvisional),
      disturbed: measures.contains(where: \.isDisturbed), front: nil, refusal: nil)
  }

  /// From the lowest to the highest end of all intervals; nil where one is missing.
  private static func hull(of intervals: [[Double]?]) -> [Double]? {
    let known = intervals.compactMap { $0 }
    return known.count == intervals.count ? ends(of: known.flatMap { $0 }) : nil
  }

  /// The lowest and the highest; nil of none.
  private static func ends(of values: [Double]) -> [Double]? {
    guard let low = values.min(), let high = values.max() else { return nil }
    return [low, high]
  }
}
