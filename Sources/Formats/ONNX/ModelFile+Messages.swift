import Basics
import Foundation
import ONNXSchema

/// What is written, as the messages of the schema.
extension ModelFile {
  /// The model without its graph.
  func message() throws(Problem) -> Onnx_ModelProto {
    var message = Onnx_ModelProto()
    message.irVersion = Int64(formatVersion)
    if !producer.isEmpty { message.producerName = producer }
    if !producerVersion.isEmpty { message.producerVersion = producerVersion }
    message.opsetImport = operatorSets.map(\.message)
    message.metadataProps = notes.map { note in
      var entry = Onnx_StringStringEntryProto()
      (entry.key, entry.value) = (note.key, note.value)
      return entry
    }
    for function in functions { message.functions.append(try function.message()) }
    return message
  }
}

extension ModelFile.OperatorSet {
  fileprivate var message: Onnx_OperatorSetIdProto {
    var message = Onnx_OperatorSetIdProto()
    (message.domain, message.version) = (domain, Int64(version))
    return message
  }
}

extension ModelFile.Function {
  fileprivate func message() throws(Problem) -> Onnx_FunctionProto {
    var message = Onnx_FunctionProto()
    (message.name, message.domain) = (name, domain)
    (message.input, message.output, message.attribute) = (inputs, outputs, attributes)
    message.opsetImport = operatorSets.map(\.message)
    for node in nodes { message.node.append(try node.message()) }
    for attribute in defaults { message.attributeProto.append(try attribute.message()) }
    return message
  }
}

extension ModelFile.Graph {
  /// The graph.
  ///
  /// - Parameter withInitializers: Whether their elements are in it as well.
  /// - Returns: The message.
  /// - Throws: What cannot be written.
  func message(withInitializers: Bool) throws(Problem) -> Onnx_GraphProto {
    var message = Onnx_GraphProto()
    message.name = name
    for node in nodes { message.node.append(try node.message()) }
    for tensor in initializers where withInitializers {
      message.initializer.append(try tensor.wholeMessage())
    }
    for port in inputs { message.input.append(try port.message()) }
    for port in outputs { message.output.append(try port.message()) }
    return message
  }
}

extension ModelFile.Node {
  fileprivate func message() throws(Problem) -> Onnx_NodeProto {
    var message = Onnx_NodeProto()
    (message.input, message.output, message.opType) = (inputs, outputs, operation)
    if !name.isEmpty { message.name = name }
    if !domain.isEmpty { message.domain = domain }
    for attribute in attributes { message.attribute.append(try attribute.message()) }
    return message
  }
}

extension ModelFile.Port {
  fileprivate func message() throws(Problem) -> Onnx_ValueInfoProto {
    guard case .tensor(let element, let lengths) = type else {
      throw .malformed("\(name) is not a tensor, so its type cannot be written")
    }
    var message = Onnx_ValueInfoProto()
    message.name = name
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = Int32(element.rawValue)
    if let lengths {
      var shape = Onnx_TensorShapeProto()
      shape.dim = lengths.map { length in
        var dimension = Onnx_TensorShapeProto.Dimension()
        switch length {
        case .fixed(let value): dimension.dimValue = Int64(value)
        case .symbol(let name): if !name.isEmpty { dimension.dimParam = name }
        }
        return dimension
      }
      tensor.shape = shape
    }
    message.type.tensorType = tensor
    return message
  }
}

extension ModelFile.Tensor {
  /// Whether it is written as raw data: other readers refuse data of a tensor without elements.
  var isRaw: Bool { element != .string && count > 0 }

  /// The tensor without its raw data.
  func message() -> Onnx_TensorProto {
    var message = Onnx_TensorProto()
    message.dims = dimensions.map { Int64($0) }
    message.dataType = Int32(element.rawValue)
    if case .texts(let texts) = content { message.stringData = texts.map { Data($0) } }
    if !name.isEmpty { message.name = name }
    return message
  }

  /// The tensor with its elements.
  fileprivate func wholeMessage() throws(Problem) -> Onnx_TensorProto {
    var message = self.message()
    if isRaw { message.rawData = Data(try bytes()) }
    return message
  }
}

extension ModelFile.Attribute {
  fileprivate func message() throws(Problem) -> Onnx_AttributeProto {
    var message = Onnx_AttributeProto()
    message.name = name
    switch value {
    case .float(let value): (message.type, message.f) = (.float, value)
    case .integer(let value): (message.type, message.i) = (.int, value)
    case .text(let bytes): (message.type, message.s) = (.string, Data(bytes))
    case .tensor(let tensor): (message.type, message.t) = (.tensor, try tensor.wholeMessage())
    case .graph(let graph):
      (message.type, message.g) = (.graph, try graph.message(withInitializers: true))
    case .floats(let values): (message.type, message.floats) = (.floats, values)
    case .integers(let values): (message.type, message.ints) = (.ints, values)
    case .texts(let texts): (message.type, message.strings) = (.strings, texts.map { Data($0) })
    case .tensors(let tensors):
      message.type = .tensors
      for tensor in tensors { message.tensors.append(try tensor.wholeMessage()) }
    case .graphs(let graphs):
      message.type = .graphs
      for graph in graphs { message.graphs.append(try graph.message(withInitializers: true)) }
    case .reference(let outer, let type):
      message.refAttrName = outer
      if let type = Onnx_AttributeProto.AttributeType(rawValue: type) { message.type = type }
    case .other(let words):
      throw .malformed("attribute \(name) is \(words), which cannot be written")
    }
    return message
  }
}
