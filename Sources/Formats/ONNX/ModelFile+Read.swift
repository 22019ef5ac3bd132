import Basics
import ONNXSchema

extension ModelFile {
  /// Opens a model and checks that all of it is there.
  ///
  /// - Parameter path: Absolute, or relative to the working directory.
  /// - Throws: An absent file, or one that is damaged, lies about sizes, or is something else.
  package init(path: String) throws(Problem) {
    let file = try RegularFile(path: path)
    do throws(Problem) {
      self = try ModelReader(file).model()
    } catch {
      if let kind = try FileKind(of: file), kind.what != FileKind.onnx {
        throw kind.refusal(path, wanted: .model)
      }
      throw error
    }
  }
}

/// Makes a model of the messages of a file.
///
/// The numbers of the fields that are held back are those of `onnx.proto`: the graph of the model,
/// the initializers of the graph, the raw data of an initializer.
struct ModelReader {
  /// Where the bytes come from.
  let file: RegularFile
  /// The files beside the model.
  let external: ExternalFiles

  /// Starts at the beginning of a file.
  init(_ file: RegularFile) { (self.file, external) = (file, ExternalFiles(of: file.path)) }

  /// The whole file.
  func model() throws(Problem) -> ModelFile {
    let outline = try MessageOutline(file, 0..<file.sizeBytes, holding: 7, what: "the model")
    let message = try decode(Onnx_ModelProto.self, outline, inside: 0)
    guard let range = outline.held.last else {
      throw outline.damaged("has no graph, so it is truncated or not ONNX")
    }
    guard outline.held.count == 1 else { throw outline.damaged("has two graphs") }
    guard message.irVersion > 0 else { throw outline.damaged("names no version of the format") }
    guard !message.opsetImport.isEmpty else {
      throw outline.damaged("names no set of operators, so it is truncated or not ONNX")
    }
    var model = ModelFile(
      try graph(range), operatorSets: message.opsetImport.map(ModelFile.OperatorSet.init))
    model.formatVersion = Int(message.irVersion)
    (model.producer, model.producerVersion) = (message.producerName, message.producerVersion)
    model.notes = message.metadataProps.map(ModelFile.Note.init)
    for function in message.functions { model.functions.append(try self.function(function)) }
    return model
  }

  private func graph(_ range: Range<Int>) throws(Problem) -> ModelFile.Graph {
    let outline = try MessageOutline(file, range, holding: 5, what: "the graph")
    var graph = try self.graph(decode(Onnx_GraphProto.self, outline, inside: 1))
    for (index, range) in outline.held.enumerated() {
      let outline = try MessageOutline(file, range, holding: 9, what: "initializer \(index)")
      let message = try decode(Onnx_TensorProto.self, outline, inside: 2)
      graph.initializers.append(try tensor(message, raw: outline.held.last))
    }
    return graph
  }

  private func decode<Content: SchemaMessage>(
    _ type: Content.Type, _ outline: MessageOutline, inside depth: Int
  ) throws(Problem) -> Content {
    do throws(CodingFault) {
      return try MessageCoding.decode(type, outline.rest, inside: depth)
    } catch {
      let reason =
        switch error {
        case .truncated: "ends in the middle of a field"
        case .tooDeep: "is nested more than \(MessageCoding.depthLimit) levels deep"
        case .text: "has a text that is not UTF-8"
        case .malformed, .tooLarge: "has a damaged field, or one of a kind that no ONNX file has"
        }
      throw outline.damaged(reason)
    }
  }

  private func function(_ message: Onnx_FunctionProto) throws(Problem) -> ModelFile.Function {
    var result = ModelFile.Function()
    (result.name, result.domain) = (message.name, message.domain)
    (result.inputs, result.outputs) = (message.input, message.output)
    result.attributes = message.attribute
    result.operatorSets = message.opsetImport.map(ModelFile.OperatorSet.init)
    for node in message.node { result.nodes.append(try self.node(node)) }
    for attribute in message.attributeProto {
      result.defaults.append(try self.attribute(attribute))
    }
    return result
  }

  /// Nodes and what they read, with the tensors that the message itself holds.
  func graph(_ message: Onnx_GraphProto) throws(Problem) -> ModelFile.Graph {
    guard message.sparseInitializer.isEmpty else {
      throw damaged("the graph '\(message.name)' has sparse initializers, which are not read")
    }
    var result = ModelFile.Graph(name: message.name)
    for node in message.node { result.nodes.append(try self.node(node)) }
    for tensor in message.initializer { result.initializers.append(try self.tensor(tensor)) }
    result.inputs = message.input.map(ModelFile.Port.init)
    result.outputs = message.output.map(ModelFile.Port.init)
    return result
  }

  private func node(_ message: Onnx_NodeProto) throws(Problem) -> ModelFile.Node {
    var result = ModelFile.Node(
      message.opType, name: message.name, domain: message.domain, inputs: message.input,
      outputs: message.output)
    for attribute in message.attribute {
      result.attributes.append(try self.attribute(attribute))
    }
    return result
  }

  /// A problem with the file.
  func damaged(_ reason: String) -> Problem {
    Problem(.malformed, "\(file.path): \(reason); export or fetch the model again")
  }
}

extension ModelFile.OperatorSet {
  fileprivate init(_ message: Onnx_OperatorSetIdProto) {
    self.init(domain: message.domain, version: Int(message.version))
  }
}

extension ModelFile.Note {
  /// A pair of texts.
  init(_ message: Onnx_StringStringEntryProto) { self.init(message.key, message.value) }
}
