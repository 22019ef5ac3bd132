import Harness
import Programs

/// What the units of a training step take, added up by the part of the step that they belong to.
final class PhaseTimes {
  /// For each unit of the plan, the place of its phase in `ns`.
  private let phases: [Int]
  private var ns = [Double](repeating: 0, count: Program.Phase.allCases.count)
  private var before = Clock.now()

  init(_ program: Program) {
    phases = program.units.map { Program.Phase.allCases.firstIndex(of: $0.phase) ?? 0 }
  }

  /// A step begins.
  func begin() { before = Clock.now() }

  /// A unit has ended.
  func end(of unit: Int) {
    let after = Clock.now()
    ns[phases[unit]] += Double(after &- before)
    before = after
  }

  /// Nanoseconds of all steps by the names of phases.
  var byName: [String: Double] {
    // Steps of one process wait for no other.
    let phases = zip(Program.Phase.allCases, ns).filter { $0.0 != .allReduce || $0.1 > 0 }
    return Dictionary(uniqueKeysWithValues: phases.map { ($0.0.rawValue, $0.1) })
  }
}
