import Basics
import Graphs
import Kernels
import Models

/// A training step unit by unit beside another program of the same graph, whose layers are plain loops.
///
/// After each unit the other program does the same unit on the same numbers; then it takes over what
/// was given, so that no difference goes on to the next unit. Where steps round to bfloat16 nothing else
/// tells a wrong kernel from roundings: these go to the other neighbour here and there, and after a few
/// batch-norms over few pixels gradients differ by more than their own size.
package enum LockstepCheck {
  /// The largest distance that passes, beyond one step of rounding: float32 sums in another order differ
  /// by about 1e-6 of the largest.
  package static let bound = 1e-4

  /// Compares the outputs of all units of a step.
  ///
  /// - Parameters:
  ///   - own: What is checked, compiled for a state.
  ///   - oracle: The same graph and batch by other algorithms, its inputs bound, on a state of its own that
  ///     holds the same.
  ///   - run: Takes a step by the first of them, telling of each unit that has ended.
  /// - Returns: The largest distance; infinite where graphs differ.
  static func distance(
    of own: Program, beside oracle: Program, _ run: ((_ unit: Int) -> Void) -> Void
  ) -> Double {
    guard own.units.map(\.name) == oracle.units.map(\.name) else { return .infinity }
    var worst = 0.0
    run { unit in
      oracle.run(units: unit..<unit + 1)
      for (given, expected) in zip(own.outputs(ofUnit: unit), oracle.outputs(ofUnit: unit)) {
        worst = max(worst, given.distance(from: expected))
        expected.copy(given)
      }
    }
    return worst
  }

  /// Checks a step over images.
  ///
  /// - Parameters:
  ///   - own: What is checked, its labels or targets bound.
  ///   - oracle: The same step by plain loops, likewise; its state becomes that of the first.
  ///   - images: `N H W C`.
  ///   - optimizer: Of the step.
  /// - Returns: The largest distance.
  package static func distance(
    of own: TrainingStep, beside oracle: TrainingStep, images: UnsafePointer<Float>,
    optimizer: SGD
  ) -> Double {
    oracle.state.take(own.state)
    oracle.program.packFilters()
    oracle.stepCount = own.stepCount
    oracle.prepare(images, optimizer: optimizer)
    return distance(of: own.program, beside: oracle.program) { finished in
      own.run(images, optimizer: optimizer, finished: finished)
    }
  }

  /// Checks a step over sequences.
  ///
  /// - Parameters:
  ///   - own: What is checked, its inputs filled.
  ///   - oracle: The same step by plain loops, its inputs filled alike, no step taken by either; its state
  ///     becomes that of the first.
  /// - Returns: The largest distance.
  package static func distance(of own: SequenceStep, beside oracle: SequenceStep) -> Double {
    oracle.state.take(own.state)
    oracle.program.packFilters()
    oracle.prepare()
    return distance(of: own.program, beside: oracle.program) { finished in
      own.run(finished: finished)
    }
  }
}
