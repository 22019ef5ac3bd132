import Basics

/// Attributes, and the types of inputs and outputs.
extension ModelReader {
  /// What a node is told.
  func attribute(_ message: ProtobufReader) throws(Problem) -> ModelFile.Attribute {
    var (message, fields) = (message, AttributeFields())
    while let (number, content) = try message.next() {
      switch number {
      case 1: fields.name = try message.text(content)
      case 2: fields.float = try message.float(content)
      case 3: fields.integer = try message.integer(content)
      case 4: fields.text = try message.bytes(content)
      case 5: fields.tensors = [try tensor(message.message(content, what: "a tensor"))]
      case 6: fields.graphs = [try graph(message.message(content, what: "a graph"))]
      case 7: fields.floats += try message.floats(content)
      case 8: fields.integers += try message.integers(content)
      case 9: fields.texts.append(try message.bytes(content))
      case 10: fields.tensors.append(try tensor(message.message(content, what: "a tensor")))
      case 11: fields.graphs.append(try graph(message.message(content, what: "a graph")))
      case 20: fields.type = Int(try message.integer(content))
      case 21: fields.reference = try message.text(content)
      default: break
      }
    }
    guard let value = fields.value else {
      throw message.damaged("'\(fields.name)' has no value of the type that it names")
    }
    return ModelFile.Attribute(fields.name, value)
  }

  /// An input or output.
  func port(_ message: ProtobufReader) throws(Problem) -> ModelFile.Port {
    var (message, result) = (message, ModelFile.Port("", .other("unknown")))
    while let (number, content) = try message.next() {
      switch number {
      case 1: result.name = try message.text(content)
      case 2: result.type = try type(message.message(content, what: "a type"))
      default: break
      }
    }
    return result
  }

  private func type(_ message: ProtobufReader) throws(Problem) -> ModelFile.ValueType {
    var (message, result) = (message, ModelFile.ValueType.other("unknown"))
    while let (number, content) = try message.next() {
      switch number {
      case 1: result = try tensorType(message.message(content, what: "a tensor's type"))
      case 4: result = .other("sequence")
      case 5: result = .other("map")
      case 8: result = .other("sparse tensor")
      case 9: result = .other("optional")
      default: break
      }
    }
    return result
  }

  private func tensorType(_ message: ProtobufReader) throws(Problem) -> ModelFile.ValueType {
    var (message, element) = (message, ModelFile.Element?.none)
    var lengths: [ModelFile.Length]?
    while let (number, content) = try message.next() {
      switch number {
      case 1: element = ModelFile.Element(rawValue: Int(try message.integer(content)))
      case 2:
        var (shape, found) = (try message.message(content, what: "a shape"), [ModelFile.Length]())
        while let (number, content) = try shape.next() {
          guard number == 1 else { continue }
          found.append(try length(shape.message(content, what: "a dimension")))
        }
        lengths = found
      default: break
      }
    }
    guard let element else { return .other("unknown") }
    return .tensor(element, lengths)
  }

  private func length(_ message: ProtobufReader) throws(Problem) -> ModelFile.Length {
    var (message, result) = (message, ModelFile.Length.symbol(""))
    while let (number, content) = try message.next() {
      switch number {
      case 1:
        // Some exporters write -1 for a length that they do not know.
        let value = Int(try message.integer(content))
        result = value >= 0 ? .fixed(value) : .symbol("")
      case 2: result = .symbol(try message.text(content))
      default: break
      }
    }
    return result
  }
}

/// The fields of an attribute, of which its type says which one counts.
private struct AttributeFields {
  var name = ""
  var type = 0
  var reference = ""
  var float: Float?
  var integer: Int64?
  var text: [UInt8]?
  var tensors: [ModelFile.Tensor] = []
  var graphs: [ModelFile.Graph] = []
  var floats: [Float] = []
  var integers: [Int64] = []
  var texts: [[UInt8]] = []

  /// What counts; nil where it is not there.
  var value: ModelFile.Attribute.Value? {
    guard reference.isEmpty else { return .reference(reference, type: type) }
    switch type == 0 ? impliedType : type {
    case 1: return .float(float ?? 0)
    case 2: return .integer(integer ?? 0)
    case 3: return .text(text ?? [])
    case 4: return tensors.last.map { .tensor($0) }
    case 5: return graphs.last.map { .graph($0) }
    case 6: return .floats(floats)
    case 7: return .integers(integers)
    case 8: return .texts(texts)
    case 9: return .tensors(tensors)
    case 10: return .graphs(graphs)
    case 11, 12: return .other("a sparse tensor")
    case 13, 14: return .other("a type")
    default: return nil
    }
  }

  /// The first version of the format named no type.
  private var impliedType: Int {
    if float != nil { return 1 }
    if integer != nil { return 2 }
    if text != nil { return 3 }
    if !tensors.isEmpty { return 4 }
    if !graphs.isEmpty { return 5 }
    if !floats.isEmpty { return 6 }
    return integers.isEmpty ? 8 : 7
  }
}
