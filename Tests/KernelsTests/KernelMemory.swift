import Kernels

/// An array's values in aligned memory, for kernels that take pointers.
final class Tensor {
  private let buffer: AlignedBuffer

  init(_ values: [Float]) {
    buffer = AlignedBuffer(count: values.count)
    for (i, value) in values.enumerated() { buffer.pointer[i] = value }
  }

  convenience init(count: Int, filledWith value: Float = 0) {
    self.init([Float](repeating: value, count: count))
  }

  var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
  var input: UnsafePointer<Float> { UnsafePointer(buffer.pointer) }
  var values: [Float] { Array(buffer.elements) }
}
