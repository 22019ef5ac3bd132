import Basics
import Kernels
import Tensors

/// The derivative by a convolution's filters; reads the images and the derivative by the output.
///
/// Of a layer that reads a part of a larger matrix it is that by the matrix, 0 outside of the part; or
/// the last input, a derivative by the matrix, with its part put in. The reference leaves out the zeros
/// of the border, which changes nothing of finite derivatives; kernels multiply them.
package struct FilterGradient: Operator {
  package var convolution: Convolution
  /// Whether there is such a derivative, in whose place the result lies.
  package var fills = false
  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(fills ? 3 : 2, of: inputs)
    guard let shape = convolution.shape(inputs[0], N: 1) else {
      throw Problem(.malformed, "no filters read \(inputs[0])")
    }
    let weights = convolution.weightType(shape)
    guard !fills || (convolution.part != nil && inputs[2] == weights) else {
      throw Problem(.malformed, "\(inputs[2]) has no part to be filled")
    }
    return [weights]
  }

  package var aliases: [Alias] { fills ? [Alias(output: 0, input: 2, isRequired: true)] : [] }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? { convolution.filterShape(inputs) }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = filterShape(inputs.map(\.shape)),
      let target = convolution.weightType(shape).shape([:])
    else { return [] }
    let (image, gradient) = (convolution.flattened(inputs[0]), inputs[1].values)
    var sums = [Double](repeating: 0, count: target.count)
    if fills {
      sums = inputs[2].values
      for tap in 0..<shape.filterCount { sums[convolution.place(tap, shape)] = 0 }
    }
    Taps(shape).forEach { output, input, tap in
      sums[convolution.place(tap, shape)] += image[input] * gradient[output]
    }
    return [ReferenceTensor(target, sums)]
  }
}
