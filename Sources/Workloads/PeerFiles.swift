import Basics
import Formats
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs

/// The model, inputs and expected answers that peers are given, as files that any software reads.
package struct PeerFiles {
  /// Options that name the files, for a `prepare` line.
  package let options: [String: String]
  /// Those of them that are others where the same items are computed in float32 beside another
  /// precision; none without one, and for a file that is quantized itself.
  package let floatOptions: [String: String]

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
  ///   - precision: What peers compute in: int8 from a QDQ file, bf16 from that of float32.
  ///   - table: Path of the ranges that int8 is quantized by; nil to calibrate on seeded items, and for
  ///     a QDQ file.
  /// - Throws: `Problem` for a full disk, and what cannot be exported or computed.
  package init(
    folder: String, of subject: WorkSubject, tokens: Int? = nil, batch: Int, seed: UInt32,
    engine: Engine, threads: Int, precision: CaseID.Precision? = nil, table: String? = nil
  ) throws {
    let source = try PeerSource(subject, tokens: tokens, batch: batch, seed: seed, in: folder)
    let pool = ThreadPool(threads: threads)
    func run(_ pass: ForwardPass) throws(Problem) -> (program: Program, inputs: InputBlock) {
      let program = try pass.program(pool: pool) { engine.algorithm(for: $0) }
      let inputs = InputBlock(for: program, tables: pass.tables)
      inputs.fill(seed: seed)
      inputs.bindLast(to: program)
      withExtendedLifetime(inputs) { program.run() }
      return (program, inputs)
    }
    func write(_ program: Program, as prefix: String) throws -> [String: String] {
      try Self.writeOutputs(of: program, as: folder + "/" + prefix)
    }
    var (options, floats) = (source.options, [String: String]())
    let computed: (program: Program, inputs: InputBlock)
    if precision == .int8 {
      let quantized = try Quantizer(threads: threads).quantized(
        source.subject, table: table, calibration: [])
      computed = try run(quantized.forwardPass(batch: batch))
      var rounded = try quantized.roundedPass(batch: batch)
      if quantized.table != nil {
        floats = try write(run(source.subject.forwardPass(batch: batch)).program, as: "float")
        floats["onnx"] = options["onnx"]
        floats["tolerance"] = "\(PeerTolerance.float32)"
        options["onnx"] = folder + "/model-int8.onnx"
        try ModelExport.model(
          of: rounded.graph, name: subject.name, weights: rounded.weights,
          batch: subject.fixedBatch
        ).write(to: folder + "/model-int8.onnx")
      }
      rounded.graph = try rounded.graph.withoutDropout().withoutRounding().foldingNorms()
        .fusingEpilogues()
      let tolerance = PeerTolerance.int8(of: computed.program, beside: try run(rounded).program)
      options["tolerance"] = "\(tolerance)"
      if let most = try Self.largestWeight(of: quantized, batch: batch) {
        options["largest-weight"] = "\(most)"
      }
    } else {
      computed = try run(source.subject.forwardPass(batch: batch))
      if precision == .bf16 {
        let layers = computed.program.units.count { $0.directFLOPs.count > 0 }
        options["tolerance"] = "\(PeerTolerance.bf16(layers: layers))"
        floats["tolerance"] = "\(PeerTolerance.float32)"
      }
    }
    for (index, port) in source.ports.enumerated() {
      let path = folder + "/input-\(index).npy"
      try computed.inputs.write(index, isChannelsLast: port.isChannelsLast, to: path)
      options["input-\(index)"] = path
      options["name-\(index)"] = computed.program.graph.inputs[index].name
      options["shape-\(index)"] = port.names.joined(separator: ",")
    }
    options.merge(try write(computed.program, as: "expected")) { _, new in new }
    (self.options, floatOptions) = (options, floats)
  }

  /// The largest magnitude of a weight that is multiplied as a byte: where it is at most 64, no sum of
  /// two products leaves 16 bits.
  ///
  /// - Parameters:
  ///   - subject: On bytes.
  ///   - batch: Items.
  /// - Returns: Nil where a file has layers that others may multiply in bytes and we do not.
  /// - Throws: Weights that cannot be read.
  private static func largestWeight(
    of subject: QuantizedSubject, batch: Int
  ) throws(Problem) -> Int? {
    guard subject.table != nil || subject.layers.onBytes == subject.layers.all else { return nil }
    let pass = try subject.forwardPass(batch: batch)
    var most = 0
    for node in pass.graph.nodes {
      guard let layer = node.op as? QuantizedConvolution,
        let filters = pass.graph[node.inputs[1]].parameter
      else { continue }
      let steps = layer.steps(of: try pass.weights.values(filters))
      most = steps.reduce(most) { max($0, abs(Int($1))) }
    }
    return most
  }

  /// Writes the outputs of a run, a file each.
  ///
  /// - Returns: Options that name them.
  private static func writeOutputs(
    of program: Program, as prefix: String
  ) throws -> [String: String] {
    var options: [String: String] = [:]
    for index in program.outputNames.indices {
      let path = "\(prefix)-\(index).npy"
      let values = program.numbers(index)
      let rows = values.count % program.batch == 0 ? program.batch : 1
      try NPYFile.write(
        Tensor(shape: [rows, values.count / rows], values: values), to: path)
      options["expected-\(index)"] = path
    }
    return options
  }

  /// Writes weights, the network as ONNX, images, labels and masks of dropout of a training case, and the
  /// losses of our first two steps.
  ///
  /// The second loss is behind the first update, so it also holds the gradients against ours. The ONNX
  /// file has no auxiliary head; the weights have.
  ///
  /// - Parameters:
  ///   - folder: Exists; whoever made it removes it.
  ///   - request: A training case on seeded weights, in float32.
  ///   - catalogue: What makes it.
  ///   - precision: What peers compute in.
  /// - Throws: `Problem` for a full disk, and what the catalogue throws for the same request.
  package init(
    folder: String, training request: CaseRequest, catalogue: Catalogue,
    precision: CaseID.Precision? = nil
  ) throws {
    let made = try catalogue.workload(for: request)
    if let sequences = made as? SequenceTrainWorkload {
      let layers = sequences.program.units.count {
        $0.phase == .forward && $0.directFLOPs.count > 0
      }
      let (own, floats) = Self.lossTolerances(precision, layers: layers)
      var told = request.options.merging(own) { _, new in new }
      told.merge(try Self.write(sequences, to: folder)) { _, new in new }
      (options, floatOptions) = (told, floats)
      return
    }
    guard let workload = made as? TrainWorkload else {
      throw Problem(.usage, "'\(request.id)' is not a training case.")
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
    let graph = workload.model.network.graph(inputSize: workload.imageShape.H)
    let (own, floats) = Self.lossTolerances(precision, layers: graph.layerCounts.all)
    var told = request.options.merging(paths) { _, new in new }.merging(numbers) { _, new in new }
    told.merge(own) { _, new in new }
    floatOptions = floats
    try workload.model.weights.write(
      workload.model.network.trainingParameters, to: paths["weights", default: ""])
    try ModelExport.model(
      of: graph, name: workload.model.network.name, weights: workload.model.weights
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
    if let auxiliary = workload.model.network.auxiliary {
      told["auxiliary-weight"] = "\(auxiliary.lossWeight)"
    }
    let steps = 2
    let masks = try DropoutMasks(of: workload.step).write(steps: steps, to: folder)
    told.merge(masks) { _, new in new }
    options = told
    let losses = (0..<steps).map { _ in workload.takeStep() }
    try NPYFile.write(
      Tensor(shape: [losses.count], values: losses.map { Float($0) }),
      to: paths["losses", default: ""])
  }

  /// How far losses of peers may be from ours: by the same share as outputs, for a loss is the mean of
  /// those of all images or tokens, which moves by less.
  ///
  /// - Parameters:
  ///   - precision: What peers compute in; nil for float32.
  ///   - layers: Layers that multiply.
  /// - Returns: Options of the case, and of those that compute it in float32 beside the precision.
  package static func lossTolerances(
    _ precision: CaseID.Precision?, layers: Int
  ) -> (own: [String: String], floats: [String: String]) {
    guard precision != nil else { return ([:], [:]) }
    let own = ["tolerance": "\(PeerTolerance.bf16(layers: layers))"]
    return (own, ["tolerance": "\(PeerTolerance.float32)"])
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
    try workload.model.weights.write(
      workload.model.network.parameters, to: options["weights", default: ""])
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
}
