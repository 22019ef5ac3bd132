import Basics
import Economics
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

  /// `--cheapest`: the configuration with the lowest cost of an item.
  func cheapest(
    _ subject: WorkSubject, _ engine: Engine, _ options: [CaseOptions.Key: String], threads: Int
  ) throws {
    let price = try price.price()
    var search = CheapestSearch(
      network: subject.name, item: subject.item, engine: engine,
      options: options, threads: threads,
      seconds: try measure.durationSeconds() ?? (measure.quick ? 2 : 5))
    search.precision = precision.precision.inIDs
    if let batch = subject.fixedBatch { search.batches = [batch] }
    if let list = work.network.givenBatchSize, list.isList { search.batches = list.numbers }
    let cancel = Interrupt.cancelFlag()
    try Interrupt.saving { try answer(search, price, cancel) }
  }

  /// The right answers to images with labels, and in lower precision what they are beside float32's.
  ///
  /// - Parameters:
  ///   - work: What infers.
  ///   - options: What its case's id does not say.
  ///   - engine: How layers are computed.
  ///   - threads: That it runs on.
  /// - Returns: nil without such images.
  /// - Throws: Files that do not fit, and an interruption.
  func accuracy(
    of work: WorkSubject, _ options: [CaseOptions.Key: String], _ engine: Engine, threads: Int
  ) throws -> CaseRecord.Accuracy? {
    guard labelled.isGiven else { return nil }
    if case .network(let network) = work, !network.readsLabels {
      throw Problem(
        .usage,
        "--labels does not apply to \(network.name), which reads \(network.item.plural).")
    }
    let float = try QuantizedWork.subject(work, options)
    var subject = float
    switch precision.precision {
    case .f32: break
    case .bf16: subject = try BFloat16Subject(float)
    case .int8:
      subject = try Quantizer(threads: threads).quantized(
        float, table: options[.quantization], calibration: precision.calibration)
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

  /// Measures every configuration and writes the cheapest, also of those before an interruption.
  private func answer(_ search: CheapestSearch, _ price: Price, _ cancel: CancelFlag) throws {
    let wait = try measure.quietWait()
    let meter = NoiseMeter(before: output.lookAtMachine(waits: wait != nil))
    var found: [CheapestSearch.Configuration] = []
    for candidate in search.candidates {
      output.waitForQuiet(wait)
      let result: CheapestSearch.Configuration
      do throws(Problem) {
        result = try search.measure(candidate, cancel: cancel)
      } catch {
        // What was measured before Ctrl-C is still an answer, of fewer configurations.
        if error.kind == .interrupted, !found.isEmpty { break }
        throw error
      }
      found.append(result)
      output.note(
        "batch \(result.batchSize), \(Units.count(result.threads, "thread")) in "
          + "\(Units.count(result.instances, "instance")): "
          + "\(Units.number(result.itemsPerSecond)) \(search.item.rateUnit)")
    }
    guard let answer = CheapestAnswer(found, by: search, at: price, meter.reading()) else { return }
    try output.emit(answer.document, json: answer, csv: answer.csv)
  }
}
