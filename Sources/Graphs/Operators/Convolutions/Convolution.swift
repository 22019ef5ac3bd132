import Basics
import Kernels
import Tensors

/// A convolution, or a fully connected layer, which is one of a single pixel.
///
/// Reads the images `N H W C`, filters in the reference's order `K C R S`, a bias if there is one,
/// `γ β mean variance` of a batch-norm that was folded in, and the residual of its epilogue.
package struct Convolution: EpilogueOperator {
  /// Which outputs of a larger matrix a fully connected layer gives.
  package struct Part: Hashable, Sendable {
    package var first: Int
    /// Outputs of the whole matrix.
    package var total: Int

    package init(first: Int, total: Int) { (self.first, self.total) = (first, total) }
  }

  /// Output channels.
  package var filters: Int
  /// Rows and columns of a window; ignored where the image is flattened.
  package var window: PerAxis
  /// Distance between windows.
  package var strides: PerAxis
  /// Zeros on each side.
  package var paddings: PerAxis
  /// Distance between a window's taps.
  package var dilations: PerAxis
  /// Parts of the channels that do not see one another.
  package var groups: Int
  /// Whether all that one image has is read at once, as a fully connected layer does.
  package var flattens: Bool
  /// Whether it is a fully connected layer over each innermost row of a value of any rank.
  package private(set) var readsRows = false
  /// Whether the matrix of such a layer lies `inputs × outputs` in the reference.
  package private(set) var isStoredByInput = false
  /// The part of a larger matrix and bias that such a layer reads; nil for all of them.
  package private(set) var part: Part?
  package var hasBias: Bool
  /// ε of the batch-norm with fixed statistics that follows; nil where none does.
  package var normEpsilon: Double?
  /// Whether a batch-norm with fixed statistics follows.
  package var foldsNorm: Bool { normEpsilon != nil }
  package var epilogue = Epilogue()
  package var canAddResidual: Bool { !flattens }
  package var canApplyFunctions: Bool { true }

  /// A convolution.
  package init(
    filters: Int, window: PerAxis, strides: PerAxis = 1, paddings: PerAxis = 0,
    dilations: PerAxis = 1, groups: Int = 1, hasBias: Bool = false
  ) {
    (self.filters, self.window, self.strides) = (filters, window, strides)
    (self.paddings, self.dilations, self.groups) = (paddings, dilations, groups)
    (self.flattens, self.hasBias) = (false, hasBias)
  }

  /// A fully connected layer.
  package static func linear(outputs: Int, hasBias: Bool = true) -> Convolution {
    var linear = Convolution(filters: outputs, window: 1, hasBias: hasBias)
    linear.flattens = true
    return linear
  }

  /// A fully connected layer over the innermost dimension, whatever lies before it.
  package static func rows(
    outputs: Int, hasBias: Bool, isStoredByInput: Bool = false, part: Part? = nil
  ) -> Convolution {
    var rows = Convolution(filters: outputs, window: 1, hasBias: hasBias)
    (rows.readsRows, rows.isStoredByInput, rows.part) = (true, isStoredByInput, part)
    return rows
  }

  /// Index of the bias among the inputs; nil without one.
  package var biasInput: Int? { hasBias ? 2 : nil }
  /// Indices of `γ β mean variance` among the inputs; empty where none is folded in.
  package var normInputs: Range<Int> { foldsNorm ? (hasBias ? 3 : 2)..<(hasBias ? 7 : 6) : 2..<2 }
  /// Index of the residual among the inputs; nil without one.
  package var residualInput: Int? { epilogue.addsResidual ? inputCount - 1 : nil }
  private var inputCount: Int {
    2 + (hasBias ? 1 : 0) + (foldsNorm ? 4 : 0) + (epilogue.addsResidual ? 1 : 0)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(inputCount, of: inputs)
    let image = inputs[0]
    guard image.element == .f32, image.dimensions.count == 4 || flattens || readsRows,
      part.map({ $0.first >= 0 && $0.total - $0.first >= filters && !foldsNorm }) ?? true,
      let shape = shape(image, N: 1)
    else {
      throw Problem(
        .malformed, "a window of \(window) with \(filters) filters cannot take \(image)")
    }
    guard inputs[1] == weightType(shape) else {
      throw Problem(.malformed, "filters are \(inputs[1]), not \(weightType(shape))")
    }
    let channels = TensorType(.f32, [.fixed(part?.total ?? filters)])
    for index in (biasInput.map { [$0] } ?? []) + Array(normInputs) where inputs[index] != channels
    {
      throw Problem(.malformed, "\(inputs[index]) is not one number a filter")
    }
    let output = TensorType(
      .f32,
      readsRows
        ? image.dimensions.dropLast() + [.fixed(filters)]
        : flattens
          ? [image.dimensions[0], .fixed(filters)]
          : [image.dimensions[0], .fixed(shape.P), .fixed(shape.Q), .fixed(filters)])
    if let residualInput, inputs[residualInput] != output {
      throw Problem(.malformed, "\(inputs[residualInput]) cannot be added to \(output)")
    }
    return [output]
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? {
    let lengths = inputs[0].dimensions.dropFirst().map { Dimension.fixed($0) }
    return shape(TensorType(.f32, [.batch] + lengths), N: inputs[0].N)
  }

  /// The type of the filters, as the reference has them.
  func weightType(_ shape: ConvShape) -> TensorType {
    let outputs = Dimension.fixed(part?.total ?? shape.K)
    return TensorType(
      .f32,
      isStoredByInput
        ? [.fixed(shape.C), outputs]
        : flattens || readsRows
          ? [outputs, .fixed(shape.C)]
          : [.fixed(shape.K), .fixed(shape.C / groups), .fixed(shape.R), .fixed(shape.S)])
  }

  /// Where a tap lies among the filters as the reference has them.
  ///
  /// - Parameters:
  ///   - tap: Its index in `K C R S`.
  ///   - shape: Of the layer.
  /// - Returns: Its index there.
  func place(_ tap: Int, _ shape: ConvShape) -> Int {
    guard readsRows else { return tap }
    let (output, input) = ((part?.first ?? 0) + tap / shape.C, tap % shape.C)
    return isStoredByInput
      ? input * (part?.total ?? shape.K) + output : output * shape.C + input
  }

  /// The shape over some images, or nil where the image cannot be taken.
  func shape(_ image: TensorType, N: Int) -> ConvShape? {
    if readsRows {
      // Rows of one item lie under one another, as the pixels of an image one pixel wide.
      guard image.dimensions.count >= 2, let channels = image.dimensions.last?.length,
        let rows = Shape(image.dimensions.dropFirst().dropLast().map { $0.length ?? 1 })
      else { return nil }
      return ConvShape(
        checking: N, C: channels, H: rows.count, W: 1, K: filters, window: 1)
    }
    let lengths = image.dimensions.dropFirst().compactMap(\.length)
    guard lengths.count == image.dimensions.count - 1, let count = Shape(lengths)?.count else {
      return nil
    }
    if flattens { return ConvShape(checking: N, C: count, H: 1, W: 1, K: filters, window: 1) }
    return ConvShape(
      checking: N, C: lengths[2], H: lengths[0], W: lengths[1], K: filters, window: window,
      strides: strides, paddings: paddings, dilations: dilations, groups: groups)
  }

  package var aliases: [Alias] { residualInput.map { [Alias(output: 0, input: $0)] } ?? [] }
  package var canWriteRange: Bool { !epilogue.addsResidual }
  package var outputBound: Double? { epilogue.activation?.bound }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard !foldsNorm else {
      throw Problem(.malformed, "\(node.name): a folded norm has no gradient")
    }
    if let function = epilogue.function {
      throw Problem(.malformed, "\(node.name): the activation \(function) has no gradient")
    }
    var result = [Graph.Value?](repeating: nil, count: node.inputs.count)
    guard var output = gradients[0] else { return result }
    if epilogue.appliesReLU {
      output = try tape.append(node.name, ReLUGradient(), [node.outputs[0], output])[0]
    }
    if let residualInput { result[residualInput] = output }
    if let biasInput, tape.wants(node.inputs[biasInput]) {
      result[biasInput] = try tape.append(node.name, BiasSum(part: part), [output])[0]
    }
    let image = tape.type(node.inputs[0])
    if tape.wants(node.inputs[1]) {
      result[1] = try tape.append(
        node.name, FilterGradient(convolution: self), [node.inputs[0], output])[0]
    }
    if tape.wants(node.inputs[0]) {
      result[0] = try tape.append(
        node.name, ImageGradient(convolution: self, image: image), [output, node.inputs[1]])[0]
    }
    return result
  }

  /// An image's elements in the order of the filters of a fully connected layer, `C H W`.
  func flattened(_ image: ReferenceTensor) -> [Double] {
    flattens && image.shape.rank == 4 ? image.flattened.values : image.values
  }
}
