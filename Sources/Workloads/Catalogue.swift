import Basics
import Foundation
import Harness
import Interchange
import Kernels
import Models
import Programs

/// All that can be measured: from a case id to the workload behind it.
package struct Catalogue: Sendable {
  /// Cache sizes, from which working sets follow.
  package var caches: [Context.Cache]
  /// Of the checks of its workloads, one after the other.
  private let answers = LastAnswer()

  package init(caches: [Context.Cache]) { self.caches = caches }

  /// The catalogue with the caches of this machine.
  package static func here() -> Catalogue { Catalogue(caches: MachineReader.machine().caches) }

  /// Builds the workload of a case: memory allocated, filters packed, inputs filled.
  ///
  /// - Parameter request: The id, and options named in `Option`.
  /// - Returns: The workload, ready to run.
  /// - Throws: `Problem` with code 5 for an unknown network, layer or engine, 64 for a
  ///   malformed id or value.
  package func workload(for request: CaseRequest) throws -> any Workload {
    guard let id = CaseID(request.id), let kind = CaseRecord.Kind(rawValue: id.kind) else {
      throw Problem(
        .usage, "'\(request.id)' is not a case id; see 'costcurve list cases'.")
    }
    let options = id.completing(CaseOptions(request.options))
    try id.refuseUnknownPrecision(of: kind)
    switch kind {
    case .peak: return try peak(id)
    case .gemm: return try gemm(id, options)
    case .conv: return try convolution(id, options)
    case .infer, .train: return try network(kind, id, options)
    case .prefill, .decode: return try text(kind, id, options)
    }
  }

  private func peak(_ id: CaseID) throws -> any Workload {
    let threads = try id.requiredThreads()
    if id.subject == PeakWorkload.subject(of: id.precision) {
      return PeakWorkload(id: id, threads: threads)
    }
    let level = id.subject.split(separator: "-").last.map(String.init)
    guard id.subject.hasPrefix("read-"), let level,
      let level = BandwidthWorkload.Level(rawValue: level)
    else { throw Problem(.absent, "'\(id)': there is no probe '\(id.subject)'.") }
    return BandwidthWorkload(id: id, level: level, caches: caches, threads: threads)
  }

  private func gemm(_ id: CaseID, _ options: CaseOptions) throws -> any Workload {
    let sides = id.subject.split(separator: "x").map { Int($0) }
    guard sides.count == 3, let m = sides[0], let n = sides[1], let k = sides[2],
      m > 0, n > 0, k > 0
    else { throw Problem(.usage, "'\(id)': a product is named MxNxK.") }
    return GemmWorkload(
      id: id, shape: GemmShape(m: m, n: n, k: k), engine: try id.requiredEngine(),
      threads: try id.requiredThreads(), seed: try options.seed())
  }

  private func convolution(_ id: CaseID, _ options: CaseOptions) throws -> any Workload {
    let parts = id.subject.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw Problem(.usage, "'\(id)': a convolution is named NETWORK.LAYER.")
    }
    let subject: WorkSubject
    var (id, size) = (id, Int?.none)
    if let file = try file(named: parts[0], for: id, options) {
      id = try id.settledForFile(by: options)
      guard id.direction ?? .forward == .forward else {
        throw Problem(.usage, "'\(id)': a model of a file is not trained.")
      }
      subject = .file(file)
    } else {
      let network = try Network.named(parts[0])
      id = try id.settled(by: options, for: network)
      size = id.size(of: network)
      subject = .network(network)
    }
    let layers = try subject.convolutions(batch: id.batch ?? 1, inputSize: size)
    guard let layer = layers.first(where: { $0.layers.contains(parts[1]) }) else {
      throw Problem(
        .absent, "\(parts[0]) has no convolution '\(parts[1])'; see 'costcurve list cases'.")
    }
    let (engine, threads) = (try id.requiredEngine(), try id.requiredThreads())
    let direction = id.direction ?? .forward
    if let precision = id.precision {
      guard direction == .forward, engine != .openblas else {
        throw Problem(
          .absent, "'\(id)': beside float32 there are forward kernels of ours in int8 and bf16.")
      }
      let seed = try options.seed()
      return switch precision {
      case .int8:
        Int8ConvWorkload(
          id: id, shape: layer.shape, layers: layer.layers, engine: engine, threads: threads,
          seed: seed)
      case .bf16:
        BFloat16ConvWorkload(
          id: id, shape: layer.shape, layers: layer.layers, isReference: engine == .reference,
          threads: threads, seed: seed)
      }
    }
    let algorithm =
      switch direction {
      case .forward: engine.algorithm(for: layer.shape)
      case .backwardData: engine.algorithm(for: layer.shape, direction: .backwardData)
      case .backwardWeights: engine.algorithm(for: layer.shape, direction: .backwardWeights)
      }
    return ConvWorkload(
      id: id, shape: layer.shape, layers: layer.layers, direction: direction,
      algorithm: algorithm, threads: threads, seed: try options.seed())
  }

  /// The file that a case is of; nil for a network of ours.
  private func file(
    named name: String, for id: CaseID, _ options: CaseOptions
  ) throws -> ModelOfFile? {
    guard let path = options[.model] else { return nil }
    let file = try ModelOfFile(
      path: path, sequence: try options.sequence(), inputs: options.inputs())
    guard file.name == name else {
      throw Problem(
        .usage, "'\(id)': the model of '\(path)' is \(file.name), not that of the id.")
    }
    return file
  }

  private func network(
    _ kind: CaseRecord.Kind, _ id: CaseID, _ options: CaseOptions
  ) throws -> any Workload {
    if let file = try file(named: id.subject, for: id, options) {
      guard kind == .infer else {
        throw Problem(.usage, "'\(id)': a model of a file is not trained; it runs in 'infer'.")
      }
      return try inference(
        try id.settledForFile(by: options), file, options, remedy: file.memoryRemedy)
    }
    let model = try Model(named: id.subject, options: options)
    let id = try id.settled(by: options, for: model.network)
    let size = id.size(of: model.network)
    let remedy =
      "give a smaller --batch-size or "
      + (model.network.item == .sequence ? "--sequence." : "--input-size.")
    guard kind == .train else {
      return try inference(id, SizedModel(model, inputSize: size), options, remedy: remedy)
    }
    guard id.ranks == nil, id.machines == nil, id.sums == nil else {
      throw Problem(
        .usage,
        "'\(id)' is of several processes, which mpirun starts: 'mpirun -np N costcurve train "
          + "--ranks N'.")
    }
    let (threads, engine, batch) = (
      try id.requiredThreads(), try id.requiredEngine(), id.batch ?? 1
    )
    try model.network.refuseTraining()
    if let precision = id.precision, let refusal = engine.refusal(of: precision) {
      throw Problem(.usage, "'\(id)': \(refusal)")
    }
    guard model.network.item != .sequence else {
      try MemoryEstimate.sequenceTraining(
        model.network, batch: batch, tokens: size, precision: id.trainingPrecision,
        threads: threads
      ).refuseIfTooLarge(for: id.description, remedy: remedy)
      return try SequenceTrainWorkload(
        id: id, model: model, batch: batch, tokens: size, engine: engine, options: options,
        threads: threads)
    }
    try model.network.refuseTraining(batch: batch, inputSize: size)
    try MemoryEstimate.training(
      model.network, batch: batch, inputSize: size, precision: id.trainingPrecision,
      threads: threads
    ).refuseIfTooLarge(for: id.description, remedy: remedy)
    return try TrainWorkload(
      id: id, model: model, batch: batch, inputSize: size, engine: engine, options: options,
      threads: threads)
  }

  /// A part of generating text.
  private func text(
    _ kind: CaseRecord.Kind, _ id: CaseID, _ options: CaseOptions
  ) throws -> any Workload {
    guard options[.model] == nil else {
      throw Problem(.usage, "'\(id)': \(WorkSubject.noTextOfFiles)")
    }
    let model = try Model(named: id.subject, options: options)
    try model.network.refuseGenerating()
    let id = try id.settledForText(by: options, for: model.network)
    let (threads, engine) = (try id.requiredThreads(), try id.requiredEngine())
    let (batch, length) = (id.batch ?? 1, id.size(of: model.network))
    try MemoryEstimate.text(
      prompt: model.network.promptGraph(tokens: length, capacity: length),
      step: model.network.stepGraph(capacity: length), batch: batch, threads: threads,
      sharesFilters: engine != .openblas
    ).refuseIfTooLarge(for: id.description, remedy: "give a smaller --batch-size or --sequence.")
    return try TextWorkload(
      id: id, kind: kind, model: model, batch: batch, length: length, engine: engine,
      seed: UInt32(truncatingIfNeeded: try options.seed()), threads: threads)
  }

  private func inference(
    _ id: CaseID, _ subject: some InferenceSubject, _ options: CaseOptions, remedy: String
  ) throws -> any Workload {
    let (threads, engine) = (try id.requiredThreads(), try id.requiredEngine())
    let (batch, requests) = (id.batch ?? 1, try options.requests())
    var (id, subject): (CaseID, any InferenceSubject) = (id, subject)
    if let precision = id.precision {
      if let refusal = engine.refusal(of: precision) {
        throw Problem(.usage, "'\(id)': \(refusal)")
      }
      switch precision {
      case .int8:
        let quantizer = Quantizer(threads: threads, weightBits: try options.weightBits())
        let quantized = try quantizer.quantized(
          subject, table: options[.quantization], calibration: options.calibration())
        id = try id.calibrated(by: quantized.table, options)
        subject = quantized
      case .bf16: subject = try BFloat16Subject(subject)
      }
    }
    try subject.forwardPass(batch: batch * requests)
      .refuseIfTooLarge(for: id.description, threads: threads, remedy: remedy)
    return try InferWorkload(
      id: id, subject: subject, batch: batch, requests: requests, engine: engine,
      options: options, threads: threads, answers: answers)
  }
}

extension CaseID {
  /// Refuses an element type in which nothing of a kind is computed.
  func refuseUnknownPrecision(of kind: CaseRecord.Kind) throws {
    let isKnown =
      switch (kind, precision) {
      case (_, nil), (.infer, _), (.conv, _), (.train, .bf16?): true
      case (.peak, _): subject == PeakWorkload.subject(of: precision)
      default: false
      }
    guard isKnown else {
      throw Problem(
        .absent, "'\(self)': nothing of this kind is computed in \(precision?.rawValue ?? "f32").")
    }
  }

  func requiredThreads() throws -> Int {
    guard let threads else {
      throw Problem(.usage, "'\(self)' lacks its thread count /tN.")
    }
    if let refusal = ThreadLimit.refusal(threads) {
      throw Problem(.malformed, "'\(self)': \(refusal).")
    }
    return threads
  }

  func requiredEngine() throws -> Engine {
    guard let engine, let known = Engine(rawValue: engine) else {
      throw Problem(
        .absent, "'\(self)': no engine '\(engine ?? "")'; see 'costcurve list engines'.")
    }
    if let absence = known.absence { throw Problem(.absent, "'\(self)': \(absence)") }
    return known
  }
}
