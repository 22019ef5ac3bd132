import Basics
import ONNXSchema

/// Attributes, and the types of inputs and outputs.
extension ModelReader {
  /// What a node is told.
  func attribute(_ message: Onnx_AttributeProto) throws(Problem) -> ModelFile.Attribute {
    guard let value = try value(message) else {
      throw damaged("attribute '\(message.name)' has no value of the type that it names")
    }
    return ModelFile.Attribute(message.name, value)
  }

  /// The field of an attribute that its type says; nil where it is not there.
  private func value(
    _ message: Onnx_AttributeProto
  ) throws(Problem) -> ModelFile.Attribute.Value? {
    guard message.refAttrName.isEmpty else {
      return .reference(message.refAttrName, type: message.type.rawValue)
    }
    switch message.hasType ? message.type : message.impliedType {
    case .float: return .float(message.f)
    case .int: return .integer(message.i)
    case .string: return .text([UInt8](message.s))
    case .tensor: return message.hasT ? .tensor(try tensor(message.t)) : nil
    case .graph: return message.hasG ? .graph(try graph(message.g)) : nil
    case .floats: return .floats(message.floats)
    case .ints: return .integers(message.ints)
    case .strings: return .texts(message.strings.map { [UInt8]($0) })
    case .tensors:
      var tensors: [ModelFile.Tensor] = []
      for tensor in message.tensors { tensors.append(try self.tensor(tensor)) }
      return .tensors(tensors)
    case .graphs:
      var graphs: [ModelFile.Graph] = []
      for graph in message.graphs { graphs.append(try self.graph(graph)) }
      return .graphs(graphs)
    case .sparseTensor, .sparseTensors: return .other("a sparse tensor")
    case .typeProto, .typeProtos: return .other("a type")
    case .undefined: return nil
    }
  }
}

extension Onnx_AttributeProto {
  /// The first version of the format named no type.
  fileprivate var impliedType: AttributeType {
    if hasF { return .float }
    if hasI { return .int }
    if hasS { return .string }
    if hasT { return .tensor }
    if hasG { return .graph }
    if !floats.isEmpty { return .floats }
    if !ints.isEmpty { return .ints }
    if !strings.isEmpty { return .strings }
    if !tensors.isEmpty { return .tensors }
    return graphs.isEmpty ? .undefined : .graphs
  }
}

extension ModelFile.Port {
  /// An input or output.
  init(_ message: Onnx_ValueInfoProto) {
    self.init(message.name, ModelFile.ValueType(message.type))
  }
}

extension ModelFile.ValueType {
  fileprivate init(_ message: Onnx_TypeProto) {
    switch message.value {
    case .tensorType(let tensor):
      guard let element = ModelFile.Element(rawValue: Int(tensor.elemType)) else {
        self = .other("unknown")
        return
      }
      self = .tensor(element, tensor.hasShape ? tensor.shape.dim.map(ModelFile.Length.init) : nil)
    case .sequenceType: self = .other("sequence")
    case .mapType: self = .other("map")
    case .optionalType: self = .other("optional")
    case .sparseTensorType: self = .other("sparse tensor")
    case .opaqueType, nil: self = .other("unknown")
    }
  }
}

extension ModelFile.Length {
  fileprivate init(_ message: Onnx_TensorShapeProto.Dimension) {
    switch message.value {
    // Some exporters write -1 for a length that they do not know.
    case .dimValue(let value): self = value >= 0 ? .fixed(Int(value)) : .symbol("")
    case .dimParam(let name): self = .symbol(name)
    case nil: self = .symbol("")
    }
  }
}
