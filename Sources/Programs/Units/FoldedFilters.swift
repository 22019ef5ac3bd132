import Basics
import Graphs
import Kernels
import Models

/// A layer's filters as kernels want them: `K R S C`, batch-norm folded in, with a bias.
///
/// `γ·(w·x − mean) / √(variance + ε) + β` is the convolution with `w·s` and the bias
/// `β − mean·s`, where `s = γ / √(variance + ε)`. Sums are float64, stored once as float32.
struct FoldedFilters {
  /// `K R S C` floats.
  private(set) var filters: [Float]
  /// `K` floats, or empty for a layer without batch-norm and bias.
  private(set) var bias: [Float]

  /// Reads and folds one layer.
  ///
  /// - Parameters:
  ///   - parameters: Those of the layer and, if one is folded in, of the batch-norm.
  ///   - weights: Where the parameters come from.
  ///   - epsilon: Of the batch-norm; nil where none is folded in.
  ///   - outputs: Those of a larger matrix that the layer gives; nil for all.
  /// - Throws: A file that cannot be read.
  init(
    _ parameters: [Parameter], from weights: any WeightSource, epsilon: Double?,
    outputs: Range<Int>? = nil
  ) throws(Problem) {
    var tensors: [Parameter.Role: [Float]] = [:]
    for parameter in parameters { tensors[parameter.role] = try weights.values(parameter) }
    guard let parameter = parameters.first(where: { $0.role == .filters }),
      var scaled = tensors.removeValue(forKey: .filters)
    else { preconditionFailure("a layer without filters") }
    if parameter.area > 1 || parameter.isStoredByInput {
      scaled = Self.ordered(scaled, as: parameter)
    }
    if let outputs {
      let inputs = parameter.inputs
      scaled = Array(scaled[outputs.lowerBound * inputs..<outputs.upperBound * inputs])
      tensors[.bias] = tensors[.bias].map { Array($0[outputs]) }
    }
    let (K, added) = (outputs?.count ?? parameter.outputs, tensors[.bias])
    let norm = epsilon.flatMap { FoldedNorm(tensors, epsilon: $0) }
    bias = norm.map { norm in (0..<K).map { norm.bias(added?[$0] ?? 0, $0) } } ?? added ?? []
    if let norm { scaled.withUnsafeMutableBufferPointer { norm.multiply($0) } }
    filters = scaled
  }

  /// Elements of the reference's order in that of the kernels.
  private static func ordered(_ elements: [Float], as parameter: Parameter) -> [Float] {
    [Float](unsafeUninitializedCapacity: elements.count) { target, count in
      parameter.forEachElement { outside, inside in target[inside] = elements[outside] }
      count = elements.count
    }
  }

  /// Packs the filters for an algorithm.
  func compile(
    _ algorithm: ConvAlgorithm, _ shape: ConvShape, epilogue: Epilogue, threads: Int
  ) -> any CompiledConvolution {
    filters.withUnsafeBufferPointer { filters in
      bias.withUnsafeBufferPointer { bias in
        guard let base = filters.baseAddress else { preconditionFailure("a layer without filters") }
        return algorithm.compile(
          shape, filters: base, bias: bias.isEmpty ? nil : bias.baseAddress, epilogue: epilogue,
          threads: threads)
      }
    }
  }
}
