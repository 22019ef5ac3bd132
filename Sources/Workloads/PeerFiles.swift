import Basics
import Formats
import Foundation
import Harness
import Interchange
import Kernels
import Models
import Programs

/// The model, inputs and expected answers that peers are given, as files that any software reads.
package struct PeerFiles {
  /// Options that name the files, for a `prepare` line.
  package let options: [String: String]

  /// Writes a model as ONNX, what it is given and what we say that it gives; a network's weights, too.
  ///
  /// - Parameters:
  ///   - folder: Exists; whoever made it removes it.
  ///   - subject: A network, whose weights are the seeded ones, or a model of a file.
  ///   - tokens: Of a sequence; nil for the usual number, and for models of files.
  ///   - batch: Items.
  ///   - seed: Of weights and inputs.
  ///   - engine: Whose outputs peers are compared with.
  ///   - threads: Threads for computing them.
  /// - Throws: `Problem` for a full disk, and what cannot be exported or computed.
  package init(
    folder: String, of subject: WorkSubject, tokens: Int? = nil, batch: Int, seed: UInt32,
    engine: Engine, threads: Int
  ) throws {
    var options: [String: String] = [:]
    let (source, ports): (any InferenceSubject, [PeerInput])
    switch subject {
    case .file(let model):
      let imported = try model.imported(batch: batch)
      let read = imported.inputs.filter { $0.place != nil }
      (source, ports) = (model, read.map { PeerInput($0, of: model.file) })
      options = try Self.writeOthers(of: model, imported, from: read.count, in: folder)
      options["onnx"] = model.path
      for (key, value) in model.options { options[key.rawValue] = value }
    case .network(let network):
      let model = try Model(
        named: network.name, weights: nil,
        classes: network.takesClasses ? network.classes : nil, seed: seed)
      let (onnx, weights) = (folder + "/model.onnx", folder + "/weights.safetensors")
      let size = tokens ?? network.usualInputSize
      try ModelExport.model(
        of: network.graph(inputSize: size), name: network.name, weights: model.weights
      ).write(to: onnx)
      try Self.write(network, model.weights, to: weights)
      (options["onnx"], options["weights"]) = (onnx, weights)
      let sized = SizedModel(model, inputSize: size)
      source = sized
      ports = try sized.ports(batch: batch).inputs.map { port in
        PeerInput(
          isChannelsLast: port.isChannelsLast,
          names: ["batch"] + port.lengths.dropFirst().map(String.init))
      }
    }
    let pass = try source.forwardPass(batch: batch)
    let program = try pass.program(pool: ThreadPool(threads: threads)) {
      engine.algorithm(for: $0)
    }
    let inputs = InputBlock(for: program, tables: pass.tables)
    inputs.fill(seed: seed)
    inputs.bindLast(to: program)
    program.run()
    for (index, port) in ports.enumerated() {
      let path = folder + "/input-\(index).npy"
      try inputs.write(index, isChannelsLast: port.isChannelsLast, to: path)
      options["input-\(index)"] = path
      options["name-\(index)"] = program.graph.inputs[index].name
      options["shape-\(index)"] = port.names.joined(separator: ",")
    }
    for index in program.outputNames.indices {
      let path = folder + "/expected-\(index).npy"
      let values = program.numbers(index)
      let rows = values.count % program.batch == 0 ? program.batch : 1
      try NPYFile.write(
        Tensor(shape: [rows, values.count / rows], values: values), to: path)
      options["expected-\(index)"] = path
    }
    self.options = options
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

  /// Writes weights, the network as ONNX, images and labels of a training case, and the losses of our
  /// first two steps.
  ///
  /// The second loss is behind the first update, so it also holds the gradients against ours.
  ///
  /// - Parameters:
  ///   - folder: Exists; whoever made it removes it.
  ///   - request: A training case on seeded weights.
  ///   - catalogue: What makes it.
  /// - Throws: `Problem` for a full disk, and what the catalogue throws for the same request.
  package init(folder: String, training request: CaseRequest, catalogue: Catalogue) throws {
    let made = try catalogue.workload(for: request)
    if let sequences = made as? SequenceTrainWorkload {
      options = try request.options.merging(Self.write(sequences, to: folder)) { _, new in new }
      return
    }
    guard let workload = made as? TrainWorkload else {
      throw Problem(.usage, "'\(request.id)' is no training case.")
    }
    let paths = [
      "weights": "weights.safetensors", "onnx": "model.onnx", "input": "input.npy",
      "labels": "labels.npy", "losses": "losses.npy",
    ].mapValues { folder + "/" + $0 }
    let optimizer = TrainWorkload.optimizer
    let numbers = [
      "learning-rate": "\(optimizer.learningRate)", "momentum": "\(optimizer.momentum)",
      "weight-decay": "\(optimizer.weightDecay)",
    ]
    var told = request.options.merging(paths) { _, new in new }.merging(numbers) { _, new in new }
    try Self.write(
      workload.model.network, workload.model.weights, to: paths["weights", default: ""])
    try ModelExport.model(
      of: workload.model.network.graph(inputSize: workload.imageShape.H),
      name: workload.model.network.name, weights: workload.model.weights
    ).write(to: paths["onnx", default: ""])
    try ActivationLayout.write(
      workload.images.elements, workload.imageShape, to: paths["input", default: ""])
    let targets = workload.targets
    try NPYFile.write(targets.labels.map { Int64($0) }, to: paths["labels", default: ""])
    for (index, output) in targets.outputs.enumerated() {
      let (path, batch) = ("\(folder)/target-\(index).npy", workload.imageShape.N)
      let numbers = UnsafeBufferPointer(start: targets.pointer(index), count: batch * output.width)
      try NPYFile.write(Tensor(shape: [batch, output.width], values: Array(numbers)), to: path)
      (told["target-\(index)"], told["target-name-\(index)"]) = (path, output.name)
    }
    options = told
    let losses = (0..<2).map { _ in workload.takeStep() }
    try NPYFile.write(
      Tensor(shape: [losses.count], values: losses.map { Float($0) }),
      to: paths["losses", default: ""])
  }

  /// Writes weights and all that a step over sequences reads, and the losses of our first two steps.
  ///
  /// - Parameters:
  ///   - workload: The step.
  ///   - folder: Where the files go.
  /// - Returns: Options that name them, and the numbers of the optimizer.
  /// - Throws: `cannotWrite`.
  private static func write(
    _ workload: SequenceTrainWorkload, to folder: String
  ) throws -> [String: String] {
    let optimizer = workload.step.optimizer
    var options = [
      "weights": "\(folder)/weights.safetensors", "losses": "\(folder)/losses.npy",
      "optimizer": optimizer.kind.rawValue, "learning-rate": "\(optimizer.learningRate)",
      "momentum": "\(optimizer.momentum)", "second-momentum": "\(optimizer.secondMomentum)",
      "epsilon": "\(optimizer.epsilon)", "weight-decay": "\(optimizer.weightDecay)",
    ]
    if let clip = optimizer.clip { options["clip"] = "\(clip)" }
    try write(workload.model.network, workload.model.weights, to: options["weights", default: ""])
    for (index, name) in workload.step.inputNames.enumerated() {
      guard let input = workload.step.input(name) else { continue }
      let path = "\(folder)/input-\(index).npy"
      try NPYFile.write(input.numbers, shape: input.lengths, to: path)
      (options["input-\(index)"], options["name-\(index)"]) = (path, name)
    }
    let losses = (0..<2).map { _ in Float(workload.step.run()) }
    try NPYFile.write(
      Tensor(shape: [losses.count], values: losses), to: options["losses", default: ""])
    return options
  }

  private static func write(
    _ network: Network, _ weights: any WeightSource, to path: String
  ) throws {
    try weights.write(network.parameters, to: path)
  }
}

/// An input as peers are told of it.
private struct PeerInput {
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
