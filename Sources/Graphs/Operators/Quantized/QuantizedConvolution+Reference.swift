import Kernels
import Tensors

extension QuantizedConvolution {
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  /// The sums by the plain loops of the layer over whole numbers, of which float64 holds each up to
  /// 2⁵³, then each step of the epilogue in float32.
  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    var plain = layer
    plain.hasBias = false
    let zero = Double(input.zeroPoint)
    let pixels = ReferenceTensor(inputs[0].shape, inputs[0].values.map { $0 - zero })
    let weights = steps(of: inputs[1].values.map { Float($0) })
    let filters = ReferenceTensor(inputs[1].shape, weights.map { Double($0) })
    let bias = biasInput.map { steps(ofBias: inputs[$0].values.map { Float($0) }) }
    let residual = residualInput.map { inputs[$0].values }
    return plain.reference([pixels, filters], on: pool).map { sums in
      ReferenceTensor(sums.shape, on: pool) { index in
        let k = index % scales.count
        let sum = Int(sums.values[index]) + (bias.map { Int($0[k]) } ?? 0)
        return ended(Int32(truncatingIfNeeded: sum), k, residual.map { Int($0[index]) })
      }
    }
  }

  /// What is stored of a sum.
  private func ended(_ sum: Int32, _ k: Int, _ added: Int?) -> Double {
    let step = Double(input.scale) * Double(scales[k])
    func factor(_ scale: Float) -> Float { Quantization.factor(step / Double(scale)) }
    switch epilogue {
    case .sums: return Double(sum)
    case .real(let least, let most):
      return Double(min(max(Float(sum) * Quantization.factor(step), least), most))
    case .quantized(let range):
      return Double(range.byte(nearest: Float(sum) * factor(range.quantization.scale)))
    case .added(let own, let residual, let total):
      let byte = own.byte(nearest: Float(sum) * factor(own.quantization.scale))
      let (left, right) = (own.quantization, residual)
      func share(_ scale: Float) -> Float {
        Quantization.factor(Double(scale) / Double(total.quantization.scale))
      }
      let steps = Float(byte - Int(left.zeroPoint)) * share(left.scale)
      let other = Float((added ?? 0) - Int(right.zeroPoint))
      return Double(total.byte(nearest: steps.addingProduct(other, share(right.scale))))
    case .joined(let residual, let total):
      let share = Quantization.factor(
        Double(residual.scale) / Double(total.quantization.scale))
      let moved = (-Float(residual.zeroPoint) * share).addingProduct(Float(added ?? 0), share)
      let own = factor(total.quantization.scale)
      return Double(total.byte(nearest: moved.addingProduct(Float(sum), own)))
    }
  }
}
