import Basics
import Kernels
import Tensors

/// A function of two numbers, done to the elements of two tensors that are repeated until they have
/// one shape, or of a tensor and one constant; but for a few for inference alone.
///
/// Dimensions belong together from the last one on. A batch stays the outermost dimension.
package struct Pairwise: Operator {
  package var function: PairFunction
  /// The number that takes the place of a tensor; nil where two tensors are read.
  package var constant: Double?
  /// Whether the constant is the first of the two numbers.
  package var isConstantFirst = false

  /// Names the function, and a constant if there is one.
  package init(
    _ function: PairFunction, constant: Double? = nil, isConstantFirst: Bool = false
  ) {
    (self.function, self.constant) = (function, constant)
    self.isConstantFirst = isConstantFirst
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(constant == nil ? 2 : 1, of: inputs)
    guard inputs.allSatisfy({ $0.element == inputs[0].element }),
      let element = function.output(of: inputs[0].element)
    else { throw Problem(.malformed, "\(inputs) have no \(function)") }
    return [TensorType(element, try Dimension.broadcast(inputs.map(\.dimensions)))]
  }

  /// What compares gives another type than it reads.
  package var aliases: [Alias] {
    if function.isComparison { return [] }
    return (0..<(constant == nil ? 2 : 1)).map { Alias(output: 0, input: $0) }
  }

  /// Of sums, and of products with a constant.
  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    var result = [Graph.Value?](repeating: nil, count: node.inputs.count)
    guard let output = gradients[0] else { return result }
    if constant != nil, function == .multiply {
      return try tape.append(node.name, self, [output])
    }
    guard function == .add else {
      throw Problem(.malformed, "\(node.name): the function \(function) has no gradient")
    }
    let whole = tape.type(output).dimensions
    for (place, input) in node.inputs.enumerated() where tape.wants(input) {
      let own = tape.type(input).dimensions
      guard own == Array(whole.suffix(own.count)) else {
        throw Problem(
          .malformed, "\(node.name): a sum of \(whole) has no gradient by \(tape.type(input))")
      }
      // What is the same for all leading indices has the sum over them.
      let repeated = Array(0..<whole.count - own.count)
      result[place] =
        repeated.isEmpty
        ? output
        : try tape.append(
          node.name, Reduction(.sum, axes: repeated, keepsDimensions: false), [output])[0]
    }
    return result
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    guard let constant else {
      return [ReferenceTensor.broadcast(inputs, on: pool) { function.value($0(0), $0(1)) }]
    }
    return [
      ReferenceTensor(inputs[0].shape, on: pool) { index in
        let x = inputs[0].values[index]
        return isConstantFirst ? function.value(constant, x) : function.value(x, constant)
      }
    ]
  }
}

extension Dimension {
  /// The dimensions of tensors that are repeated until they have one shape.
  ///
  /// - Parameter operands: Their dimensions, which belong together from the last one on.
  /// - Returns: The longest list, of each length the one that is not 1.
  /// - Throws: Lengths that differ, or a batch that would not be the outermost dimension.
  package static func broadcast(_ operands: [[Dimension]]) throws(Problem) -> [Dimension] {
    let rank = operands.map(\.count).max() ?? 0
    var result = [Dimension](repeating: 1, count: rank)
    for dimensions in operands {
      for (place, dimension) in dimensions.enumerated() where dimension != 1 {
        let own = rank - dimensions.count + place
        guard result[own] == 1 || result[own] == dimension, dimension.length != nil || own == 0
        else {
          let lists = operands.map { "\($0)" }.joined(separator: " and ")
          throw Problem(.malformed, "combines \(lists), which do not go together")
        }
        result[own] = dimension
      }
    }
    return result
  }
}

extension ReferenceTensor {
  /// Computes element by element from tensors that are repeated until they have one shape.
  ///
  /// - Parameters:
  ///   - operands: Tensors whose shapes go together.
  ///   - pool: The threads.
  ///   - compute: Gives an element from those of the operands, asked for by their place.
  /// - Returns: The result.
  static func broadcast(
    _ operands: [ReferenceTensor], on pool: ThreadPool, _ compute: ((Int) -> Double) -> Double
  ) -> ReferenceTensor {
    let rank = operands.map(\.shape.rank).max() ?? 0
    var lengths = [Int](repeating: 1, count: rank)
    let strides = operands.map { operand in
      var (strides, stride) = ([Int](repeating: 0, count: rank), 1)
      for (place, length) in operand.shape.dimensions.enumerated().reversed() {
        let own = rank - operand.shape.rank + place
        strides[own] = length == 1 ? 0 : stride
        stride *= length
        lengths[own] = max(lengths[own], length)
      }
      return strides
    }
    guard let shape = Shape(lengths) else { preconditionFailure("no shape: \(lengths)") }
    // As many elements as the result has are repeated nowhere.
    let isWhole = operands.map { $0.shape.count == shape.count }
    return ReferenceTensor(shape, on: pool) { index in
      compute { operand in
        if isWhole[operand] { return operands[operand].values[index] }
        var (rest, source) = (index, 0)
        for place in lengths.indices.reversed() {
          source += rest % lengths[place] * strides[operand][place]
          rest /= lengths[place]
        }
        return operands[operand].values[source]
      }
    }
  }
}
