import Basics
import Economics
import Harness
import Workloads

extension InferCommand {
  /// `--cheapest`: the configuration with the lowest cost of an item, among all that are right.
  ///
  /// - Parameters:
  ///   - subject: What infers.
  ///   - threads: Of the machine.
  /// - Throws: What nothing can be measured for, and an answer of ours that is wrong.
  func cheapest(_ subject: WorkSubject, threads: Int) throws {
    let price = try price.price()
    let field = try SearchField(self, subject, threads: threads)
    var search = CheapestSearch(
      network: subject.name, item: subject.item, contenders: field.contenders, threads: threads,
      seconds: try measure.durationSeconds() ?? (measure.quick ? 1 : 2))
    (search.rounds, search.seed) = (measure.quick ? 4 : 5, measure.seed)
    if let batch = subject.fixedBatch { search.batches = [batch] }
    if let given = work.network.givenBatchSize { search.batches = given.numbers }
    let cancel = Interrupt.cancelFlag()
    try Interrupt.saving { try answer(search, field, subject, price, cancel) }
  }

  /// Measures every configuration and writes the cheapest, also of those before an interruption.
  private func answer(
    _ search: CheapestSearch, _ field: SearchField, _ subject: WorkSubject, _ price: Price,
    _ cancel: CancelFlag
  ) throws {
    let wait = try measure.quietWait()
    let meter = NoiseMeter(before: output.lookAtMachine(waits: wait != nil))
    let total = search.candidates.count
    var (done, isRepeating) = (0, false)
    let handlers = CheapestSearch.Handlers(
      files: { (precision, batch) throws(Problem) in try field.files(precision, batch) },
      before: { output.waitForQuiet(wait) },
      measured: { result in
        done += 1
        output.note(
          "\(done) of \(total): \(CheapestAnswer.words(result)): "
            + "\(Units.number(result.itemsPerSecond)) \(search.item.rateUnit)")
      },
      refused: { refusal in
        // What is wrong in the turns was counted when it was measured.
        guard !isRepeating else { return output.note("no speed any more: \(refusal.reason)") }
        done += 1
        output.note("\(done) of \(total): no speed: \(refusal.reason)")
      },
      repeating: { count in
        isRepeating = true
        output.note(
          "The cheapest \(count) take turns, \(Units.count(search.rounds, "round")) of fresh "
            + "processes.")
      })
    let accuracies = field.accuracies
    let findings = try search.run(
      handlers, eligible: { accuracies[$0]?.againstF32?.mlperfPassed != false }, cancel: cancel)
    let found = CheapestAnswer(
      findings, by: search, at: price, accuracies: accuracies,
      peers: "costcurve peers \(subject.flags)" + peerFlags, meter.reading())
    guard let answer = found else { return }
    try output.emit(answer.document, json: answer, csv: answer.csv)
    let isWrong = findings.refusals.contains { $0.isWrong && Engine(rawValue: $0.engine) != nil }
    if isWrong { throw Problem(.wrongAnswer) }
  }

  /// What `peers` is told besides the subject, so that it has the same items.
  private var peerFlags: String {
    let tokens = work.file.model == nil ? work.file.sequence : nil
    let length = tokens.map { " --sequence \($0)" } ?? ""
    return measure.seed == 1 ? length : length + " --seed \(measure.seed)"
  }
}

/// Who takes part in a search, and what is known of the answers in each precision.
struct SearchField {
  private(set) var contenders: [CheapestSearch.Contender] = []
  /// By the precision's name; only where answers were compared with labels.
  private(set) var accuracies: [String: CaseRecord.Accuracy] = [:]
  private var peerFiles: SearchFiles?

  /// Looks for all that the command asks for: in int8 only where that was asked for by name does a
  /// subject that has none end it.
  ///
  /// - Parameters:
  ///   - command: Which asks.
  ///   - subject: What infers.
  ///   - threads: Threads that calibration and labels run on.
  /// - Throws: Files that do not fit, external runtimes that are not there, and an interruption.
  init(_ command: InferCommand, _ subject: WorkSubject, threads: Int) throws {
    let engines = try command.searchedEngines()
    let plain = command.work.caseOptions(seed: command.measure.seed)
    var (bytes, precisions): ([CaseOptions.Key: String]?, [LayerPrecision]) = (nil, [])
    for precision in command.precision.searched {
      switch precision {
      case .f32:
        contenders += engines.map { CheapestSearch.Contender($0, options: plain) }
        precisions.append(.f32)
      case .bf16:
        guard let engine = try Self.engine(for: .bf16, of: engines, command) else { continue }
        contenders.append(.init(engine, precision: .bf16, options: plain))
        precisions.append(.bf16)
      case .int8:
        guard let engine = try Self.engine(for: .int8, of: engines, command) else { continue }
        guard let options = try Self.options(command, subject, engine, plain, threads: threads)
        else { continue }
        bytes = options
        contenders.append(.init(engine, precision: .int8, options: options))
        precisions.append(.int8)
      }
    }
    try addAccuracies(command, subject, plain, bytes, precisions, threads: threads)
    guard command.rivals.peers else { return }
    let software = command.rivals.software
    let installed = try software.installed(
      matching: command.rivals.only, note: command.output.note)
    // They would compute what the file rounds to bytes, whatever the precision is called.
    let isQuantized = try subject.isQuantized()
    if isQuantized, precisions.contains(where: { $0 != .int8 }) {
      command.output.note("External runtimes take part in int8 alone, as the file is quantized.")
    }
    for precision in precisions where precision == .int8 || !isQuantized {
      let arms = PeerArms(
        software: software, precision: precision.inIDs, besideF32: .nobody, isTraining: false,
        hasFixedBatch: subject.fixedBatch != nil, threads: threads)
      // What gathers requests is a larger batch, which is a candidate of its own.
      let names = installed.filter { name in
        !name.hasSuffix(Engine.gatheredSuffix) && arms.refusal(of: name) == nil
          && (subject.isInTorchvision || !name.hasPrefix("pytorch"))
      }
      contenders += names.map {
        CheapestSearch.Contender(software.arm($0), precision: precision.inIDs)
      }
    }
    peerFiles = try SearchFiles(
      of: subject, tokens: command.work.file.model == nil ? command.work.file.sequence : nil,
      seed: command.measure.seed, threads: threads, table: bytes?[.quantization])
  }

  /// Files that external runtimes are given; none without these.
  func files(
    _ precision: CaseID.Precision?, _ batch: Int
  ) throws(Problem) -> [String: String] {
    guard let peerFiles else { return [:] }
    return try peerFiles.options(precision, batch)
  }

  /// What cases in int8 are prepared with; nil where the subject has none and nobody asked for it.
  private static func options(
    _ command: InferCommand, _ subject: WorkSubject, _ engine: Engine,
    _ plain: [CaseOptions.Key: String], threads: Int
  ) throws -> [CaseOptions.Key: String]? {
    do {
      let calibration = try command.labelled.calibration(
        command.precision.int8.calibration, in: .int8, of: subject)
      return try QuantizedWork.completing(
        plain, in: .int8, of: subject, engine, calibration: calibration,
        weightBits: command.precision.int8.weightBits.bits, threads: threads,
        quiet: command.output.quiet)
    } catch let problem as Problem {
      let isAsked = command.precision.given != nil || command.precision.int8.isGiven
      if isAsked || problem.kind == .interrupted { throw problem }
      command.output.note("costcurve: int8 is left out: \(problem)")
      return nil
    }
  }

  /// The engine of a lower precision, for what is left in float32 is all that they differ by; nil
  /// where there is none and nobody asked for it.
  private static func engine(
    for precision: CaseID.Precision, of engines: [Engine], _ command: InferCommand
  ) throws -> Engine? {
    if let engine = engines.last(where: { $0.refusal(of: precision) == nil }) { return engine }
    guard command.precision.given != nil else { return nil }
    let reason = engines.compactMap { $0.refusal(of: precision) }.first
    throw Problem(.usage, "--engine: \(reason ?? "no engine has \(precision.rawValue).")")
  }

  /// Compares answers with labels, where there are some.
  private mutating func addAccuracies(
    _ command: InferCommand, _ subject: WorkSubject, _ plain: [CaseOptions.Key: String],
    _ bytes: [CaseOptions.Key: String]?, _ precisions: [LayerPrecision], threads: Int
  ) throws {
    for precision in precisions {
      let options = precision == .int8 ? bytes ?? plain : plain
      accuracies[precision.rawValue] = try command.accuracy(
        of: subject, options, in: precision, .standard, threads: threads)
    }
  }
}

extension InferCommand {
  /// The engines that a search takes: that of `--engine`, else all that are here.
  fileprivate func searchedEngines() throws -> [Engine] {
    if work.network.engine != nil { return [try work.network.resolvedEngine()] }
    return Engine.generations.filter {
      $0.absence == nil && ($0 == $0.withoutWinograd || !work.network.noWinograd)
    }
  }
}
