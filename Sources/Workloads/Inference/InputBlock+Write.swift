import Formats
import Models
import Tensors

extension InputBlock {
  /// Writes an input as a NumPy file, in the order in which those outside have it.
  ///
  /// - Parameters:
  ///   - index: Of the program's inputs.
  ///   - isChannelsLast: Whether it lies here as `N H W C` and is written as `N C H W`.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite`.
  func write(_ index: Int, isChannelsLast: Bool, to path: String) throws {
    let (element, shape) = type(index)
    switch element {
    case .f32:
      let floats = elements(index, of: Float.self)
      if isChannelsLast { return try ActivationLayout.write(floats, shape, to: path) }
      try NPYFile.write(Tensor(shape: shape.dimensions, values: Array(floats)), to: path)
    default:
      try NPYFile.write(
        Array(
          UnsafeRawBufferPointer(start: pointer(index), count: shape.count * element.byteCount)),
        of: element.stored, shape: shape.dimensions, to: path)
    }
  }
}

extension ActivationLayout {
  /// Writes images `N H W C` as a NumPy file of `N C H W`.
  ///
  /// - Parameters:
  ///   - images: `shape.count` floats.
  ///   - shape: `N H W C`.
  ///   - path: Replaced when it exists.
  /// - Throws: `cannotWrite`.
  static func write(
    _ images: UnsafeMutableBufferPointer<Float>, _ shape: Shape, to path: String
  ) throws {
    let pixels = shape.H * shape.W
    let values = [Float](unsafeUninitializedCapacity: shape.count) { target, count in
      for image in 0..<shape.N {
        for channel in 0..<shape.C {
          for pixel in 0..<pixels {
            let at = (image * shape.C + channel) * pixels + pixel
            target.initializeElement(
              at: at, to: images[(image * pixels + pixel) * shape.C + channel])
          }
        }
      }
      count = shape.count
    }
    try NPYFile.write(
      Tensor(shape: [shape.N, shape.C, shape.H, shape.W], values: values), to: path)
  }
}

extension DType {
  /// How files have such elements.
  var stored: ElementType {
    switch self {
    case .f32: .float32
    case .f64: .float64
    case .bf16: .bfloat16
    case .i8: .int8
    case .u8: .uint8
    case .i32: .int32
    case .i64: .int64
    case .bool: .bool
    }
  }
}
