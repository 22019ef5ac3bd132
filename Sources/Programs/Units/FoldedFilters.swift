import Formats
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
  /// - Throws: A file that cannot be read.
  init(
    _ parameters: [Parameter], from weights: any WeightSource
  ) throws(FileError) {
    var filters: [Float] = []
    var (shape, area): ([Int], Int) = ([], 1)
    var tensors: [Parameter.Role: [Float]] = [:]
    for parameter in parameters {
      guard parameter.role == .filters else {
        tensors[parameter.role] = try weights.values(parameter)
        continue
      }
      filters = try weights.values(parameter)
      (shape, area) = (parameter.shape, parameter.area)
    }
    let K = shape[0]
    let norm = FoldedNorm(tensors)
    let scale = norm?.scale ?? [Double](repeating: 1, count: K)
    let added = tensors[.bias]
    bias = norm.map { norm in (0..<K).map { norm.bias(added?[$0] ?? 0, $0) } } ?? added ?? []
    let channels = filters.count / K / area
    let isScaled = scale.contains { $0 != 1 }
    guard area > 1 || isScaled else {
      self.filters = filters
      return
    }
    self.filters = [Float](unsafeUninitializedCapacity: filters.count) { target, count in
      for k in 0..<K {
        for c in 0..<channels {
          let from = (k * channels + c) * area
          for place in 0..<area {
            let value = Double(filters[from + place]) * scale[k]
            target[(k * area + place) * channels + c] = Float(value)
          }
        }
      }
      count = filters.count
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
