import Basics
import Formats
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs

/// Files of training steps.
extension PeerFiles {
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
