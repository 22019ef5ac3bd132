import Basics
import Graphs
import Models
import Tensors

/// Floats that a kernel reads beside its first input: a value of the run, or a parameter that was
/// read when the program was compiled.
enum FloatOperand {
  /// A value of the run, or a parameter of a state.
  case placed(BoundPlace)
  /// A parameter that stays as it is.
  case kept(KeptFloats)

  /// Where the floats are in a run.
  func floats(_ call: UnitCall) -> UnsafePointer<Float> {
    switch self {
    case .placed(let place): UnsafePointer(call.floats(place))
    case .kept(let kept): kept.pointer
    }
  }
}

/// The floats of one parameter.
final class KeptFloats: Sendable {
  private let buffer: AlignedBuffer

  /// Copies some floats.
  init(_ values: [Float]) {
    buffer = AlignedBuffer(count: values.count)
    buffer.pointer.update(from: values, count: values.count)
  }

  /// The first of them.
  var pointer: UnsafePointer<Float> { UnsafePointer(buffer.pointer) }
}

extension UnitBuilder {
  /// Where a kernel finds an input's floats.
  ///
  /// - Parameter index: Of the node's inputs.
  /// - Returns: The parameter itself where no state can change it.
  /// - Throws: A weight file that cannot be read.
  func floatOperand(_ index: Int) throws(Problem) -> FloatOperand {
    guard case .frozen(let weights) = parameters, let parameter = parameters([index]).first
    else { return .placed(input(index)) }
    return .kept(KeptFloats(try weights.values(parameter)))
  }
}
