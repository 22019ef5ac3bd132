import Basics
import Graphs
import Models

/// Weights of which some have copies under other names.
package struct CopiedWeights: WeightSource {
  private let base: any WeightSource
  private let copies: [String: Parameter]

  /// Takes in what is a copy of what.
  ///
  /// - Parameters:
  ///   - base: Where the originals come from, and all other parameters.
  ///   - copies: Of `Graph.withOwnBiases`.
  package init(_ base: any WeightSource, copies: [String: Parameter]) {
    (self.base, self.copies) = (base, copies)
  }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    try base.read(copies[parameter.name] ?? parameter, into: values)
  }
}
