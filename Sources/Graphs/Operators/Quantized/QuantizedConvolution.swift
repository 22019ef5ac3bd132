import Basics
import Kernels
import Tensors

/// A convolution or fully connected layer of bytes, by whole numbers.
///
/// Reads the images `N H W C` as bytes, filters in the reference's order, each number a whole multiple
/// of its filter's scale, a bias if there is one, and the bytes that its epilogue adds. Filters and
/// bias become whole numbers once, when a program is compiled; `steps(of:)` says which.
package struct QuantizedConvolution: Operator {
  /// The layer, without norm and epilogue.
  package let layer: Convolution
  /// What the bytes of the images stand for.
  package let input: Quantization
  /// What one step of each filter is worth.
  package let scales: [Float]
  /// What becomes of the sums.
  package var epilogue: Int8Epilogue
  /// Whether bounds of the epilogue stand for an activation, which no further fusing may drop.
  package let hasActivation: Bool

  /// Makes one of a layer of floats.
  ///
  /// - Parameters:
  ///   - layer: Without norm and epilogue.
  ///   - input: What the bytes of the images stand for.
  ///   - scales: One a filter, each normal and above 0.
  ///   - epilogue: What becomes of the sums.
  ///   - hasActivation: Whether bounds of the epilogue stand for an activation.
  package init(
    _ layer: Convolution, input: Quantization, scales: [Float], epilogue: Int8Epilogue,
    hasActivation: Bool = false
  ) {
    precondition(layer.hasPlainFilters, "a fused layer, or filters that lie otherwise")
    precondition(scales.count == layer.filters, "\(scales.count) scales")
    (self.layer, self.input) = (layer, input)
    (self.scales, self.epilogue) = (scales, epilogue)
    self.hasActivation = hasActivation
  }

  /// Index of the bias among the inputs; nil without one.
  package var biasInput: Int? { layer.biasInput }
  /// Index of the residual among the inputs; nil without one.
  package var residualInput: Int? { epilogue.addsResidual ? (layer.hasBias ? 3 : 2) : nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require((layer.hasBias ? 3 : 2) + (epilogue.addsResidual ? 1 : 0), of: inputs)
    guard inputs[0].quantization == input else {
      throw Problem(
        .malformed, "\(inputs[0]) are no bytes of \(input.scale) from \(input.zeroPoint)")
    }
    let own = [inputs[0].floats] + inputs[1..<(layer.hasBias ? 3 : 2)]
    var output = try layer.outputs(own)[0]
    switch epilogue {
    case .real: break
    case .sums: output.element = .i32
    case .quantized(let range): output = TensorType(range.quantization, output.dimensions)
    case .added(_, let residual, let total), .joined(let residual, let total):
      output = TensorType(total.quantization, output.dimensions)
      let added = TensorType(residual, output.dimensions)
      if let residualInput, inputs[residualInput] != added {
        throw Problem(.malformed, "\(inputs[residualInput]) cannot be added as \(added)")
      }
    }
    return [output]
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? { layer.filterShape(inputs) }
  package var canWriteRange: Bool { !epilogue.addsResidual }
  package var aliases: [Alias] { residualInput.map { [Alias(output: 0, input: $0)] } ?? [] }

  /// Filters in whole steps: the nearest ones, of two the even one.
  ///
  /// - Parameter filters: In the order of the parameter, the filter outermost.
  /// - Returns: As many numbers.
  package func steps(of filters: [Float]) -> [Int8] {
    FilterSteps(scales: scales).filters(filters)
  }

  /// A bias in steps of the sums, of which each is `s_input · s_filter[k]`.
  ///
  /// - Parameter bias: One number a filter.
  /// - Returns: The nearest steps.
  package func steps(ofBias bias: [Float]) -> [Int32] {
    FilterSteps(scales: scales).bias(bias, input: input)
  }
}

extension Convolution {
  /// Whether each filter is by itself, the filter outermost, and nothing is fused: then it can have a
  /// scale of its own.
  var hasPlainFilters: Bool {
    epilogue == Epilogue() && !foldsNorm && part == nil && !isStoredByInput
  }
}
