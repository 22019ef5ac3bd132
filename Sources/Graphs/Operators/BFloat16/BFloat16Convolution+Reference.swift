import Kernels
import Tensors

extension BFloat16Convolution {
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  /// The layer by its plain loops in float64, with the filters that a program has.
  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    var (plain, scales) = (layer, [Double]())
    var read = [inputs[0], inputs[1]]
    if let norm = layer.normInputs.first, let epsilon = layer.normEpsilon {
      (plain.normEpsilon, plain.hasBias) = (nil, true)
      let (gamma, beta) = (inputs[norm].values, inputs[norm + 1].values)
      let (mean, variance) = (inputs[norm + 2].values, inputs[norm + 3].values)
      scales = zip(gamma, variance).map { $0 / ($1 + epsilon).squareRoot() }
      read.append(
        ReferenceTensor(inputs[norm].shape) { k in
          let added = layer.biasInput.map { inputs[$0].values[k] } ?? 0
          return Double(Float(beta[k] + (added - mean[k]) * scales[k]))
        })
    } else if let bias = layer.biasInput {
      read.append(inputs[bias])
    }
    let size = inputs[1].shape.count / max(scales.count, 1)
    read[1] = ReferenceTensor(inputs[1].shape, on: pool) { index in
      let weight = inputs[1].values[index]
      guard !scales.isEmpty else { return Double(BFloat16(Float(weight)).value) }
      let k = layer.isStoredByInput ? index % scales.count : index / size
      return Double(BFloat16(Float(weight * scales[k])).value)
    }
    if let residual = layer.residualInput { read.append(inputs[residual]) }
    return plain.reference(read, on: pool)
  }
}
