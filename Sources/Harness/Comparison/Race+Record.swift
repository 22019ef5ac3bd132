extension Race.Runner {
  /// What the arm gave as a case of a record, with the ratios of the first arm and of ours to it.
  ///
  /// What foreign software executes is not known, so its executed count is 0; its direct count is
  /// the network's.
  ///
  /// - Parameters:
  ///   - request: The case as the first arm got it.
  ///   - directPerImage: Direct operations of one image.
  ///   - own: Our arm that has as many requests under way.
  ///   - alike: A case of ours, which says what items are: other software does not.
  /// - Returns: A case; without a speed where the arm failed.
  package func record(
    request: CaseRequest, directPerImage: Double, own: Race.Runner?, alike: PreparedCase? = nil
  ) -> CaseRecord {
    let images = Double(prepared?.imagesPerCall ?? 1)
    let told = prepared?.item == nil ? alike ?? prepared : prepared
    let statistics = Summary.statistics(of: processes.map(\.samplesNs))
    let energy = statistics == nil ? nil : Energy.pooled(processes.compactMap(\.energy))
    var derived = CaseRecord.Derived()
    derived.setEnergy(energy, of: processes, itemsPerCall: prepared?.imagesPerCall ?? 1)
    if let statistics {
      derived.setRate(
        images, of: told?.workItem ?? .image, statistics, tokens: told?.tokensPerItem)
      let rate = directPerImage * images / statistics.medianNs
      if CaseID(arm.request(for: request).id)?.precision == .int8 {
        derived.gigaOperationsPerSecond = rate
      } else {
        derived.gflopsDirect = rate
      }
    }
    derived.firstArmSpeedup = firstArmSpeedup?.ratio
    derived.firstArmSpeedupCi95 = firstArmSpeedup?.ratioInterval
    if let own, let speedup = speedup(of: own) {
      derived.ownArm = own.arm.name
      derived.ownArmSpeedup = speedup.ratio
      derived.ownArmSpeedupCi95 = speedup.ratioInterval
    }
    derived.peakMemoryBytes = processes.compactMap(\.peakMemoryBytes).max()
    var reasons = failure.map { ["\($0)"] } ?? []
    if statistics == nil, reasons.isEmpty { reasons.append("not measured") }
    var record = CaseRecord(
      id: CaseID.id(arm.request(for: request).id, by: arm.name), kind: request.kind ?? .infer,
      parameters: prepared?.parameters ?? [:], algorithm: prepared?.algorithm ?? arm.name,
      flop: .init(direct: directPerImage * images, executed: prepared?.flop.executed ?? 0),
      correctness: correctness, accuracy: .init(status: "not evaluated"), processes: processes,
      statistics: statistics, derived: derived,
      validity: .init(ok: reasons.isEmpty, reasons: reasons), repeat: request.repeat,
      origin: origin, requestsInFlight: prepared?.requestsInFlight, batching: prepared?.batching)
    record.energy = energy
    return record
  }

  /// What a foreign worker says of itself, or its name where it says nothing.
  private var origin: CaseRecord.Origin? {
    guard arm.launch.isForeign else { return nil }
    return prepared?.origin ?? CaseRecord.Origin(name: arm.name, version: nil)
  }
}
