import Basics
import Foundation
import Graphs
import Harness
import Interchange
import Kernels
import Models
import Programs
import Training

/// Makes subjects on bytes of subjects of floats.
package struct Quantizer {
  /// Threads that calibration runs on.
  package var threads: Int
  /// How ranges follow from numbers.
  package var method = CalibrationMethod.minMax
  /// Whether biases take back what rounding filters moves sums by.
  package var correctsBias = false
  /// Whether the first layer stays float.
  package var keepsFirst = false
  /// Whether the last layer stays float.
  package var keepsLast = false

  /// Quantizes as it is usual.
  package init(threads: Int) { self.threads = threads }

  /// The rule, in words; threads change no range.
  package var settings: [String] {
    [method.description, "\(correctsBias)", "\(keepsFirst)", "\(keepsLast)"]
  }

  /// What tells its ranges from others of the same network: a digest of the rule and of files.
  ///
  /// - Parameter paths: Of calibration, as the command line has them.
  /// - Returns: Eight hexadecimal digits; nil for the usual rule and seeded items, and for a file that
  ///   cannot be read.
  package func digest(of paths: [String]) -> String? {
    guard !paths.isEmpty || settings != Quantizer(threads: threads).settings else { return nil }
    var hash = FNV1a()
    for setting in settings { hash.add(setting + "\n") }
    for file in paths.flatMap(CalibrationFile.all) {
      guard let digest = ContentDigest.of(file: file.path) else { return nil }
      hash.add("\(file.input) \(FNV1a.digits(digest))\n")
    }
    return String(hash.text.prefix(8))
  }

  /// The subject with its layers on bytes.
  ///
  /// What says itself how it is quantized, a QDQ file, is not calibrated.
  ///
  /// - Parameters:
  ///   - subject: Of floats, or of a QDQ file.
  ///   - table: Path of a table of ranges; nil, or a file that is not there, to calibrate here.
  ///   - calibration: Arrays to calibrate with; seeded ones for none.
  /// - Returns: A subject whose passes are on bytes.
  /// - Throws: Arrays beside a QDQ file, files that do not fit, or no layer that can be quantized.
  package func quantized(
    _ subject: any InferenceSubject, table: String?, calibration: [String]
  ) throws -> QuantizedSubject {
    let pass = try subject.writtenPass(batch: subject.smallestBatch)
    if pass.graph.isQuantized {
      guard calibration.isEmpty else {
        throw Problem(
          .usage, "--calibration: \(subject.weightsName) says itself how it is quantized.")
      }
      return try QuantizedSubject(subject, table: nil)
    }
    if let table, FileManager.default.fileExists(atPath: table) {
      return try QuantizedSubject(subject, table: try QuantizationTable(path: table))
    }
    let items = try subject.calibrationItems(calibration)
    return try QuantizedSubject(subject, table: try self.table(of: pass, items: items))
  }

  /// Calibrates a pass.
  ///
  /// - Parameters:
  ///   - pass: Of floats, as it is written.
  ///   - items: What it is run over.
  ///   - between: Called before every run with the share that is done; what it throws ends it.
  /// - Returns: The ranges of all values that become bytes.
  /// - Throws: No layer that can be quantized, numbers that are not finite, or items that do not fit.
  package func table(
    of pass: ForwardPass, items: GivenItems,
    between: (_ share: Double) throws -> Void = { _ in }
  ) throws -> QuantizationTable {
    let float = try FloatGraph(pass.graph, weights: pass.weights)
    var kept = Set<String>()
    if let ends = float.ends {
      if keepsFirst { kept.insert(ends.first) }
      if keepsLast { kept.insert(ends.last) }
    }
    let sites = QuantizationSites(float.graph, keeping: kept)
    guard !sites.layers.isEmpty else {
      throw Problem(
        .malformed,
        "there is no layer to be quantized; int8 is for convolutions and fully connected layers "
          + "that have filters of their own, stored one after the other")
    }
    let calibration = try Calibration(
      float.graph, weights: float.weights, sites: sites, batch: pass.batch,
      pool: ThreadPool(threads: threads)
    ) { Engine.native.algorithm(for: $0) }
    let block = InputBlock(for: calibration.program, tables: pass.tables)
    block.bindLast(to: calibration.program)
    // Of seeded items there are as many as one run takes.
    let runs = max(items.count / pass.batch, items.isSeeded ? 1 : 0)
    guard runs > 0 else {
      throw Problem(
        .malformed, "calibration has \(items.count) items where \(pass.batch) are run at a time")
    }
    let rounds = method.needsCounts ? 2 : 1
    for round in 0..<rounds {
      for run in 0..<runs {
        try between(Double(round * runs + run) / Double(rounds * runs))
        try items.read(run * pass.batch..<(run + 1) * pass.batch, into: block)
        if round == 0 {
          try calibration.widen(
            input: { UnsafeRawPointer(block.pointer($0)) }, countsMeans: correctsBias)
        } else {
          calibration.count(input: { UnsafeRawPointer(block.pointer($0)) })
        }
      }
    }
    var table = QuantizationTable(
      float.graph, sites, ranges: calibration.ranges(by: method), method: method,
      calibration: items.words(for: runs * pass.batch), isSeeded: items.isSeeded, kept: kept,
      source: digest(of: items.paths))
    if correctsBias {
      let bytes = sites.quantizations(try table.rangesByValue(of: float.graph, sites))
      table.corrections = try float.corrections(calibration, bytes)
    }
    return table
  }
}

extension InferenceSubject {
  /// What calibration runs over.
  ///
  /// - Parameter paths: As the command line has them; of a data set's folder the training images, and
  ///   seeded items for none.
  /// - Returns: Items that the subject takes.
  /// - Throws: Files that are absent, damaged or do not fit.
  package func calibrationItems(_ paths: [String]) throws(Problem) -> GivenItems {
    guard let first = paths.first else { return GivenItems() }
    if paths.count == 1, FashionMNIST.isIn(folder: first) {
      return try dataset(first).calibration
    }
    return try items(paths, of: "--calibration", most: GivenItems.mostOfCalibration)
  }

  /// Items of files.
  ///
  /// - Parameters:
  ///   - paths: As the command line has them.
  ///   - option: Whose values they are, for a sentence.
  ///   - most: Items that are taken at most.
  /// - Returns: Those of the files, in their order.
  /// - Throws: Files that are absent, damaged or do not fit.
  package func items(
    _ paths: [String], of option: String, most: Int = .max
  ) throws(Problem) -> GivenItems {
    switch self {
    case let sized as SizedModel where sized.model.network.item == .sequence:
      return try GivenItems(paths, for: sized, option: option, most: most)
    case let sized as SizedModel:
      return try GivenItems(
        paths, for: sized.model.network, size: sized.inputSize, most: most)
    case let model as ModelOfFile:
      return try GivenItems(paths, for: model, option: option, most: most)
    case let quantized as QuantizedSubject:
      return try quantized.base.items(paths, of: option, most: most)
    case let cast as BFloat16Subject:
      return try cast.base.items(paths, of: option, most: most)
    default: throw Problem(.usage, "\(option): \(name) reads no arrays.")
    }
  }
}
