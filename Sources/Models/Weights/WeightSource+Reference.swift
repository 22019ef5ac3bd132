import Basics
import Graphs
import Tensors

extension WeightSource {
  /// A parameter as plain references read it, in torchvision's order.
  ///
  /// Its floats are read into the second half of the memory of its float64 numbers and widened there
  /// from the first on, which never overtakes them: a copy beside these, of the largest layer, would
  /// add to the peak of a check.
  ///
  /// - Parameter parameter: One of the network's.
  /// - Returns: nil for lengths that cannot be.
  /// - Throws: A file that cannot be read.
  package func reference(_ parameter: Parameter) throws(Problem) -> ReferenceTensor? {
    guard let shape = Shape(parameter.shape) else { return nil }
    let count = shape.count
    var numbers = [Double](repeating: 0, count: count)
    try numbers.withUnsafeMutableBufferPointer { buffer throws(Problem) in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      guard let start = bytes.baseAddress else { return }
      let width = MemoryLayout<Float>.stride
      let floats = (start + width * count).bindMemory(to: Float.self, capacity: count)
      try read(parameter, into: UnsafeMutableBufferPointer(start: floats, count: count))
      for index in 0..<count {
        let value = bytes.load(fromByteOffset: width * (count + index), as: Float.self)
        bytes.storeBytes(
          of: Double(value), toByteOffset: MemoryLayout<Double>.stride * index, as: Double.self)
      }
      bytes.bindMemory(to: Double.self)
    }
    return ReferenceTensor(shape, numbers)
  }
}
