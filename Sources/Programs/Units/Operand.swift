import Basics
import Graphs
import Kernels
import Models
import Tensors

/// What a unit reads: a value of the run, or a parameter that was read when the unit was compiled.
struct Operand {
  /// Memory that the unit keeps.
  final class Held: Sendable {
    let buffer: AlignedBuffer
    let byteCount: Int

    init(byteCount: Int) {
      self.byteCount = byteCount
      buffer = AlignedBuffer(byteCount: byteCount)
    }

    /// The elements of a parameter, in the reference's order.
    convenience init(_ parameter: Parameter, from weights: any WeightSource) throws(Problem) {
      self.init(byteCount: 4 * parameter.count)
      try weights.read(parameter, into: buffer.elements)
    }
  }

  private let place: BoundPlace
  private let held: Held?

  /// A value of the run.
  init(_ place: BoundPlace) { (self.place, held) = (place, nil) }

  /// What is the same in each run.
  init(_ held: Held) {
    (place, self.held) = (BoundPlace(block: 0, offset: 0, imageStride: 0), held)
  }

  /// Whole numbers that are the same in each run, of 64 bits.
  init(_ numbers: [Int]) {
    let held = Held(byteCount: 8 * numbers.count)
    for (index, number) in numbers.enumerated() {
      held.buffer.bytes.storeBytes(of: Int64(number), toByteOffset: 8 * index, as: Int64.self)
    }
    self.init(held)
  }

  /// The floats of a parameter that no run changes; nil for what a run may change.
  var kept: UnsafePointer<Float>? { held.map { UnsafePointer($0.buffer.pointer) } }

  /// The first byte in a run, for its group of images.
  func bytes(_ call: UnitCall) -> UnsafeRawPointer {
    UnsafeRawPointer(held?.buffer.bytes ?? call.bytes(place))
  }

  /// The first float in a run, for its group of images.
  func floats(_ call: UnitCall) -> UnsafePointer<Float> {
    bytes(call).assumingMemoryBound(to: Float.self)
  }
}

extension UnitBuilder {
  /// What an input is in a run.
  ///
  /// - Parameter index: Of the node's inputs.
  /// - Returns: Its elements, those of a parameter in the reference's order.
  /// - Throws: A weight file that cannot be read.
  func operand(_ index: Int) throws(Problem) -> Operand {
    guard case .frozen(let weights) = parameters, let parameter = parameters([index]).first else {
      return Operand(input(index))
    }
    return Operand(try Operand.Held.of(parameter, from: weights))
  }
}

extension DType {
  /// The bits of a number as an element of this type, in the lowest bytes.
  ///
  /// A whole number's type gets the nearest one that it holds, fractions cut off and 0 for NaN;
  /// all but 0 is true.
  func bits(of number: Double) -> UInt64 {
    switch self {
    case .f32: UInt64(Float(number).bitPattern)
    case .f64: number.bitPattern
    case .i32: UInt64(UInt32(bitPattern: Elementwise.whole(number)))
    case .i64: UInt64(bitPattern: Elementwise.whole(number))
    case .i8: UInt64(UInt8(bitPattern: Elementwise.whole(number)))
    case .u8: UInt64(Elementwise.whole(number) as UInt8)
    default: number == 0 ? 0 : 1
    }
  }
}
