import Basics
import Graphs
import Kernels
import Models
import Synchronization

/// Weights that several programs of a network read: what one has packed, the others read where it
/// lies.
package final class SharedWeights: WeightSource {
  /// A product of filters, whatever it is computed over.
  struct Product: Hashable {
    /// Of the filters, the bias and the norm that is folded in.
    var parameters: [String]
    /// Those of a larger matrix that it gives; nil for all.
    var outputs: Range<Int>?
    var algorithm: ConvAlgorithm
    var epilogue: Epilogue
    var epsilon: Double?
  }

  private let source: any WeightSource
  private let tensors = Mutex<[String: Operand.Held]>([:])
  private let products = Mutex<[Product: any CompiledConvolution]>([:])

  /// Weights that nothing has read yet.
  package init(_ source: any WeightSource) { self.source = source }

  package func read(
    _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Problem) {
    try source.read(parameter, into: values)
  }

  /// A parameter in the reference's order.
  func held(_ parameter: Parameter) throws(Problem) -> Operand.Held {
    if let known = tensors.withLock({ $0[parameter.name] }) { return known }
    let made = try Operand.Held(parameter, from: source)
    tensors.withLock { $0[parameter.name] = made }
    return made
  }

  /// A product over the pixels of a shape.
  ///
  /// - Parameters:
  ///   - product: What it is known by.
  ///   - shape: The pixels.
  ///   - threads: Threads that it runs on.
  ///   - make: Packs the filters where no product has them, or where they cannot be shared.
  /// - Returns: The product that is known, over these pixels, or the one that was made.
  /// - Throws: What `make` throws.
  func convolution(
    _ product: Product, _ shape: ConvShape, threads: Int,
    make: () throws(Problem) -> any CompiledConvolution
  ) throws(Problem) -> any CompiledConvolution {
    if let known = products.withLock({ $0[product] }),
      let resized = known.resized(to: shape, threads: threads)
    {
      return resized
    }
    let made = try make()
    products.withLock { $0[product] = made }
    return made
  }
}

extension Operand.Held {
  /// The elements of a parameter, in the reference's order; those that others hold already where
  /// weights are shared.
  static func of(
    _ parameter: Parameter, from weights: any WeightSource
  ) throws(Problem) -> Operand.Held {
    if let shared = weights as? SharedWeights { return try shared.held(parameter) }
    return try Operand.Held(parameter, from: weights)
  }
}
