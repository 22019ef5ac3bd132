import Basics
import Kernels
import Tensors

/// The derivative by a convolution's images; reads that by its output, the filters and, where it
/// adds to a derivative that exists already, that one.
package struct ImageGradient: AccumulatingOperator {
  package var convolution: Convolution
  /// The type of its images.
  package var image: TensorType
  /// Whether the result is added to the last input, in its place.
  package var accumulates = false

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(accumulates ? 3 : 2, of: inputs)
    return [image]
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? {
    convolution.shape(image, N: inputs[0].N)
  }

  package var aliases: [Alias] {
    accumulates ? [Alias(output: 0, input: 2, isRequired: true)] : []
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = filterShape(inputs.map(\.shape)),
      let target = image.shape(["batch": inputs[0].shape.N])
    else { return [] }
    let (gradient, weights) = (inputs[0].values, inputs[1].values)
    var sums = [Double](repeating: 0, count: shape.inputCount)
    Taps(shape).forEach { output, input, tap in
      sums[input] += gradient[output] * weights[convolution.place(tap, shape)]
    }
    var result = ReferenceTensor(target, sums)
    if convolution.flattens, target.rank == 4 { result = result.unflattened(target) }
    if accumulates { result.values = zip(result.values, inputs[2].values).map(+) }
    return [result]
  }
}
