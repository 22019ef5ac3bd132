import Basics
import Formats
import Graphs

/// A model of a file, translated for whatever batch it is run at.
package struct ModelOfFile: Sendable {
  /// The path as it was given.
  package let path: String
  /// The file's own name: a record holds no path.
  package let fileName: String
  /// The name in case ids: the file's without its ending, and a digest of what it holds.
  package let name: String
  /// What the file says.
  package let file: ModelFile
  /// Tokens of an item, where the model leaves their number open.
  package let sequence: Int?
  /// The batch, where the model leaves none open.
  package let fixedBatch: Int?
  /// Whether the first of its inputs is a batch of images.
  package let readsImages: Bool
  /// Tokens of an item, open or not, where the model reads any.
  package let tokens: Int?
  /// Inputs whose elements decide what it computes.
  package let given: [String: ModelFile.Tensor]
  /// Their files, as `NAME=FILE`.
  package let givenFiles: [String]
  /// In words what it is: who made it, its size, what it is given and what it gives.
  package let summary: String
  /// Whether each output has a part for each item at the batch that it was opened with.
  private let hasPartsForItems: Bool

  /// Opens a model and translates it once, so that whatever is not supported is told now.
  ///
  /// No weights are read but for the digest.
  ///
  /// - Parameters:
  ///   - path: An ONNX file.
  ///   - sequence: Tokens of an item; nil where the model leaves no such number open.
  ///   - inputs: Files of inputs, of which those are read that decide what the model computes.
  /// - Throws: A file that is absent or damaged, what is not supported, or a length or elements that
  ///   are missing or not asked for.
  package init(
    path: String, sequence: Int? = nil, inputs: GivenInputs = GivenInputs()
  ) throws(Problem) {
    let file = try ModelFile(path: path)
    if sequence != nil, !file.leavesSequenceOpen {
      throw Problem(.usage, "\(path): leaves no length of sequences open; leave --sequence out")
    }
    let imported = try Self.translate(path) { () throws(Problem) in
      try ImportedModel(file, sizes: ModelSizes(sequence: sequence), values: inputs.tensor)
    }
    (self.path, self.file, self.sequence) = (path, file, sequence)
    given = imported.given
    givenFiles = inputs.arguments.filter { argument in
      imported.given.keys.contains { argument.hasPrefix("\($0)=") }
    }
    tokens =
      sequence
      ?? imported.inputs.first { $0.tableRows != nil && $0.lengths.count == 2 }?.lengths[1]
    hasPartsForItems = imported.outputs.allSatisfy(\.isBatched)
    fixedBatch = imported.isBatchOpen ? nil : imported.batch
    readsImages = imported.inputs.first.map { $0.lengths.count == 4 } ?? false
    summary = Self.summary(file, imported)
    fileName = path.split(separator: "/").last.map(String.init) ?? path
    name = "\(Self.stem(fileName))-\(try Self.digest(of: file, given, at: path))"
  }

  /// The model for so many items side by side.
  ///
  /// - Parameter batch: Items; nil for as many as the model fixes, or for 1.
  /// - Returns: Its graph, and where its parameters come from.
  /// - Throws: What is not supported, or a batch other than the one that the model fixes.
  package func imported(batch: Int?) throws(Problem) -> ImportedModel {
    try Self.translate(path) { () throws(Problem) in
      try ImportedModel(
        file, sizes: ModelSizes(batch: batch, sequence: sequence), given: given)
    }
  }

  /// Whether each output has a part for each item, whatever the batch.
  ///
  /// An open batch is translated for 7 items whenever this is asked: of one item alone, an output that
  /// joins items is as long as one that does not.
  package var keepsItemsApart: Bool {
    guard hasPartsForItems, fixedBatch == nil else { return hasPartsForItems }
    return (try? imported(batch: 7))?.outputs.allSatisfy(\.isBatched) ?? false
  }

  /// Names of all inputs that the file says it has, those that are constants left out.
  package var inputNames: [String] {
    let constants = Set(file.graph.initializers.map(\.name))
    return file.graph.inputs.map(\.name).filter { !constants.contains($0) }
  }

  /// Names the file in what is thrown.
  private static func translate(
    _ path: String, _ body: () throws(Problem) -> ImportedModel
  ) throws(Problem) -> ImportedModel {
    do throws(Problem) {
      return try body()
    } catch {
      throw Problem(error.kind, "\(path): \(error)")
    }
  }

  private static func summary(_ file: ModelFile, _ imported: ImportedModel) -> String {
    func list(_ ports: [ImportedModel.Port]) -> String {
      ports.isEmpty
        ? "nothing"
        : ports.map { port in
          "\(port.name) "
            + (port.lengths.isEmpty
              ? "scalar" : port.lengths.map(String.init).joined(separator: "x"))
        }.joined(separator: ", ")
    }
    let maker = [file.producer, file.producerVersion].filter { !$0.isEmpty }
    let nodes = file.graph.nodes.count
    let parameters = imported.graph.parameters.reduce(0) { $0 + $1.count }
    return "\(maker.isEmpty ? "" : "made by \(maker.joined(separator: " ")), ")"
      + "operators of version \(file.operatorVersion ?? 0), \(nodes) \(nodes == 1 ? "node" : "nodes"), "
      + "\(parameters) parameters; from \(list(imported.inputs)) to \(list(imported.outputs))"
  }

  /// What an id can have of a file's name: letters, digits, `_` and `-`.
  static func stem(_ fileName: String) -> String {
    let own = fileName.hasSuffix(".onnx") ? String(fileName.dropLast(5)) : fileName
    let kept = own.prefix(40).map { character in
      character.isASCII && (character.isLetter || character.isNumber || character == "_")
        ? character : "-"
    }
    return kept.isEmpty ? "model" : String(kept)
  }

  /// Eight hexadecimal digits of all that the model holds, the files beside it included.
  private static func digest(
    of model: ModelFile, _ given: [String: ModelFile.Tensor], at path: String
  ) throws(Problem) -> String {
    var hash = FNV1a()
    for (name, tensor) in given.sorted(by: { $0.key < $1.key }) {
      hash.add("\(name) \(tensor.dimensions) ")
      try tensor.bytes().withUnsafeBytes { hash.add($0) }
    }
    for file in [path] + model.files.filter({ $0 != path }) {
      guard let digest = ContentDigest.of(file: file) else {
        throw .malformed("\(file): cannot be read; check its permissions")
      }
      hash.add(FNV1a.digits(digest))
    }
    return String(hash.text.prefix(8))
  }
}

extension ModelFile {
  /// Paths of the files that hold elements of its initializers, the model's own among them.
  fileprivate var files: [String] {
    var paths = Set<String>()
    for tensor in graph.initializers {
      if case .stored(let file, _) = tensor.content { paths.insert(file.path) }
    }
    return paths.sorted()
  }

  /// Whether an input has an open dimension that `ModelSizes.sequence` is for.
  fileprivate var leavesSequenceOpen: Bool {
    let constants = Set(graph.initializers.map(\.name))
    return graph.inputs.contains { port in
      guard !constants.contains(port.name), case .tensor(_, let lengths?) = port.type else {
        return false
      }
      return lengths.contains { $0.isSequence }
    }
  }
}

extension ModelFile.Length {
  /// Whether it is an open number of tokens, by its name.
  var isSequence: Bool {
    if case .symbol(let name) = self { name.lowercased().contains("seq") } else { false }
  }
}
