import Basics
import ONNXSchema

/// Tensors, whose sizes are checked against the bytes that are there before any of that is allocated.
extension ModelReader {
  /// A tensor.
  ///
  /// - Parameters:
  ///   - message: What it says of itself.
  ///   - raw: Where its raw data lie in the file, if they were held back; they stay there.
  /// - Returns: A tensor that has all of its elements.
  /// - Throws: Dimensions that no tensor can have, a type that is not known, or another number of
  ///   elements than they say.
  func tensor(
    _ message: Onnx_TensorProto, raw: Range<Int>? = nil
  ) throws(Problem) -> ModelFile.Tensor {
    func refusal(_ reason: String) -> Problem { damaged("tensor '\(message.name)' \(reason)") }
    guard !message.hasSegment else { throw refusal("is stored in segments, which are not read") }
    guard let element = ModelFile.Element(rawValue: Int(message.dataType)) else {
      throw refusal("has elements of type \(message.dataType), which is not known")
    }
    let dimensions = message.dims.map { Int($0) }
    guard dimensions.count <= 64, let count = ModelFile.Tensor.count(dimensions) else {
      throw refusal("has dimensions \(dimensions.prefix(64)), which no tensor can have")
    }
    let byteCount = ModelFile.Tensor.byteCount(count, element)
    var tensor = ModelFile.Tensor(message.name, element, dimensions, .bytes([]))
    if message.dataLocation == .external {
      guard element != .string else { throw refusal("has texts as external data") }
      tensor.content = try external.content(
        message.externalData.map(ModelFile.Note.init), tensor: message.name, byteCount: byteCount)
    } else if let rawCount = raw?.count ?? (message.hasRawData ? message.rawData.count : nil) {
      guard rawCount == byteCount, element != .string else {
        throw refusal(
          "of \(element.name) and dimensions \(dimensions) takes \(byteCount) bytes, "
            + "not \(rawCount)")
      }
      tensor.content =
        raw.map { .stored(file, offset: $0.lowerBound) } ?? .bytes([UInt8](message.rawData))
    } else {
      guard let content = message.content(element, count: count) else {
        throw refusal(
          "of \(element.name) and dimensions \(dimensions) has another number of elements than "
            + "\(count)")
      }
      tensor.content = content
    }
    return tensor
  }
}

extension Onnx_TensorProto {
  /// Elements that stand in a field of their type; nil where there are more or fewer than there
  /// should be.
  fileprivate func content(
    _ element: ModelFile.Element, count: Int
  ) -> ModelFile.Tensor.Content? {
    let byteCount = ModelFile.Tensor.byteCount(count, element)
    switch element {
    case .string:
      return stringData.count == count ? .texts(stringData.map { [UInt8]($0) }) : nil
    case .float32, .complex64: return Self.content(floatData, byteCount)
    case .float64, .complex128: return Self.content(doubleData, byteCount)
    case .int64: return Self.content(int64Data, byteCount)
    case .uint64: return Self.content(uint64Data, byteCount)
    case .uint32:
      return Self.content(uint64Data.map { UInt32(truncatingIfNeeded: $0) }, byteCount)
    default:
      // A number for an element, or for as many as a byte holds.
      switch element.bits {
      case 32: return Self.content(int32Data, byteCount)
      case 16: return Self.content(int32Data.map { UInt16(truncatingIfNeeded: $0) }, byteCount)
      default: return Self.content(int32Data.map { UInt8(truncatingIfNeeded: $0) }, byteCount)
      }
    }
  }

  private static func content<Number: BitwiseCopyable>(
    _ numbers: [Number], _ byteCount: Int
  ) -> ModelFile.Tensor.Content? {
    let bytes = numbers.withUnsafeBytes { $0.count == byteCount ? [UInt8]($0) : nil }
    return bytes.map { .bytes($0) }
  }
}
