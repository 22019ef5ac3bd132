import Basics
import Formats
import Harness
import Interchange
import Models
import Tensors

/// What peers compute, and the files of it that do not depend on a run.
struct PeerSource {
  /// A network, its weights seeded, or a model of a file.
  let subject: any InferenceSubject
  /// What a run of ours is given, in the order of its inputs.
  let ports: [PeerInput]
  /// Options that name the files: `onnx`, a network's `weights`, and inputs that no run of ours reads.
  let options: [String: String]

  /// Writes the files.
  ///
  /// - Parameters:
  ///   - subject: A network or a model of a file.
  ///   - tokens: Of a sequence; nil for the usual number, and for models of files.
  ///   - batch: Items.
  ///   - seed: Of weights.
  ///   - folder: Exists; whoever made it removes it.
  /// - Throws: `Problem` for a full disk, and what cannot be exported.
  init(
    _ subject: WorkSubject, tokens: Int?, batch: Int, seed: UInt32, in folder: String
  ) throws {
    switch subject {
    case .file(let model):
      let imported = try model.imported(batch: batch)
      let read = imported.inputs.filter { $0.place != nil }
      (self.subject, ports) = (model, read.map { PeerInput($0, of: model.file) })
      var options = try Self.writeOthers(of: model, imported, from: read.count, in: folder)
      options["onnx"] = model.path
      for (key, value) in model.options { options[key.rawValue] = value }
      self.options = options
    case .network(let network):
      let model = try Model(
        named: network.name, weights: nil,
        classes: network.takesClasses ? network.classes : nil, seed: seed)
      let (onnx, weights) = (folder + "/model.onnx", folder + "/weights.safetensors")
      let size = tokens ?? network.usualInputSize
      try ModelExport.model(
        of: network.graph(inputSize: size), name: network.name, weights: model.weights
      ).write(to: onnx)
      try model.weights.write(network.parameters, to: weights)
      options = ["onnx": onnx, "weights": weights]
      let sized = SizedModel(model, inputSize: size)
      self.subject = sized
      ports = try sized.ports(batch: batch).inputs.map { port in
        PeerInput(
          isChannelsLast: port.isChannelsLast,
          names: ["batch"] + port.lengths.dropFirst().map(String.init))
      }
    }
  }

  /// Writes what no run of ours reads and other runtimes ask for: inputs that were known before, and
  /// zeros for those of which lengths alone are read.
  ///
  /// - Parameters:
  ///   - model: A model of a file.
  ///   - imported: The same for a batch.
  ///   - first: Number of the first of these inputs.
  ///   - folder: Where the files go.
  /// - Returns: Options that name them.
  /// - Throws: `cannotWrite`.
  private static func writeOthers(
    of model: ModelOfFile, _ imported: ImportedModel, from first: Int, in folder: String
  ) throws -> [String: String] {
    var options: [String: String] = [:]
    var index = first
    func name(_ input: String, _ lengths: [String]) -> String {
      let path = "\(folder)/input-\(index).npy"
      options["input-\(index)"] = path
      options["name-\(index)"] = input
      options["shape-\(index)"] = lengths.joined(separator: ",")
      index += 1
      return path
    }
    for (input, tensor) in model.given.sorted(by: { $0.key < $1.key }) {
      guard let type = tensor.element.numbers else { continue }
      let path = name(input, tensor.dimensions.map(String.init))
      try NPYFile.write(tensor.bytes(), of: type, shape: tensor.dimensions, to: path)
    }
    for port in imported.inputs where port.place == nil {
      let path = name(port.name, PeerInput(port, of: model.file).names)
      let byteCount = port.lengths.reduce(port.element.byteCount, *)
      try NPYFile.write(
        [UInt8](repeating: 0, count: byteCount), of: port.element.stored, shape: port.lengths,
        to: path)
    }
    return options
  }
}

/// An input as peers are told of it.
struct PeerInput {
  /// Whether the graph has it as `N H W C`.
  var isChannelsLast: Bool
  /// Its lengths as the model has them: numbers, names, or `?` for what has no name.
  var names: [String]

  init(isChannelsLast: Bool, names: [String]) {
    (self.isChannelsLast, self.names) = (isChannelsLast, names)
  }

  init(_ port: ImportedModel.Port, of model: ModelFile) {
    isChannelsLast = port.isChannelsLast
    names = port.lengths.map(String.init)
    guard
      case .tensor(_, let lengths?) = model.graph.inputs.first(where: { $0.name == port.name })?
        .type
    else { return }
    names = lengths.map { length in
      switch length {
      case .fixed(let number): "\(number)"
      case .symbol(let name): name.isEmpty ? "?" : name
      }
    }
  }
}
