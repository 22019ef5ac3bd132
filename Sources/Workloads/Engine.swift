import Harness
import Kernels
import Programs

/// A policy over algorithms: which one computes a layer of a given shape.
package enum Engine: String, CaseIterable, Sendable {
  /// Lowering and OpenBLAS's `sgemm` for every layer.
  case openblas
  /// Our own kernels with direct multiplications: `native` under `--no-winograd`.
  case nativeDirect = "native-direct"
  /// Our own kernels, the best of them for each layer.
  case native
  /// Plain loops in float64: the oracle, far too slow to be a generation of its own.
  case reference

  /// What is used unless told otherwise.
  package static let standard = Engine.native

  /// The software generations that are measured side by side, oldest first: all but the oracle.
  package static let generations: [Engine] = [.openblas, .nativeDirect, .native]

  /// The engines of kernels that exist once, whatever a plan then chooses among.
  package static let kernels: [Engine] = [.openblas, .native]

  /// What names of arms end with that answer several requests as one larger batch, ours and peers'.
  package static let gatheredSuffix = "-gathered"

  /// The name of an arm of this engine that answers several requests as one larger batch.
  package var gatheredArm: String { rawValue + Self.gatheredSuffix }

  /// The same engine with the direct number of multiplications.
  package var withoutWinograd: Engine { self == .native ? .nativeDirect : self }

  /// Whether Winograd's algorithms are among those that it may use.
  package var allowsWinograd: Bool { self != .nativeDirect }

  /// The algorithm that this engine uses for a forward pass; OpenBLAS's leaves to ours what cannot
  /// be lowered to one product.
  ///
  /// - Parameter shape: The layer, a fully connected one as 1x1 over one pixel.
  /// - Returns: An algorithm that supports the shape.
  package func algorithm(for shape: ConvShape) -> ConvAlgorithm {
    algorithm(for: shape, filtersChange: false)
  }

  private func algorithm(for shape: ConvShape, filtersChange: Bool) -> ConvAlgorithm {
    switch self {
    case .openblas: shape.isPlain ? .im2col : ConvPlan.native(shape)
    case .native: ConvPlan.native(shape, filtersChange: filtersChange)
    case .nativeDirect: ConvPlan.native(shape, allowsWinograd: false)
    case .reference: .reference
    }
  }

  /// The algorithm that this engine uses in a training step.
  ///
  /// - Parameters:
  ///   - shape: The layer's forward shape.
  ///   - direction: Which pass over it.
  /// - Returns: An algorithm that supports the shape in that direction.
  package func algorithm(
    for shape: ConvShape, direction: Program.Direction
  ) -> ConvAlgorithm {
    let own = algorithm(for: shape, filtersChange: true)
    let other: ConvAlgorithm = shape.isPlain ? .direct : .reference
    return switch direction {
    case .forward: own
    case .backwardData: own.supportsBackwardData(shape) ? own : other
    case .backwardWeights: own.supportsBackwardWeights(shape) ? own : other
    }
  }

  /// The algorithm for a layer, by a tuning table where that has one that this engine may use.
  package func algorithm(
    for shape: ConvShape, threads: Int, tuning: TuningTable?
  ) -> ConvAlgorithm {
    let rule = algorithm(for: shape)
    guard let tuned = tuning?.algorithm(for: shape, threads: threads),
      candidates(for: shape).contains(tuned)
    else { return rule }
    return tuned
  }

  /// What `--autotune` may choose among for a layer, the rule's choice first.
  package func candidates(for shape: ConvShape) -> [ConvAlgorithm] {
    switch self {
    case .native: ConvPlan.candidates(shape)
    case .nativeDirect: ConvPlan.candidates(shape, allowsWinograd: false)
    case .openblas, .reference: [algorithm(for: shape)]
    }
  }

  /// Why the engine has no layers of a lower precision, in a sentence; nil where it has.
  package func refusal(of precision: CaseID.Precision) -> String? {
    self == .openblas
      ? "the engine openblas has no \(precision.rawValue); take --engine native." : nil
  }

  /// Why the engine cannot be used here, in a sentence; nil where it can.
  package var absence: String? {
    guard self == .openblas, let reason = OpenBLAS.absence else { return nil }
    return "the engine openblas needs OpenBLAS, which cannot be loaded (\(reason)); install it, "
      + "'sudo apt-get install libopenblas0', or take --engine native."
  }

  /// One line for `costcurve list engines`.
  package var summary: String {
    switch self {
    case .openblas: "im2col and OpenBLAS sgemm for every layer"
    case .nativeDirect: "our own SIMD kernels, direct convolution only (--no-winograd)"
    case .native: "our own SIMD kernels, the best for each layer"
    case .reference: "plain loops with float64 sums; the oracle, not for timing"
    }
  }
}
