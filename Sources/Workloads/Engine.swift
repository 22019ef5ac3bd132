import Kernels

/// A policy over algorithms: which one computes a layer of a given shape.
package enum Engine: String, CaseIterable, Sendable {
  /// Lowering and OpenBLAS's `sgemm` for every layer.
  case openblas
  /// Our own kernels, the best of them for each layer.
  case native
  /// Plain loops in float64: the oracle, far too slow to be a generation of its own.
  case reference

  /// What is used unless told otherwise.
  package static let standard = Engine.native

  /// The engines that are measured side by side: all but the oracle, oldest first.
  package static let generations: [Engine] = [.openblas, .native]

  /// The algorithm that this engine uses for a forward pass.
  ///
  /// - Parameter shape: The layer, a fully connected one as 1x1 over one pixel.
  /// - Returns: An algorithm that supports the shape.
  package func algorithm(for shape: ConvShape) -> ConvAlgorithm {
    switch self {
    case .openblas: .im2col
    case .native: .direct
    case .reference: .reference
    }
  }

  /// One line for `costcurve list engines`.
  package var summary: String {
    switch self {
    case .openblas: "im2col and OpenBLAS sgemm for every layer"
    case .native: "our own SIMD kernels, the best for each layer"
    case .reference: "plain loops with float64 sums; the oracle, not for timing"
    }
  }
}
