import Basics
import Harness
import Workloads

extension InferCommand {
  /// `--autotune`: fills the tuning table of this machine and names it in the case's options.
  func tuned(
    _ options: [CaseOptions.Key: String], _ subject: WorkSubject, _ engine: Engine, batch: Int,
    threads: Int
  ) throws -> [CaseOptions.Key: String] {
    let path = TuningCache.path()
    var table = TuningTable(fingerprint: TuningCache.fingerprint)
    do {
      table = try TuningTable.read(from: path, fingerprint: table.fingerprint) ?? table
    } catch {
      output.note("costcurve: \(error) It is ignored.")
    }
    let known = table
    var tuner = Autotuner(threads: threads, engine: engine)
    let progress = Progress(quiet: output.quiet)
    tuner.progress = { layer, done, total in
      progress.show(
        MeasurementProgress(
          phase: .tuning, caseID: layer, done: done, total: total,
          fraction: Double(done) / Double(max(total, 1))))
    }
    tuner.tune(
      &table,
      for: try subject.inferenceGraph(batch: batch, inputSize: work.inputSize),
      batch: batch)
    progress.end()
    if table != known { try TuningCache.save(table, to: path) }
    var options = options
    options[.tuning] = path
    return options
  }

  /// The right answers to images with labels, and in lower precision what they are beside float32's.
  ///
  /// - Parameters:
  ///   - work: What infers.
  ///   - options: What its case's id does not say.
  ///   - precision: What layers multiply.
  ///   - engine: How layers are computed.
  ///   - threads: That it runs on.
  /// - Returns: nil without such images.
  /// - Throws: Files that do not fit, and an interruption.
  func accuracy(
    of work: WorkSubject, _ options: [CaseOptions.Key: String], in precision: LayerPrecision,
    _ engine: Engine, threads: Int
  ) throws -> CaseRecord.Accuracy? {
    guard labelled.isGiven else { return nil }
    if case .network(let network) = work, !network.readsLabels {
      throw Problem(
        .usage,
        "--labels does not apply to \(network.name), which reads \(network.item.plural).")
    }
    let float = try QuantizedWork.subject(work, options)
    var subject = float
    switch precision {
    case .f32: break
    case .bf16: subject = try BFloat16Subject(float)
    case .int8:
      subject = try Quantizer(threads: threads).quantized(
        float, table: options[.quantization], calibration: self.precision.int8.calibration)
    }
    // A QDQ file has no float32 beside it but that of its own steps.
    let hasFloat = subject is BFloat16Subject || (subject as? QuantizedSubject)?.table != nil
    let (items, labels) = try labelled.items(of: float)
    let evaluation = AccuracyEvaluation(
      subject, beside: hasFloat ? float : nil, on: items, labels: labels, engine: engine,
      threads: threads)
    let progress = Progress(quiet: output.quiet)
    defer { progress.end() }
    return try evaluation.accuracy { share in
      if Interrupt.wasRequested { throw Problem.interrupted }
      progress.show(
        MeasurementProgress(
          phase: .checking, caseID: "\(subject.name), labels", done: 0, total: 1, fraction: share))
    }
  }
}
