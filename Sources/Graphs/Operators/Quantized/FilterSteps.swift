import Kernels

/// Filters and biases of floats as whole multiples of scales.
///
/// Source: ONNX, operators QuantizeLinear and DequantizeLinear along axis 0, zero point 0.
package struct FilterSteps: Hashable, Sendable {
  /// What one step of each filter is worth, above 0.
  package var scales: [Float]

  /// Names the scales.
  package init(scales: [Float]) { self.scales = scales }

  /// The steps of each filter that its numbers need at least, up to 127 on either side, or to 64 where
  /// weights have 7 bits.
  ///
  /// A bias is to be whole steps of `s_input · s_filter` in 32 bits, and so few that float32 holds
  /// each of them: where a filter is nearly zero, its scale follows from its bias.
  ///
  /// - Parameters:
  ///   - filters: The filter outermost; finite.
  ///   - bias: One number a filter, or none.
  ///   - count: Number of filters.
  ///   - input: What the bytes of the images stand for.
  ///   - weightBits: Bits of a weight, which say how many steps there are.
  package init(
    covering filters: [Float], bias: [Float], count: Int, input: Quantization,
    weightBits: WeightBits = .eight
  ) {
    let size = filters.count / count
    scales = (0..<count).map { k in
      let most = filters[k * size..<(k + 1) * size].reduce(0) { max($0, abs($1)) }
      let own = Double(most) / Double(weightBits.most)
      let added = bias.isEmpty ? 0 : abs(Double(bias[k])) / Double(input.scale) / Self.mostOfBias
      let scale = Float(max(own, added))
      return scale.isNormal ? scale : 1
    }
  }

  /// Steps of a bias at most: half of the whole numbers that float32 tells apart.
  private static let mostOfBias = 0x1p22

  /// Filters in whole steps: the nearest ones, of two the even one.
  ///
  /// - Parameter filters: The filter outermost.
  /// - Returns: As many numbers.
  package func filters(_ filters: [Float]) -> [Int8] {
    let size = filters.count / scales.count
    precondition(size * scales.count == filters.count, "filters of one size each")
    return [Int8](unsafeUninitializedCapacity: filters.count) { steps, count in
      for (k, scale) in scales.enumerated() {
        for index in k * size..<(k + 1) * size {
          steps[index] = Int8(Self.whole(Double(filters[index]) / Double(scale), -128...127))
        }
      }
      count = filters.count
    }
  }

  /// A bias in steps of `s_input · s_filter`.
  ///
  /// - Parameters:
  ///   - bias: One number a filter.
  ///   - input: What the bytes of the images stand for.
  /// - Returns: The nearest steps, of two the even one.
  package func bias(_ bias: [Float], input: Quantization) -> [Int32] {
    zip(bias, scales).map { value, scale in
      let step = Double(input.scale) * Double(scale)
      return Int32(Self.whole(Double(value) / step, -2_147_483_648...2_147_483_647))
    }
  }

  /// The nearest whole number within bounds; 0 for NaN.
  private static func whole(_ value: Double, _ bounds: ClosedRange<Double>) -> Double {
    guard !value.isNaN else { return 0 }
    return min(max(value.rounded(.toNearestOrEven), bounds.lowerBound), bounds.upperBound)
  }
}
