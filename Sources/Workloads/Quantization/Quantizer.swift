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
  /// Whether the first layer stays float; nil where measured loss decides, as `EdgeChoice` has it.
  package var keepsFirst: Bool?
  /// Whether the last layer stays float; nil where measured loss decides.
  package var keepsLast: Bool?
  /// Bits of weights where that is said; nil for those that this build is fastest with.
  package var givenBits: WeightBits?

  /// Quantizes as it is usual.
  ///
  /// - Parameters:
  ///   - threads: Threads that calibration runs on.
  ///   - weightBits: Bits of weights; nil for those that this build is fastest with.
  package init(threads: Int, weightBits: WeightBits? = nil) {
    (self.threads, givenBits) = (threads, weightBits)
  }

  /// Bits of weights.
  package var weightBits: WeightBits { givenBits ?? .usual }

  /// The rule, in words; threads change no range.
  package var settings: [String] {
    // The usual rule is written as it was before any loss was measured, so that ids stay the same.
    let edges = [keepsFirst, keepsLast].map { keeps in
      keeps.map { $0 ? "true" : "quantized" } ?? "false"
    }
    // Of 8 bits nothing is written, for the same reason.
    let bits = weightBits == .eight ? [] : ["\(weightBits.rawValue)-bit weights"]
    return [method.description, "\(correctsBias)"] + edges + bits
  }

  /// What tells its ranges from others of the same network: a digest of the rule, of files, and of
  /// what measured loss has left in float.
  ///
  /// - Parameters:
  ///   - paths: Of calibration, as the command line has them.
  ///   - kept: Layers that were found to stay float, which makes another case of it.
  /// - Returns: Eight hexadecimal digits; nil for the usual rule with weights of 8 bits and seeded items
  ///   where all layers are on bytes, and for a file that cannot be read.
  package func digest(of paths: [String], keeping kept: [String] = []) -> String? {
    let isUsual = paths.isEmpty && kept.isEmpty
    let plain = Quantizer(threads: threads, weightBits: .eight)
    guard !isUsual || settings != plain.settings else { return nil }
    var hash = FNV1a()
    for setting in settings { hash.add(setting + "\n") }
    for layer in kept { hash.add("\(layer) in float\n") }
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
  /// - Throws: Arrays or bits beside a QDQ file, files that do not fit, or no layer that can be quantized.
  package func quantized(
    _ subject: any InferenceSubject, table: String?, calibration: [String]
  ) throws -> QuantizedSubject {
    let pass = try subject.writtenPass(batch: subject.smallestBatch)
    if pass.graph.isQuantized {
      try refuse(calibration, for: subject)
      return try QuantizedSubject(subject, table: nil)
    }
    if let table, FileManager.default.fileExists(atPath: table) {
      return try QuantizedSubject(subject, table: try QuantizationTable(path: table))
    }
    let items = try subject.calibrationItems(calibration)
    return try QuantizedSubject(subject, table: try self.table(of: pass, items: items))
  }

  /// Refuses what a QDQ file says itself.
  ///
  /// - Parameters:
  ///   - calibration: Arrays to calibrate with.
  ///   - subject: Of a QDQ file.
  /// - Throws: Usage, for arrays and for bits of weights that were given.
  package func refuse(_ calibration: [String], for subject: any InferenceSubject) throws(Problem) {
    let given = [
      (calibration.isEmpty, "--calibration"), (givenBits == nil, "--weight-bits"),
    ].first { !$0.0 }
    guard let option = given?.1 else { return }
    throw Problem(
      .usage, "\(option): \(subject.weightsName) says itself how it is quantized; leave it out.")
  }

  /// Calibrates a pass, and finds out by few of the items whether its first and last layer stay float,
  /// unless that is said.
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
    let (kept, either) = edges(of: float)
    let sites = QuantizationSites(float.graph, keeping: kept)
    guard !sites.layers.isEmpty else {
      throw Problem(
        .malformed,
        "there is no layer to be quantized; int8 is for convolutions and fully connected layers "
          + "that have filters of their own, stored one after the other")
    }
    let names = Set(sites.layers.map { float.graph.nodes[$0].name })
    let measured = either.filter { names.contains($0) }
    let seen = try CalibratedPass(
      pass, float, sites, items: items, quantizer: self, comparesAnswers: !measured.isEmpty,
      between: between)
    let choice = try EdgeChoice.measured(
      measured.map { seen.edge($0) }, items: seen.comparedItems
    ) { layers in
      try seen.error(keeping: kept.union(layers)) { try between(1) }
    }
    let found = choice?.kept ?? []
    var table = try seen.table(keeping: kept.union(found))
    table.edges = choice
    table.source = digest(of: items.paths, keeping: found)
    return table
  }

  /// Layers that stay float in any case, and those of which that is to be found out.
  private func edges(of float: FloatGraph) -> (kept: Set<String>, either: [String]) {
    guard let ends = float.ends else { return ([], []) }
    var (kept, either) = (Set<String>(), [String]())
    for (layer, keeps) in [(ends.first, keepsFirst), (ends.last, keepsLast)] {
      switch keeps {
      case true?: kept.insert(layer)
      case false?: break
      case nil: either.append(layer)
      }
    }
    // Where one layer is both, it is tried once.
    if ends.first == ends.last { either = Array(either.prefix(1)) }
    return (kept, either)
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
