import Harness
import Reporter
import Workloads

extension Report.Generation {
  /// The engines, oldest first, and the peers, slowest first, on the same network, batch size and
  /// thread count, then both in lower precision.
  ///
  /// - Parameters:
  ///   - record: A run, or a race of engines and peers.
  ///   - run: The run whose cheapest inference in float32 says which network, batch and threads are
  ///     compared; where the record has nothing alike, its own fastest does.
  /// - Returns: Empty where the record has no valid inference.
  static func all(in record: ResultRecord, like run: ResultRecord) -> [Report.Generation] {
    // Dated releases have a section of their own.
    guard record.softwareTrends == nil else { return [] }
    let cases = record.cases.compactMap { item -> (item: CaseRecord, id: CaseID, rate: Double)? in
      guard item.kind == .infer, item.validity.ok, let id = CaseID(item.id),
        let rate = item.derived.rate,
        // What was gathered is a larger batch.
        !item.isGathered
      else { return nil }
      return (item, id, rate)
    }
    let wanted = (run.cheapestFloatInference ?? run.cheapestInference).flatMap { CaseID($0.id) }
    let floats = cases.filter { $0.id.precision == nil }
    let fastest = (floats.isEmpty ? cases : floats).max { $0.rate < $1.rate }?.id
    let places = [wanted, fastest].compactMap { $0 }
    let alike = places.lazy.map { place in
      cases.filter {
        $0.id.subject == place.subject && $0.id.batch == place.batch
          && $0.id.threads == place.threads
      }
    }.first { !$0.isEmpty }
    guard let alike else { return [] }
    // Lower precision is no newer software; beside it float32 has a name of its own.
    let own = Engine.generations.compactMap { engine in
      alike.first { $0.id.precision == nil && plainName($0.id) == engine.rawValue }
        .map { (engine, $0) }
    }
    let foreign = alike.filter(\.item.isForeign).sorted { $0.rate < $1.rate }
    let peers = foreign.filter { $0.id.precision == nil }
    let low = alike.filter { !$0.item.isForeign && $0.id.precision != nil }
    let (oldest, newest) = (own.first?.1.item, own.last?.1.item)
    func ratio(_ item: CaseRecord?, beside other: CaseRecord?) -> Report.Ratio? {
      guard let item, let other, item.id != other.id else { return nil }
      // In a race every arm is told beside the first, block by block.
      if item.isFirstArm, let times = other.derived.firstArmSpeedup,
        let interval = other.derived.firstArmSpeedupCi95
      {
        return .init(times, interval: interval)
      }
      return PairedRounds(item, beside: other).map { Report.Ratio($0) }
    }
    func generation(
      _ entry: (item: CaseRecord, id: CaseID, rate: Double), name: String, detail: String,
      isPeer: Bool
    ) -> Report.Generation {
      Report.Generation(
        name: name, detail: detail, itemsPerSecond: entry.rate, item: entry.item.derived.workItem,
        interval: entry.item.derived.rateCi95,
        ratio: ratio(entry.item, beside: oldest), newestRatio: ratio(newest, beside: entry.item),
        isPeer: isPeer, precision: entry.id.precision,
        requests: entry.item.requestsInFlight ?? 1)
    }
    var found = own.map { engine, entry in
      generation(entry, name: engine.generationName, detail: engine.summary, isPeer: false)
    }
    found += peers.map { entry in
      let name = peerName(plainName(entry.id), entry.item.origin)
      return generation(entry, name: name, detail: entry.item.algorithm, isPeer: true)
    }
    found += low.map { entry in
      let name = plainName(entry.id) + inPrecision(entry.id)
      let detail = entry.item.worth ?? entry.item.algorithm
      return generation(entry, name: name, detail: detail, isPeer: false)
    }
    found += foreign.filter { $0.id.precision != nil }.map { entry in
      let name = peerName(plainName(entry.id), entry.item.origin) + inPrecision(entry.id)
      return generation(entry, name: name, detail: entry.item.algorithm, isPeer: true)
    }
    return found
  }

  /// ` int8` behind a name; nothing for float32.
  private static func inPrecision(_ id: CaseID) -> String {
    id.precision.map { " \($0.rawValue)" } ?? ""
  }

  /// Who computes, without what says that it is float32 beside another precision.
  private static func plainName(_ id: CaseID) -> String {
    let name = id.engine ?? ""
    return name.hasSuffix(PeerArms.floatSuffix)
      ? String(name.dropLast(PeerArms.floatSuffix.count)) : name
  }

  /// `onnxruntime 1.31.1`.
  private static func peerName(_ engine: String, _ origin: CaseRecord.Origin?) -> String {
    // A build's own suffix, as in `2.15.0+cu132`, says nothing of a CPU.
    guard let version = origin?.version?.split(separator: "+").first else { return engine }
    return "\(engine) \(version)"
  }
}

extension CaseRecord {
  /// Whether other arms of a race are told beside it: its own speedup is exactly 1, or not written.
  fileprivate var isFirstArm: Bool {
    derived.firstArmSpeedup == nil || derived.firstArmSpeedupCi95 == [1, 1]
  }
}

extension Engine {
  /// The engine as a software version.
  fileprivate var generationName: String {
    switch self {
    case .openblas: "OpenBLAS im2col"
    case .nativeDirect: "native direct"
    case .native: "native Winograd"
    default: rawValue
    }
  }
}
