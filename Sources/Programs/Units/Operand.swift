import Basics
import Graphs
import Kernels
import Models
import Tensors

/// Where something that a unit reads lies.
enum Operand {
  /// Among the values of a run.
  case value(BoundPlace)
  /// In memory of the unit's own: a parameter that stays as it is.
  case constant(Constant)

  /// A parameter's elements.
  final class Constant: Sendable {
    let memory: AlignedBuffer

    init(_ parameter: Parameter, _ weights: any WeightSource) throws(Problem) {
      memory = AlignedBuffer(count: parameter.count)
      let elements = UnsafeMutableBufferPointer(start: memory.pointer, count: parameter.count)
      try weights.read(parameter, into: elements)
    }
  }
}

extension UnitBuilder {
  /// An input that may be a parameter, which is read now if nothing changes it.
  ///
  /// - Parameter index: Of the node's inputs.
  /// - Returns: Where it lies.
  /// - Throws: A weight file that cannot be read.
  func operand(_ index: Int) throws(Problem) -> Operand {
    guard case .frozen(let weights) = parameters, let parameter = parameters([index]).first else {
      return .value(input(index))
    }
    return .constant(try Operand.Constant(parameter, weights))
  }
}

extension UnitCall {
  /// An operand's first byte for this group.
  func bytes(_ operand: Operand) -> UnsafeRawPointer {
    switch operand {
    case .value(let place): UnsafeRawPointer(bytes(place))
    case .constant(let constant): UnsafeRawPointer(constant.memory.bytes)
    }
  }
}
