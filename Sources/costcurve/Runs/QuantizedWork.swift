import Basics
import Foundation
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs
import Workloads

/// Subjects of commands on bytes: calibrated once, whatever number of processes measures them.
struct QuantizedWork {
  /// What is quantized, in floats or as a QDQ file.
  var subject: any InferenceSubject
  /// Arrays that ranges are taken from; seeded ones for none.
  var calibration: [String]
  /// How many seeded ones.
  var seededItems = GivenItems.seededCount
  /// How it is quantized.
  var quantizer: Quantizer
  /// All that its numbers follow from besides the arrays, in words.
  var conditions: [String]
  /// Files that its weights come from.
  var files: [String]
  var quiet: Bool

  /// A subject that is there already.
  init(
    _ subject: any InferenceSubject, calibration: [String], quantizer: Quantizer,
    conditions: [String], files: [String], quiet: Bool
  ) {
    (self.subject, self.calibration, self.quantizer) = (subject, calibration, quantizer)
    (self.conditions, self.files, self.quiet) = ([subject.name] + conditions, files, quiet)
  }

  /// The subject that options name.
  ///
  /// - Parameters:
  ///   - work: A network or a model of a file.
  ///   - options: What its case is prepared with.
  ///   - calibration: Arrays; seeded ones for none.
  ///   - threads: Threads that calibration runs on.
  ///   - quiet: Whether nothing is said on the way.
  /// - Throws: An unknown network, or weights that do not fit.
  init(
    _ work: WorkSubject, options: [CaseOptions.Key: String], calibration: [String], threads: Int,
    quiet: Bool
  ) throws {
    subject = try Self.subject(work, options)
    quantizer = Quantizer(
      threads: threads, weightBits: try CaseOptions(options.byName).weightBits())
    (self.calibration, self.quiet) = (calibration, quiet)
    let keys: [CaseOptions.Key] = [.inputSize, .classes, .seed, .sequence]
    conditions = [subject.name] + keys.map { options[$0] ?? "" }
    files = [options[.weights]].compactMap(\.self)
  }

  /// What a case of options computes, in floats.
  static func subject(
    _ work: WorkSubject, _ options: [CaseOptions.Key: String]
  ) throws -> any InferenceSubject {
    switch work {
    case .file(let model): return model
    case .network(let network):
      let seed = options[.seed].flatMap { UInt64($0) } ?? 1
      let model = try Model(
        named: network.name, weights: options[.weights],
        classes: options[.classes].flatMap { Int($0) },
        seed: UInt32(truncatingIfNeeded: seed))
      let length = options[network.item == .sequence ? .sequence : .inputSize]
      let size = length.flatMap { Int($0) } ?? network.usualInputSize
      return SizedModel(model, inputSize: size)
    }
  }

  /// Path of the table of ranges, calibrated unless that was done before for this very graph; nil for a
  /// QDQ file, which says its own.
  ///
  /// - Throws: Arrays that do not fit, and what calibration throws.
  func table() throws -> String? {
    let pass = try subject.writtenPass(batch: subject.smallestBatch)
    if pass.graph.isQuantized {
      try quantizer.refuse(calibration, for: subject)
      return nil
    }
    var conditions = conditions + quantizer.settings + ["\(calibration.count)"]
    if seededItems != GivenItems.seededCount { conditions.append("\(seededItems) seeded") }
    let path = QuantizationCache.path(conditions, files: files + calibration)
    // Another version of costcurve may have left a table there that fits its own graph alone.
    let graph = try FloatGraph(pass.graph, weights: pass.weights).graph
    if let known = try? QuantizationTable(path: path), known.fits(graph) { return path }
    try QuantizationCache.save(try calibrated(pass), to: path)
    return path
  }

  /// Calibrates, and shows how far that is.
  ///
  /// - Parameter pass: Of floats, as it is written.
  /// - Returns: The ranges of all values that become bytes.
  /// - Throws: Items that do not fit, and an interruption.
  func calibrated(_ pass: ForwardPass) throws -> QuantizationTable {
    let items =
      try calibration.isEmpty
      ? GivenItems(seeded: seededItems) : subject.calibrationItems(calibration)
    let progress = Progress(quiet: quiet)
    defer { progress.end() }
    return try quantizer.table(of: pass, items: items) { share in
      if Interrupt.wasRequested { throw Problem.interrupted }
      progress.show(
        MeasurementProgress(
          phase: .calibrating, caseID: subject.name, done: Int(share * Double(items.count)),
          total: items.count, fraction: share))
    }
  }

  /// The subject on bytes, for a command that computes by itself.
  ///
  /// - Throws: What `table` throws, and no layer that runs on bytes.
  func quantized() throws -> QuantizedSubject {
    try quantizer.quantized(subject, table: try table(), calibration: calibration)
  }

  /// What is to be known of int8 before its figures, in a sentence.
  static func note(_ subject: QuantizedSubject) -> String {
    let all = Units.count(subject.layers.all, "layer")
    let bits = subject.table.map { ", \($0.weightBits.rawValue)-bit weights" } ?? ""
    let layers = "int8: \(subject.layers.onBytes) of \(all) multiply bytes\(bits)"
    let ranges = "ranges \(subject.calibration)"
    let worth =
      subject.isSeeded
      ? ": no data set's, so that accuracy says nothing; give --calibration." : "."
    let edges = subject.table?.edges?.sentence
    return "\(layers), \(ranges)\(worth)" + (edges.map { " \($0)" } ?? "")
  }
}

extension PrecisionOptions {
  /// The options of a case with the table of its ranges, and what there is to say of it.
  ///
  /// - Parameters:
  ///   - options: What a case is prepared with.
  ///   - work: What it is of.
  ///   - engine: How layers are computed.
  ///   - threads: Threads that calibration runs on.
  ///   - quiet: Whether nothing is said on the way.
  /// - Returns: The same options in float32 and bfloat16.
  /// - Throws: What calibration throws, and an engine without layers of that precision.
  func completing(
    _ options: [CaseOptions.Key: String], of work: WorkSubject, _ engine: Engine, threads: Int,
    quiet: Bool
  ) throws -> [CaseOptions.Key: String] {
    guard let lower = precision.inIDs else { return options }
    return try QuantizedWork.completing(
      options, in: lower, of: work, engine, calibration: int8.calibration,
      weightBits: int8.weightBits.bits, threads: threads, quiet: quiet)
  }
}

extension QuantizedWork {
  /// The options of a case of lower precision, in int8 with the table of its ranges, and what there
  /// is to say of it.
  ///
  /// - Parameters:
  ///   - options: What the case is prepared with in float32.
  ///   - precision: What layers multiply.
  ///   - work: What it is of.
  ///   - engine: How layers are computed.
  ///   - calibration: Arrays; seeded ones for none.
  ///   - weightBits: Bits of weights; nil for those that this build is fastest with.
  ///   - threads: Threads that calibration runs on.
  ///   - quiet: Whether nothing is said on the way.
  /// - Returns: What it is prepared with.
  /// - Throws: What calibration throws, and an engine without layers of that precision.
  static func completing(
    _ options: [CaseOptions.Key: String], in precision: CaseID.Precision, of work: WorkSubject,
    _ engine: Engine, calibration: [String], weightBits: WeightBits?, threads: Int, quiet: Bool
  ) throws -> [CaseOptions.Key: String] {
    if let refusal = engine.refusal(of: precision) {
      throw Problem(.usage, "--engine: \(refusal)")
    }
    guard precision == .int8 else {
      let cast = try BFloat16Subject(try subject(work, options))
      if !quiet { Console.error("costcurve: " + cast.note) }
      return options
    }
    var options = options
    if let weightBits { options[.weightBits] = "\(weightBits.rawValue)" }
    let quantized = try QuantizedWork(
      work, options: options, calibration: calibration, threads: threads, quiet: quiet)
    options[.quantization] = try quantized.table()
    if !calibration.isEmpty { options[.calibration] = calibration.joined(separator: "\n") }
    if !quiet { Console.error("costcurve: " + Self.note(try quantized.quantized())) }
    return options
  }
}
