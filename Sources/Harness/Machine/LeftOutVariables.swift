/// Variables that keep OpenBLAS from choosing its kernels for this CPU: no measurement gets them.
///
/// `OPENBLAS_CORETYPE` names the core whose kernels it takes, `OPENBLAS_L2_SIZE` the cache in KiB
/// that it cuts its blocks for.
package enum LeftOutVariables {
  static let names = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]

  /// Stands before the name under which an environment carries the value of one that was left out,
  /// from a program to its new start.
  private static let prefix = "COSTCURVE_LEFT_OUT_"

  /// What an environment has to become, name by name, nil for a variable that goes; empty where
  /// none of them is set.
  package static func changes(to environment: [String: String]) -> [String: String?] {
    var changes: [String: String?] = [:]
    for name in names {
      guard let value = environment[name] else { continue }
      changes[name] = .some(nil)
      changes[prefix + name] = value
    }
    return changes
  }

  /// The values that were left out before this start, by the variables' own names.
  package static func values(in environment: [String: String]) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        environment[prefix + name].map { (name, $0) }
      })
  }

  /// Whether a variable only carries such a value, and is itself in force nowhere.
  static func carries(_ name: String) -> Bool { name.hasPrefix(prefix) }
}
