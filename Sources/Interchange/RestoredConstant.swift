import Basics
import Formats

/// Bytes of a model and what they stand for, `(x − zero) · scale`, computed when it is asked for.
///
/// A byte less a byte has 9 bits and a scale 24: the product is exact in float64, and rounded once to
/// float32, whichever of the two computes it.
///
/// Source: ONNX, operator DequantizeLinear.
struct RestoredConstant: Sendable {
  private let bytes: Constant
  private let quantization: QuantizationSteps
  /// Elements side by side that share a scale.
  private let run: Int

  /// Joins bytes and their scales; nil for wider types, whose differences float32 may not hold, and
  /// for lengths that cannot be.
  init?(_ bytes: Constant, _ quantization: QuantizationSteps) {
    guard [.int8, .uint8].contains(bytes.element), quantization.element == bytes.element,
      ModelFile.Tensor.count(bytes.dimensions) != nil
    else { return nil }
    (self.bytes, self.quantization) = (bytes, quantization)
    run = quantization.axis.map { bytes.dimensions[($0 + 1)...].reduce(1, *) } ?? bytes.count
  }

  /// The elements.
  ///
  /// - Throws: Too many elements, or a file that cannot be read.
  func doubles() throws(Problem) -> [Double] {
    var result = try bytes.doubles()
    result.withUnsafeMutableBufferPointer { restore($0) }
    return result
  }

  /// Reads the elements as float32.
  ///
  /// - Parameter values: As many floats as there are bytes.
  /// - Throws: A file that cannot be read.
  func read(into values: UnsafeMutableBufferPointer<Float>) throws(Problem) {
    try bytes.read(into: values)
    restore(values)
  }

  @inline(__always)
  private func restore<Number: BinaryFloatingPoint>(_ values: UnsafeMutableBufferPointer<Number>) {
    guard run > 0 else { return }
    for (index, start) in stride(from: 0, to: values.count, by: run).enumerated() {
      let step = index % quantization.scales.count
      let (scale, zero) = (Number(quantization.scales[step]), Number(quantization.zeros[step]))
      for place in start..<start + run { values[place] = (values[place] - zero) * scale }
    }
  }
}
