import Basics
import Kernels
import Tensors

/// The derivative by a convolution's filters; reads the images and the derivative by the output.
package struct FilterGradient: Operator {
  package var convolution: Convolution
  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard let shape = convolution.shape(inputs[0], N: 1) else {
      throw Problem(.malformed, "no filters read \(inputs[0])")
    }
    return [convolution.weightType(shape)]
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? { convolution.filterShape(inputs) }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = filterShape(inputs.map(\.shape)),
      let target = convolution.weightType(shape).shape([:])
    else { return [] }
    let (image, gradient) = (convolution.flattened(inputs[0]), inputs[1].values)
    var sums = [Double](repeating: 0, count: target.count)
    Taps(shape).forEach { output, input, tap in
      sums[convolution.place(tap, shape)] += image[input] * gradient[output]
    }
    return [ReferenceTensor(target, sums)]
  }
}
