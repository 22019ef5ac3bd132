import Basics

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

/// Reads the messages of a model; the numbers of fields are those of `onnx.proto`.
struct ModelReader {
  /// Where the bytes come from.
  let source: ProtobufSource
  /// The files beside the model.
  let external: ExternalFiles

  /// Starts at the beginning of a file.
  init(_ file: RegularFile) {
    (source, external) = (ProtobufSource(file), ExternalFiles(of: file.path))
  }

  /// The whole file.
  func model() throws(Problem) -> ModelFile {
    var message = ProtobufReader(source, what: "the model")
    var graph: ModelFile.Graph?
    var model = ModelFile(ModelFile.Graph(name: ""), operatorSets: [])
    model.formatVersion = 0
    while let (number, content) = try message.next() {
      switch number {
      case 1: model.formatVersion = Int(try message.integer(content))
      case 2: model.producer = try message.text(content)
      case 3: model.producerVersion = try message.text(content)
      case 7:
        guard graph == nil else { throw message.damaged("has two graphs") }
        graph = try self.graph(message.message(content, what: "the graph"))
      case 8: model.operatorSets.append(try operatorSet(message, content))
      case 14: model.notes.append(try note(message, content))
      case 25: model.functions.append(try function(message.message(content, what: "a function")))
      default: break
      }
    }
    guard let graph else { throw message.damaged("has no graph, so it is truncated or no ONNX") }
    model.graph = graph
    guard model.formatVersion > 0 else { throw message.damaged("names no version of the format") }
    guard !model.operatorSets.isEmpty else {
      throw message.damaged("names no set of operators, so it is truncated or no ONNX")
    }
    return model
  }

  private func operatorSet(
    _ outer: ProtobufReader, _ content: ProtobufReader.Content
  ) throws(Problem) -> ModelFile.OperatorSet {
    var message = try outer.message(content, what: "a set of operators")
    var result = ModelFile.OperatorSet(version: 0)
    while let (number, content) = try message.next() {
      switch number {
      case 1: result.domain = try message.text(content)
      case 2: result.version = Int(try message.integer(content))
      default: break
      }
    }
    return result
  }

  /// A pair of texts.
  func note(
    _ outer: ProtobufReader, _ content: ProtobufReader.Content
  ) throws(Problem) -> ModelFile.Note {
    var message = try outer.message(content, what: "a note")
    var result = ModelFile.Note("", "")
    while let (number, content) = try message.next() {
      switch number {
      case 1: result.key = try message.text(content)
      case 2: result.value = try message.text(content)
      default: break
      }
    }
    return result
  }

  private func function(_ message: ProtobufReader) throws(Problem) -> ModelFile.Function {
    var (message, result) = (message, ModelFile.Function())
    while let (number, content) = try message.next() {
      switch number {
      case 1: result.name = try message.text(content)
      case 4: result.inputs.append(try message.text(content))
      case 5: result.outputs.append(try message.text(content))
      case 6: result.attributes.append(try message.text(content))
      case 7: result.nodes.append(try node(message.message(content, what: "a node")))
      case 9: result.operatorSets.append(try operatorSet(message, content))
      case 10: result.domain = try message.text(content)
      case 11:
        result.defaults.append(try attribute(message.message(content, what: "an attribute")))
      default: break
      }
    }
    return result
  }

  /// Nodes and what they read.
  func graph(_ message: ProtobufReader) throws(Problem) -> ModelFile.Graph {
    var (message, result) = (message, ModelFile.Graph(name: ""))
    while let (number, content) = try message.next() {
      switch number {
      case 1: result.nodes.append(try node(message.message(content, what: "a node")))
      case 2: result.name = try message.text(content)
      case 5: result.initializers.append(try tensor(message.message(content, what: "a tensor")))
      case 11: result.inputs.append(try port(message.message(content, what: "an input")))
      case 12: result.outputs.append(try port(message.message(content, what: "an output")))
      case 15: throw message.damaged("has sparse initializers, which are not read")
      default: break
      }
    }
    return result
  }

  private func node(_ message: ProtobufReader) throws(Problem) -> ModelFile.Node {
    var (message, result) = (message, ModelFile.Node(""))
    while let (number, content) = try message.next() {
      switch number {
      case 1: result.inputs.append(try message.text(content))
      case 2: result.outputs.append(try message.text(content))
      case 3: result.name = try message.text(content)
      case 4: result.operation = try message.text(content)
      case 5:
        result.attributes.append(try attribute(message.message(content, what: "an attribute")))
      case 7: result.domain = try message.text(content)
      default: break
      }
    }
    return result
  }
}
