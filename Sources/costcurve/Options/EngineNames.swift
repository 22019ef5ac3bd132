import Basics
import Economics
import Workloads

extension Engine {
  /// The engine of that name.
  ///
  /// - Throws: Exit 5 with the nearest name, or where the library that it needs is not there.
  static func named(_ name: String) throws -> Engine {
    if let engine = Engine(rawValue: name) {
      if let absence = engine.absence { throw Problem(.absent, absence) }
      return engine
    }
    let hint = NearestNames.hint(to: name, among: allCases.map(\.rawValue))
    throw Problem(.absent, "there is no engine '\(name)'.\(hint) See 'costcurve list engines'.")
  }
}
