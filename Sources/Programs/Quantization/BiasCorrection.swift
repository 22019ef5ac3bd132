import Graphs
import Kernels

/// What rounding filters to whole steps moves a layer's sums by in the mean.
///
/// Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction" (2019),
/// section 4.2: the bias takes back `Σ (w' − w) · E[x]`, the border left out of account.
enum BiasCorrection {
  /// What is to be added to a layer's bias.
  ///
  /// - Parameters:
  ///   - parameter: The filters.
  ///   - filters: As they are, in the order of the parameter.
  ///   - steps: What they are rounded to.
  ///   - layer: What reads them.
  ///   - means: Of each channel of the images; of each of their numbers where the layer flattens them.
  /// - Returns: One number a filter.
  static func correction(
    _ parameter: Parameter, _ filters: [Float], _ steps: FilterSteps, _ layer: Convolution,
    means: [Double]
  ) -> [Float] {
    let (K, whole) = (layer.filters, steps.filters(filters))
    let size = filters.count / K
    // Channels of one group, which are what a filter sees.
    let channels = layer.flattens ? size : size / max(parameter.area, 1)
    var result = [Double](repeating: 0, count: K)
    parameter.forEachElement { outside, inside in
      let k = outside / size
      let error = Double(whole[outside]) * Double(steps.scales[k]) - Double(filters[outside])
      let group = layer.flattens ? 0 : k / (K / layer.groups)
      let place = inside % size % channels + group * channels
      if place < means.count { result[k] -= error * means[place] }
    }
    return result.map { Float($0) }
  }
}
