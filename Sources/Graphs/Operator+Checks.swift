import Basics
import Tensors

/// What operators along axes, and products, ask of their inputs.
extension Operator {
  /// Refuses inputs whose elements are not float32.
  func requireFloats(_ inputs: [TensorType]) throws(Problem) {
    for input in inputs where input.element != .f32 {
      throw Problem(.malformed, "\(Self.self) reads \(input); supported is float32")
    }
  }

  /// Refuses an axis that a value does not have.
  func requireAxis(_ axis: Int, of input: TensorType) throws(Problem) {
    guard input.dimensions.indices.contains(axis) else {
      throw Problem(.malformed, "\(input) has no axis \(axis)")
    }
  }
}

extension [TensorType] {
  /// Whether the items of a batch stay apart between these values and an output.
  ///
  /// They do where no value has a batch, or where each that has one has it outermost and lies on
  /// the output's dimensions one by one.
  package func keepApart(in output: TensorType) -> Bool {
    let types = self + [output]
    guard types.contains(where: { $0.dimensions.contains(.batch) }) else { return true }
    return output.dimensions.first == .batch
      && types.allSatisfy { type in
        !type.dimensions.contains(.batch)
          || (type.dimensions.first == .batch && !type.dimensions.dropFirst().contains(.batch)
            && type.dimensions.count == output.dimensions.count)
      }
  }
}
