import Basics
import ONNXSchema

extension ModelFile {
  /// Bytes of a model at most, beyond which other readers of protobuf refuse it: 2 GiB.
  package static let byteLimit = 1 << 31

  /// Writes the model; the file appears only when it is complete.
  ///
  /// The same model always becomes the same bytes. Tensors are asked for one at a time.
  ///
  /// - Parameter path: Replaced when it exists.
  /// - Throws: `cannotWrite` for a closed folder or a full disk, attributes that cannot be written,
  ///   2 GiB and more, and what makes elements of tensors; nothing is left behind then.
  package func write(to path: String) throws {
    let parts = try parts()
    guard parts.byteCount < Self.byteLimit else {
      throw Problem(
        .malformed,
        "\(path): would have \(parts.byteCount) bytes; an ONNX file has less than 2 GiB")
    }
    var file = try AtomicFile(path: path)
    try parts.write { try file.append($0) }
    try file.commit()
  }

  /// The model as a message; the graph stands last in it, and in that the initializers.
  private func parts() throws(Problem) -> MessageParts {
    var weights = MessageParts()
    for tensor in graph.initializers { try weights.append(field: 5, tensor.parts()) }
    var graph = MessageParts()
    try graph.append(self.graph.message(withInitializers: false))
    graph.append(weights)
    var model = MessageParts()
    try model.append(message())
    model.append(field: 7, graph)
    return model
  }
}

extension ModelFile.Tensor {
  /// The tensor as a message whose raw data are asked for when it is written out.
  fileprivate func parts() throws(Problem) -> MessageParts {
    var parts = MessageParts()
    try parts.append(message())
    if isRaw { parts.append(field: 9, elementsOf: self) }
    return parts
  }
}

/// A message in the making, with elements of tensors that are not there yet.
private struct MessageParts {
  private enum Part {
    case bytes([UInt8])
    case elements(ModelFile.Tensor)
  }

  private var parts: [Part] = []
  /// Bytes of the message.
  private(set) var byteCount = 0

  /// Adds the fields of a message.
  mutating func append(_ message: some SchemaMessage) throws(Problem) {
    do throws(CodingFault) {
      append(try MessageCoding.encode(message))
    } catch {
      throw Problem(.malformed, "a model without its weights has 2 GiB or more, as no file can")
    }
  }

  mutating func append(_ other: MessageParts) {
    parts += other.parts
    byteCount += other.byteCount
  }

  /// Adds a field that is a message.
  mutating func append(field number: Int, _ message: MessageParts) {
    append(MessageCoding.prefix(field: number, byteCount: message.byteCount))
    append(message)
  }

  /// Adds a field that is a tensor's elements, little-endian.
  mutating func append(field number: Int, elementsOf tensor: ModelFile.Tensor) {
    append(MessageCoding.prefix(field: number, byteCount: tensor.byteCount))
    parts.append(.elements(tensor))
    byteCount += tensor.byteCount
  }

  private mutating func append(_ bytes: [UInt8]) {
    parts.append(.bytes(bytes))
    byteCount += bytes.count
  }

  /// Hands the message over, piece by piece.
  func write(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    for part in parts {
      switch part {
      case .bytes(let bytes): try bytes.withUnsafeBytes(body)
      case .elements(let tensor):
        let bytes = try tensor.bytes()
        precondition(bytes.count == tensor.byteCount, "\(tensor.name) has \(bytes.count) bytes")
        try bytes.withUnsafeBytes(body)
      }
    }
  }
}
