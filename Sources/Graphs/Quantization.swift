import Basics
import Tensors

/// What whole numbers of 8 bits stand for: `(q − zero) · scale`, one scale for a whole tensor.
///
/// ONNX's `QuantizeLinear` and `DequantizeLinear`, with which it agrees in rounding: to even, and to
/// the nearest number that the type holds.
package struct Quantization: Hashable, Sendable, CustomStringConvertible {
  /// The type of the whole numbers: u8 or i8.
  package let element: DType
  /// The distance of neighbours, above 0 and finite.
  package let scale: Float
  /// The whole number that stands for 0.
  package let zero: Int

  /// Joins a scale and a zero.
  ///
  /// - Parameters:
  ///   - element: The type of the whole numbers.
  ///   - scale: The distance of neighbours.
  ///   - zero: The whole number that stands for 0.
  /// - Throws: A type without 8 bits, a scale that is none, or a zero that the type does not hold.
  package init(_ element: DType = .u8, scale: Float, zero: Int) throws(Problem) {
    guard let bounds = Self.bounds(of: element) else {
      throw Problem(.malformed, "\(element.rawValue) is no type of 8 bits to be quantized to")
    }
    guard scale > 0, scale.isFinite else {
      throw Problem(.malformed, "the scale \(scale) is not above 0 and finite")
    }
    guard bounds.contains(zero) else {
      throw Problem(
        .malformed, "the zero point \(zero) is outside \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    (self.element, self.scale, self.zero) = (element, scale, zero)
  }

  private init(known element: DType, _ scale: Float, _ zero: Int) {
    (self.element, self.scale, self.zero) = (element, scale, zero)
  }

  /// The steps of u8 that a range of numbers and 0 need at least.
  ///
  /// The zero is rounded to a step, so that ends may move by half of one.
  ///
  /// - Parameter range: What is to be told apart; finite.
  package init(covering range: ClosedRange<Float>) {
    let low = min(Double(range.lowerBound), 0)
    let high = max(Double(range.upperBound), 0)
    let scale = Float((high - low) / 255)
    // Nothing but zeros, or numbers so small that their steps are no normal numbers.
    let step = scale.isNormal ? scale : 1
    let zero = (-low / Double(step)).rounded(.toNearestOrEven)
    self.init(known: .u8, step, Int(min(max(zero, 0), 255)))
  }

  /// The numbers that a type of 8 bits holds; nil for all others.
  package static func bounds(of element: DType) -> ClosedRange<Int>? {
    switch element {
    case .u8: 0...255
    case .i8: -128...127
    default: nil
    }
  }

  /// The whole numbers that there are.
  package var bounds: ClosedRange<Int> { element == .i8 ? -128...127 : 0...255 }

  /// The same numbers, as unsigned ones where they are signed.
  package var unsigned: Quantization {
    element == .u8 ? self : Quantization(known: .u8, scale, zero + 128)
  }

  /// The whole number that is nearest to a number; of two the even one, and the zero for NaN.
  package func step(nearest value: Float) -> Int {
    let steps = (value / scale).rounded(.toNearestOrEven)
    guard !steps.isNaN else { return zero }
    // Far beyond the bounds a float still is a whole number, but no `Int` may hold it.
    return clamp(Int(min(max(steps, -1024), 1024)) + zero)
  }

  /// What a whole number stands for.
  package func value(of step: Int) -> Float { Float(step - zero) * scale }

  /// The nearest whole number that the type holds.
  package func clamp(_ step: Int) -> Int { min(max(step, bounds.lowerBound), bounds.upperBound) }

  /// For example `u8, 0.02 from 3`.
  package var description: String { "\(element.rawValue), \(scale) from \(zero)" }
}
