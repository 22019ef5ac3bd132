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
    Dictionary(uniqueKeysWithValues: zip(Program.Phase.allCases.map(\.rawValue), ns))
  }
}
