import Basics
import Formats
import Harness
import Interchange
import Kernels
import Models
import Training
import Workloads

/// What `predict` is asked for, whatever computes it.
struct PredictWork {
  /// As the command line has them.
  var inputs: [String]
  var outputs: [String]
  var labels: String?
  var batchSize: Int
  var engine: Engine
  var threads: Int
  /// Whether NaN and infinities are taken and given, too.
  var allowsNonFinite = false
  /// What layers multiply, and the arrays that the ranges of int8 are taken from.
  var precision = LayerPrecision.f32
  var calibration: [String] = []
  /// Bits of the weights of int8; nil for those that this build is fastest with.
  var weightBits: WeightBits?
  /// What the weights follow from: words, and files.
  var conditions: [String] = []
  var weights: [String] = []
  var quiet = false

  /// Computes and writes the outputs of a network for images.
  ///
  /// - Throws: What naming files, reading them, and computing throws.
  func run(_ model: Model, weights: String) throws -> PredictReport {
    if let note = model.prefixNote { Console.error("costcurve: \(note)") }
    let (network, name) = (model.network, model.network.name)
    let files = try NamedFiles(
      outputs, of: "--output", names: network.outputs.map(\.name), subject: name)
    let input = try NamedFiles(inputs, of: "--input", names: ["images"], subject: name)
    let images = try ImageFile(path: input.paths[0].path, network: network)
    guard labels == nil || network.readsLabels else {
      throw Problem(
        .usage, "--labels does not apply to \(name), which judges positions of a game.")
    }
    let labels = try self.labels.map {
      try LabelFile.read(path: $0, count: images.count, classes: network.classes)
    }
    let subject = SizedModel(model, inputSize: images.size)
    return try run(subject, InputArrays(input.byName, of: subject), labels, to: files) {
      PredictReport(
        model, items: images.count, weights: weights, engine: engine, files: files, accuracy: $0)
    }
  }

  /// A subject of lower precision, where that is asked for.
  private func lower(_ subject: any InferenceSubject) throws -> (any InferenceSubject)? {
    switch precision {
    case .f32: return nil
    case .int8: return try quantized(subject)
    case .bf16:
      let cast = try BFloat16Subject(subject)
      if !quiet { Console.error("costcurve: " + cast.note) }
      return cast
    }
  }

  /// A subject on bytes.
  private func quantized(_ subject: any InferenceSubject) throws -> QuantizedSubject {
    var conditions = conditions
    if let sized = subject as? SizedModel {
      conditions += ["\(sized.inputSize)", "\(sized.model.network.classes)"]
    }
    let quantized = try QuantizedWork(
      subject, calibration: calibration,
      quantizer: Quantizer(threads: threads, weightBits: weightBits), conditions: conditions,
      files: weights, quiet: quiet
    ).quantized()
    if !quiet { Console.error("costcurve: " + QuantizedWork.note(quantized)) }
    return quantized
  }

  /// Computes and writes the outputs of a network for sequences.
  ///
  /// - Parameters:
  ///   - model: The network with its weights.
  ///   - weights: As the command line has them.
  ///   - sequence: Tokens of a sequence; nil for as many as the file has, or the usual number of
  ///     drawn ones.
  ///   - seed: Of what is drawn where no file is given.
  /// - Returns: What there is to say of it.
  /// - Throws: The same.
  func run(
    _ model: Model, weights: String, sequence: Int?, seed: UInt32
  ) throws -> PredictReport {
    if let note = model.prefixNote { Console.error("costcurve: \(note)") }
    let (network, name) = (model.network, model.network.name)
    guard labels == nil else {
      throw Problem(.usage, "--labels does not apply to \(name), which reads texts.")
    }
    let ports = network.inputs(inputSize: network.usualInputSize)
    let needed = ports.filter { $0.usualNumber == nil }
    let given = try NamedFiles(
      inputs, of: "--input", names: ports.map(\.name),
      plain: needed.count == 1 ? needed[0].name : nil, subject: name)
    let first = given.paths.first { path in needed.contains { $0.name == path.name } }
    let length = try first.map { try NPYFile(path: $0.path, element: .int64, rank: 2).shape[1] }
    if let sequence, let length, let first, sequence != length {
      throw Problem(
        .usage, "--sequence \(sequence): \(first.path) has \(length) tokens; leave it out.")
    }
    let tokens = length ?? sequence ?? network.usualInputSize
    try network.refuse(inputSize: tokens)
    let subject = SizedModel(model, inputSize: tokens)
    let files = try NamedFiles(
      outputs, of: "--output", names: network.outputs.map(\.name), subject: name)
    let arrays =
      inputs.isEmpty ? InputArrays(seed: seed) : try InputArrays(given.byName, of: subject)
    return try run(subject, arrays, nil, to: files) {
      PredictReport(
        model, items: arrays.count, weights: weights, engine: engine, files: files, accuracy: $0)
    }
  }

  /// Computes and writes the outputs of a model of a file.
  ///
  /// - Throws: The same.
  func run(_ model: ModelOfFile) throws -> PredictReport {
    let ports = try model.imported(batch: nil)
    let files = try NamedFiles(
      outputs, of: "--output", names: ports.outputs.map(\.name), subject: model.fileName)
    let given = try NamedFiles(
      inputs, of: "--input", names: model.inputNames, subject: model.fileName)
    let arrays = try InputArrays(given.byName, of: model, allowsNonFinite: allowsNonFinite)
    let first = ports.outputs[0]
    let classes = first.lengths.dropFirst(first.isBatched ? 1 : 0).reduce(1, *)
    guard labels == nil || (first.isBatched && first.element == .f32) else {
      throw Problem(.usage, "--labels: \(first.name) of \(model.fileName) has no logits of items.")
    }
    let labels = try self.labels.map {
      try LabelFile.read(path: $0, count: arrays.count, classes: classes)
    }
    return try run(model, arrays, labels, to: files) {
      PredictReport(
        model, items: arrays.count, classes: classes, engine: engine, files: files, accuracy: $0)
    }
  }

  /// Computes and writes the outputs for arrays.
  ///
  /// - Parameters:
  ///   - subject: What computes.
  ///   - arrays: What it is given.
  ///   - labels: What the first output should say of each item; nil where that is not known.
  ///   - files: Where the outputs go.
  ///   - report: What there is to say, by how many answers are right.
  /// - Returns: That, with how it was computed.
  /// - Throws: More than fits in memory, places that cannot be written, and what computing throws.
  private func run(
    _ subject: any ArraySubject, _ arrays: InputArrays, _ labels: [Int32]?, to files: NamedFiles,
    report: (Accuracy?) -> PredictReport
  ) throws -> PredictReport {
    var prediction = try ModelPrediction(
      subject, arrays, batchSize: batchSize, threads: threads, allowsNonFinite: allowsNonFinite)
    try files.refuseUnwritable()
    let lower = try self.lower(subject)
    if let lower { prediction.subject = lower }
    let pool = ThreadPool(threads: threads)
    let outputs = try computed(prediction, subject.name, on: pool)
    var accuracy = labels.map { _ in Accuracy() }
    if let labels { accuracy?.count(outputs[0].values, labels) }
    try write(outputs, to: files)
    var result = report(accuracy)
    result.describe(lower)
    // A QDQ file has no float32 beside it but that of its own steps.
    let hasFloat = lower is BFloat16Subject || (lower as? QuantizedSubject)?.table != nil
    if hasFloat, let labels {
      prediction.subject = subject
      let expected = try computed(prediction, "\(subject.name) in float32", on: pool)
      let isSeeded = (subject as? SizedModel)?.model.isSeeded ?? false
      var comparison = LogitComparison()
      comparison.count(
        outputs[0].values, beside: expected[0].values, count: labels.count,
        labels: isSeeded ? nil : labels)
      result.accuracy.againstF32 = comparison.record
    }
    return result
  }

  /// The outputs, batch by batch, which says how far it is and ends when somebody asks.
  private func computed(
    _ prediction: ModelPrediction, _ name: String, on pool: ThreadPool
  ) throws -> [PredictedOutput] {
    let (progress, count) = (Progress(quiet: quiet), prediction.inputs.count)
    defer { progress.end() }
    var done = 0
    return try prediction.run(engine: engine, pool: pool) {
      if Interrupt.wasRequested { throw Problem.interrupted }
      progress.show(
        MeasurementProgress(
          phase: .predicting, caseID: name, done: done, total: count,
          fraction: Double(done) / Double(max(count, 1))))
      done += prediction.batch
    }.outputs
  }

  private func write(_ outputs: [PredictedOutput], to files: NamedFiles) throws {
    try Interrupt.saving {
      for (name, path) in files.paths {
        guard let output = outputs.first(where: { $0.name == name }) else { continue }
        try output.write(to: path)
      }
    }
  }
}
