import Basics
import Formats
import Graphs
import Kernels
import Tensors

/// Scale and zero point of a `QuantizeLinear` or `DequantizeLinear`, where both are constants.
struct QuantizationSteps {
  /// Each above 0 and finite.
  let scales: [Float]
  /// As many.
  let zeros: [Int]
  /// The axis along which there are several; nil for one scale of all.
  let axis: Int?
  /// The type of the whole numbers.
  let element: ModelFile.Element

  /// Reads and checks them; nil where one of the two is computed.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - lengths: The dimensions of what it quantizes or restores.
  ///   - element: The type of the whole numbers where there is no zero point to tell.
  /// - Throws: Scales that are no distances, zero points of another type or outside of theirs, and
  ///   other numbers of them than the axis is long.
  init?(
    _ node: OperatorNode, lengths: [Int], element: ModelFile.Element
  ) throws(Problem) {
    guard let scale = try node.input(1).constant else { return nil }
    let given = node.inputs.indices.contains(2) ? node.inputs[2] : nil
    if given != nil, given?.constant == nil { return nil }
    guard try node.integer("block_size", 0) == 0, scale.dimensions.count < 2 else {
      throw .malformed("has a scale for each block, which is not supported")
    }
    guard scale.element.isFloat else {
      throw .malformed("has a scale of \(scale.element.name); it has to be a float")
    }
    var axis: Int?
    if scale.dimensions.count == 1, scale.dimensions != [1] {
      let place = try node.axis(node.integer("axis", 1), rank: lengths.count)
      guard lengths[place] == scale.dimensions[0] else {
        throw .malformed(
          "has \(scale.dimensions[0]) scales along axis \(place), which is \(lengths[place]) long")
      }
      axis = place
    }
    scales = try scale.doubles().map { Float($0) }
    if let bad = scales.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw .malformed("has the scale \(bad); a scale is above 0 and finite")
    }
    guard let zero = given?.constant else {
      zeros = [Int](repeating: 0, count: scales.count)
      (self.axis, self.element) = (axis, element)
      return
    }
    guard zero.dimensions.count < 2 else {
      throw .malformed(
        "has zero points of dimensions \(zero.dimensions), which is not supported; supported are one "
          + "number and a list")
    }
    guard zero.element == element else {
      throw .malformed(
        "has a zero point of \(zero.element.name) for whole numbers of \(element.name)")
    }
    zeros = try zero.integers("a zero point")
    guard zeros.count == scales.count else {
      throw .malformed("has \(zeros.count) zero points for \(scales.count) scales; give one each")
    }
    if element == .int32, let bad = zeros.first(where: { $0 != 0 }) {
      throw .malformed("has the zero point \(bad); that of int32 is 0")
    }
    (self.axis, self.element) = (axis, element)
  }

  /// What unsigned bytes stand for, signed ones raised by 128.
  ///
  /// - Returns: nil for several scales, for other types, and for a scale that is no normal number.
  var bytes: Quantization? {
    guard scales.count == 1, element == .uint8 || element == .int8 else { return nil }
    return Quantization(checking: scales[0], zeroPoint: zeros[0] + (element == .int8 ? 128 : 0))
  }

  /// What a constant's elements are multiples of once they are restored.
  ///
  /// - Parameter constant: Of whole numbers.
  /// - Returns: nil for other numbers than bytes, and where one of them is so far from its zero point
  ///   that a signed byte does not hold the distance.
  /// - Throws: Elements that cannot be read.
  func steps(of constant: Constant) throws(Problem) -> Constant.Steps? {
    guard element == .int8 || element == .uint8 else { return nil }
    if element == .uint8 || zeros.contains(where: { $0 != 0 }) {
      let inner = axis.map { constant.dimensions[($0 + 1)...].reduce(1, *) } ?? 1
      let numbers = try constant.integers("a weight")
      for (index, number) in numbers.enumerated() {
        let zero = zeros[axis == nil ? 0 : index / max(inner, 1) % zeros.count]
        guard (-128...127).contains(number - zero) else { return nil }
      }
    }
    return Constant.Steps(scales: scales, axis: axis, dimensions: constant.dimensions)
  }
}

extension Constant {
  /// The scale of each filter, where the constant's elements are known to be whole multiples of one.
  ///
  /// - Parameters:
  ///   - shape: The parameter's, the filter outermost.
  ///   - change: What is done to the elements.
  /// - Returns: `shape[0]` scales, or nil.
  func scales(_ shape: [Int], _ change: ImportedWeights.Change) -> [Float]? {
    guard let steps, steps.dimensions == dimensions, change.factor == 1, change.copies == 1,
      let count = shape.first
    else { return nil }
    guard let axis = steps.axis else {
      return steps.scales.first.map { [Float](repeating: $0, count: count) }
    }
    return axis == (change.isTransposed ? 1 : 0) && steps.scales.count == count
      ? steps.scales : nil
  }
}
