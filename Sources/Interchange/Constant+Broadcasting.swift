import Basics
import Formats
import Tensors

extension KnownValue {
  /// Where the graph has it, if it is computed.
  var computed: PlacedValue? {
    if case .placed(let placed) = self { placed } else { nil }
  }

  var rank: Int {
    switch self {
    case .constant(let constant): constant.dimensions.count
    case .placed(let placed): placed.dimensions.count
    }
  }
}

extension Constant {
  /// The constant as `N H W C`, of four dimensions at most, `N C H W` in the model.
  ///
  /// - Throws: Elements that cannot be read.
  func channelsLast() throws(Problem) -> Constant {
    let lengths = [Int](repeating: 1, count: 4 - dimensions.count) + dimensions
    let (channels, area) = (lengths[1], lengths[2] * lengths[3])
    var result = self
    result.dimensions = [lengths[0], lengths[2], lengths[3], channels]
    guard channels > 1, area > 1 else { return result }
    let values = try doubles()
    result.source = .computed(
      values.indices.map { index in
        let (image, pixel) = (index / (channels * area), index / channels % area)
        return values[(image * channels + index % channels) * area + pixel]
      })
    result.name += ".channelsLast"
    return result
  }

  /// The part for one item of a batch, where that is the same for all.
  ///
  /// - Throws: Items that differ.
  func ofOneItem() throws(Problem) -> Constant {
    let values = try doubles()
    let count = values.count / dimensions[0]
    let item = values.prefix(count)
    guard values.indices.allSatisfy({ values[$0] == item[$0 % count] }) else {
      throw .malformed("combines a batch with a constant that differs from item to item")
    }
    var result = self
    (result.dimensions[0], result.source) = (1, .computed(Array(item)))
    result.name += ".item"
    return result
  }
}

extension ModelFile.Element {
  /// The type in which a run has such elements; nil where it has none.
  var runtime: DType? {
    switch self {
    case .float16, .bfloat16, .float32, .float64: .f32
    case .int32: .i32
    case .int64: .i64
    case .int8: .i8
    case .uint8: .u8
    case .bool: .bool
    default: nil
    }
  }
}
