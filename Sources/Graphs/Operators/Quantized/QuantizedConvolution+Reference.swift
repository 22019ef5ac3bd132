import Kernels
import Tensors

extension QuantizedConvolution {
  /// The sums by plain loops over whole numbers, then each step of the epilogue in float32.
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = filterShape(inputs.map(\.shape)) else { return [] }
    let pixels = layer.flattened(inputs[0]).map { Int($0) - Int(input.zeroPoint) }
    let weights = steps(of: inputs[1].values.map { Float($0) }).map { Int($0) }
    var sums = [Int](repeating: 0, count: shape.outputCount)
    Taps(shape).forEach { output, pixel, tap in sums[output] += pixels[pixel] * weights[tap] }
    if let biasInput {
      let bias = steps(ofBias: inputs[biasInput].values.map { Float($0) })
      for index in sums.indices { sums[index] += Int(bias[index % bias.count]) }
    }
    let residual = residualInput.map { inputs[$0].values }
    var image = inputs[0].shape.dimensions.dropLast() + [shape.K]
    if !layer.readsRows {
      image = layer.flattens ? [shape.N, shape.K] : [shape.N, shape.P, shape.Q, shape.K]
    }
    guard let target = Shape(Array(image)) else { return [] }
    let values = sums.enumerated().map { index, sum in
      ended(Int32(truncatingIfNeeded: sum), index % shape.K, residual.map { Int($0[index]) })
    }
    return [ReferenceTensor(target, values)]
  }

  /// What is stored of a sum.
  private func ended(_ sum: Int32, _ k: Int, _ added: Int?) -> Double {
    let step = Double(input.scale) * Double(scales[k])
    func factor(_ scale: Float) -> Float { Float(step / Double(scale)) }
    switch epilogue {
    case .sums: return Double(sum)
    case .real(let least, let most):
      return Double(min(max(Float(sum) * Float(step), least), most))
    case .quantized(let range):
      return Double(range.byte(nearest: Float(sum) * factor(range.quantization.scale)))
    case .added(let own, let residual, let total):
      let byte = own.byte(nearest: Float(sum) * factor(own.quantization.scale))
      let (left, right) = (own.quantization, residual)
      func share(_ scale: Float) -> Float {
        Float(Double(scale) / Double(total.quantization.scale))
      }
      let steps = Float(byte - Int(left.zeroPoint)) * share(left.scale)
      let other = Float((added ?? 0) - Int(right.zeroPoint))
      return Double(total.byte(nearest: steps.addingProduct(other, share(right.scale))))
    }
  }
}
