import Basics

/// Tensors, whose sizes are checked against the bytes that are there before any of that is allocated.
extension ModelReader {
  /// A tensor; its elements stay in the file where they lie there as they are.
  func tensor(_ message: ProtobufReader) throws(Problem) -> ModelFile.Tensor {
    var (message, fields) = (message, TensorFields())
    while let (number, content) = try message.next() {
      switch number {
      case 1: fields.dimensions += try message.integers(content)
      case 2: fields.type = Int(try message.integer(content))
      case 3: throw message.damaged("'\(fields.name)' is stored in segments, which are not read")
      case 4, 5, 6, 7, 10, 11: fields.typed[number, default: []].append(content)
      case 8: fields.name = try message.text(content)
      case 9: fields.raw = try message.range(content)
      case 13: fields.external.append(try note(message, content))
      case 14: fields.isExternal = try message.integer(content) == 1
      default: break
      }
    }
    func refusal(_ reason: String) -> Problem { message.damaged("'\(fields.name)' \(reason)") }
    guard let element = ModelFile.Element(rawValue: fields.type) else {
      throw refusal("has elements of type \(fields.type), which is not known")
    }
    let dimensions = fields.dimensions.map { Int($0) }
    guard dimensions.count <= 64, let count = ModelFile.Tensor.count(dimensions) else {
      throw refusal("has dimensions \(dimensions.prefix(64)), which no tensor can have")
    }
    let byteCount = ModelFile.Tensor.byteCount(count, element)
    var tensor = ModelFile.Tensor(fields.name, element, dimensions, .bytes([]))
    if fields.isExternal {
      guard element != .string else { throw refusal("has texts as external data") }
      tensor.content = try external.content(
        fields.external, tensor: fields.name, byteCount: byteCount)
    } else if let raw = fields.raw {
      guard raw.count == byteCount, element != .string else {
        throw refusal(
          "of \(element.name) and dimensions \(dimensions) takes \(byteCount) bytes, "
            + "not \(raw.count)")
      }
      tensor.content = .stored(source.file, offset: raw.lowerBound)
    } else {
      let pieces = fields.typed[element.typedField] ?? []
      guard let content = try typed(pieces, element, count, message) else {
        throw refusal(
          "of \(element.name) and dimensions \(dimensions) has another number of elements than "
            + "\(count)")
      }
      tensor.content = content
    }
    return tensor
  }

  /// Elements that stand in a field of their type.
  ///
  /// - Returns: nil where there are more or fewer than there should be.
  private func typed(
    _ pieces: [ProtobufReader.Content], _ element: ModelFile.Element, _ count: Int,
    _ message: ProtobufReader
  ) throws(Problem) -> ModelFile.Tensor.Content? {
    if element == .string {
      guard pieces.count == count else { return nil }
      var texts: [[UInt8]] = []
      for piece in pieces { texts.append(try message.bytes(piece)) }
      return .texts(texts)
    }
    let byteCount = ModelFile.Tensor.byteCount(count, element)
    if element.hasFixedFields, pieces.count == 1, case .bytes(let range) = pieces[0] {
      return range.count == byteCount ? .stored(source.file, offset: range.lowerBound) : nil
    }
    // A number takes at least one byte of the file, so more than that is never allocated.
    let width = element.typedWidth
    let available = pieces.reduce(0) { sum, piece in
      if case .bytes(let range) = piece { sum + range.count } else { sum + 1 }
    }
    guard byteCount / width <= available else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    for piece in pieces {
      try message.forEachNumber(piece, width: element.hasFixedFields ? width : nil) { bits in
        guard bytes.count < byteCount else { return false }
        for byte in 0..<width { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
        return true
      }
    }
    return bytes.count == byteCount ? .bytes(bytes) : nil
  }
}

/// What a tensor's fields say.
private struct TensorFields {
  var name = ""
  var type = 0
  var dimensions: [Int64] = []
  var raw: Range<Int>?
  var typed: [Int: [ProtobufReader.Content]] = [:]
  var external: [ModelFile.Note] = []
  var isExternal = false
}

extension ModelFile.Element {
  /// The field of a tensor that holds elements of this type where they are not raw.
  fileprivate var typedField: Int {
    switch self {
    case .float32, .complex64: 4
    case .string: 6
    case .int64: 7
    case .float64, .complex128: 10
    case .uint32, .uint64: 11
    default: 5
    }
  }

  /// Whether that field's numbers are as long as the elements, and not of variable length.
  fileprivate var hasFixedFields: Bool { typedField == 4 || typedField == 10 }

  /// Bytes of an element that one of its numbers stands for.
  fileprivate var typedWidth: Int {
    switch self {
    case .complex64: 4
    case .complex128: 8
    default: max(1, bits / 8)
    }
  }
}
