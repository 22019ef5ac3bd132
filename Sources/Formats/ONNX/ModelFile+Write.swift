import Basics

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
    let message = try message()
    guard message.byteCount < Self.byteLimit else {
      throw Problem(
        .malformed,
        "\(path): would have \(message.byteCount) bytes; an ONNX file has less than 2 GiB")
    }
    var file = try AtomicFile(path: path)
    try message.write { try file.append($0) }
    try file.commit()
  }

  /// The model as a protobuf message; the numbers of fields are those of `onnx.proto`.
  private func message() throws(Problem) -> ProtobufWriter {
    var message = ProtobufWriter()
    message.add(1, integer: Int64(formatVersion))
    message.addUnlessEmpty(2, text: producer)
    message.addUnlessEmpty(3, text: producerVersion)
    try message.add(7) { message throws(Problem) in try graph.fill(&message) }
    for set in operatorSets { try message.add(8) { message in set.fill(&message) } }
    for note in notes {
      try message.add(14) { message in
        message.add(1, text: note.key)
        message.add(2, text: note.value)
      }
    }
    for function in functions {
      try message.add(25) { message throws(Problem) in try function.fill(&message) }
    }
    return message
  }
}

extension ModelFile.OperatorSet {
  fileprivate func fill(_ message: inout ProtobufWriter) {
    message.add(1, text: domain)
    message.add(2, integer: Int64(version))
  }
}

extension ModelFile.Function {
  fileprivate func fill(_ message: inout ProtobufWriter) throws(Problem) {
    message.add(1, text: name)
    for input in inputs { message.add(4, text: input) }
    for output in outputs { message.add(5, text: output) }
    for attribute in attributes { message.add(6, text: attribute) }
    for node in nodes {
      try message.add(7) { message throws(Problem) in try node.fill(&message) }
    }
    for set in operatorSets { try message.add(9) { message in set.fill(&message) } }
    message.add(10, text: domain)
    for attribute in defaults {
      try message.add(11) { message throws(Problem) in try attribute.fill(&message) }
    }
  }
}

extension ModelFile.Graph {
  fileprivate func fill(_ message: inout ProtobufWriter) throws(Problem) {
    for node in nodes {
      try message.add(1) { message throws(Problem) in try node.fill(&message) }
    }
    message.add(2, text: name)
    for tensor in initializers {
      try message.add(5) { message in tensor.fill(&message) }
    }
    for port in inputs {
      try message.add(11) { message throws(Problem) in try port.fill(&message) }
    }
    for port in outputs {
      try message.add(12) { message throws(Problem) in try port.fill(&message) }
    }
  }
}

extension ModelFile.Node {
  fileprivate func fill(_ message: inout ProtobufWriter) throws(Problem) {
    for input in inputs { message.add(1, text: input) }
    for output in outputs { message.add(2, text: output) }
    message.addUnlessEmpty(3, text: name)
    message.add(4, text: operation)
    for attribute in attributes {
      try message.add(5) { message throws(Problem) in try attribute.fill(&message) }
    }
    message.addUnlessEmpty(7, text: domain)
  }
}

extension ModelFile.Port {
  fileprivate func fill(_ message: inout ProtobufWriter) throws(Problem) {
    guard case .tensor(let element, let lengths) = type else {
      throw Problem(.malformed, "\(name) is no tensor, so its type cannot be written")
    }
    message.add(1, text: name)
    try message.add(2) { message throws(Problem) in
      try message.add(1) { message throws(Problem) in
        message.add(1, integer: Int64(element.rawValue))
        guard let lengths else { return }
        try message.add(2) { message throws(Problem) in
          for length in lengths {
            try message.add(1) { message in
              switch length {
              case .fixed(let value): message.add(1, integer: Int64(value))
              case .symbol(let name): message.addUnlessEmpty(2, text: name)
              }
            }
          }
        }
      }
    }
  }
}

extension ModelFile.Tensor {
  fileprivate func fill(_ message: inout ProtobufWriter) {
    for length in dimensions { message.add(1, integer: Int64(length)) }
    message.add(2, integer: Int64(element.rawValue))
    if case .texts(let texts) = content {
      for text in texts { message.add(6, bytes: text) }
    }
    message.addUnlessEmpty(8, text: name)
    // Other readers refuse data of a tensor that has no elements.
    if element != .string, count > 0 { message.add(9, elementsOf: self) }
  }
}

extension ModelFile.Attribute {
  fileprivate func fill(_ message: inout ProtobufWriter) throws(Problem) {
    message.add(1, text: name)
    var type = 0
    switch value {
    case .float(let value):
      (type, _) = (1, message.add(2, float: value))
    case .integer(let value):
      (type, _) = (2, message.add(3, integer: value))
    case .text(let bytes):
      (type, _) = (3, message.add(4, bytes: bytes))
    case .tensor(let tensor):
      type = 4
      try message.add(5) { message in tensor.fill(&message) }
    case .graph(let graph):
      type = 5
      try message.add(6) { message throws(Problem) in try graph.fill(&message) }
    case .floats(let values):
      type = 6
      for value in values { message.add(7, float: value) }
    case .integers(let values):
      type = 7
      for value in values { message.add(8, integer: value) }
    case .texts(let texts):
      type = 8
      for text in texts { message.add(9, bytes: text) }
    case .tensors(let tensors):
      type = 9
      for tensor in tensors { try message.add(10) { message in tensor.fill(&message) } }
    case .graphs(let graphs):
      type = 10
      for graph in graphs {
        try message.add(11) { message throws(Problem) in try graph.fill(&message) }
      }
    case .reference(let outer, let named):
      type = named
      message.add(21, text: outer)
    case .other(let words):
      throw Problem(.malformed, "attribute \(name) is \(words), which cannot be written")
    }
    message.add(20, integer: Int64(type))
  }
}
