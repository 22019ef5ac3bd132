import Harness

extension LocalMeasurement {
  /// Operations that a joule of the CPU package buys: GFLOP/s per W.
  package struct Efficiency: Codable, Hashable, Sendable {
    /// Id of the case.
    package var caseID: String
    /// Executed operations, 10^9 for each joule.
    package var gflopPerJoule: Double
    package var watts: Double
    /// What was read, and what it covers.
    package var source: String

    package init(caseID: String, gflopPerJoule: Double, watts: Double, source: String) {
      (self.caseID, self.gflopPerJoule) = (caseID, gflopPerJoule)
      (self.watts, self.source) = (watts, source)
    }

    /// Nil of a case whose energy was not measured, or that does no operations on floats.
    init?(_ item: CaseRecord) {
      guard let energy = item.energy?.measured, let gflops = item.derived.gflopsExecuted else {
        return nil
      }
      self.init(
        caseID: item.id, gflopPerJoule: gflops / energy.watts, watts: energy.watts,
        source: energy.source)
    }
  }

  /// Takes from a record the case of ours in float32 that gets most out of a joule, or why none was
  /// measured.
  mutating func setEfficiency(from record: ResultRecord) {
    let own = record.cases.filter {
      $0.validity.ok && !$0.isForeign && $0.name.precision == nil
    }
    efficiency = own.compactMap { Efficiency($0) }.max { $0.gflopPerJoule < $1.gflopPerJoule }
    guard efficiency == nil else { return }
    energyRefusal = own.lazy.compactMap { $0.energy?.refusal }.first
  }
}

extension LocalMeasures {
  /// Operations per watt, as far as the energy of the CPU package was measured.
  func operationsPerWatt() -> [LocalFinding] {
    let (label, unit) = ("operations per watt of this CPU package", "GFLOP/s per W")
    if let found = measurement.efficiency {
      return [
        LocalFinding(
          label: label, value: found.gflopPerJoule, unit: unit,
          note: "\(found.caseID) at \(Figure.text(found.watts)) W by \(found.source)")
      ]
    }
    guard let reason = measurement.energyRefusal else {
      return [missing(label, unit, "costcurve run")]
    }
    return [
      LocalFinding(
        label: label, value: nil, unit: unit,
        note: "unmeasurable here: \(reason); 'costcurve run' measures it on other machines")
    ]
  }
}
