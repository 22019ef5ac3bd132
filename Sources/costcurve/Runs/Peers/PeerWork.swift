import Foundation
import Harness
import Kernels
import Models
import Workloads

/// The work that runtimes are given at one batch size and thread count: a case, and files that any
/// software reads.
struct PeerWork {
  var subject: WorkSubject
  /// Tokens of a sequence of a network; nil for the usual number.
  var tokens: Int?
  var isTraining: Bool
  var batch: Int
  var threads: Int
  /// Of weights and inputs.
  var seed: UInt64
  /// What layers multiply; nil for float32.
  var precision: CaseID.Precision?
  /// Arrays that the ranges of int8 are taken from; seeded ones for none.
  var calibration: [String] = []
  /// Bits of the weights of int8; nil for those that this build is fastest with.
  var weightBits: WeightBits?
  /// Who computes in float32, too, beside another precision.
  var besideF32 = FloatArms.own
  /// Whether nothing is said on the way.
  var quiet = true

  /// A case, and what of it is asked otherwise.
  struct Prepared {
    /// The case as our newest engine gets it.
    var request: CaseRequest
    /// Options of those that compute it in float32 beside another precision.
    var floatOptions: [String: String]
  }

  /// A folder for the files; the caller removes it.
  func makeFolder() throws -> String {
    let folder = NSTemporaryDirectory() + "costcurve-peers-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  /// The case as our newest engine gets it, its files written.
  ///
  /// - Parameters:
  ///   - folder: Where they go.
  ///   - command: What repeats it begins with, such as `costcurve peers`.
  /// - Returns: The case; its options name the files.
  /// - Throws: `Problem` for a full disk, and what cannot be exported, calibrated or computed.
  func prepared(in folder: String, command: String) throws -> Prepared {
    var options = subject.peerOptions
    if let tokens { options[.sequence] = "\(tokens)" }
    if precision == .int8 {
      if seed != 1 { options[.seed] = "\(seed)" }
      if let weightBits { options[.weightBits] = "\(weightBits.rawValue)" }
      options[.quantization] = try QuantizedWork(
        subject, options: options, calibration: calibration, threads: threads, quiet: quiet
      ).table()
      if !calibration.isEmpty { options[.calibration] = calibration.joined(separator: "\n") }
    }
    var request = CaseSuite.network(
      isTraining ? .train : .infer, name: subject.name, batch: batch, threads: threads,
      engine: .native, options: options, precision: precision)
    let files = try files(folder, request, table: options[.quantization])
    request.options.merge(files.options) { _, new in new }
    var line = command + (isTraining ? " --train" : "") + " \(subject.flags)"
    if let tokens { line += " --sequence \(tokens)" }
    line += " --batch-size \(batch) --threads \(threads)"
    if seed != 1 { line += " --seed \(seed)" }
    if let precision { line += " --precision \(precision.rawValue)" }
    if precision != nil, besideF32 != .own { line += " --beside-f32 \(besideF32.rawValue)" }
    for path in calibration { line += " --calibration \(ShellWords.quoted(path))" }
    if let weightBits { line += " --weight-bits \(weightBits.rawValue)" }
    request.repeat = line
    return Prepared(request: request, floatOptions: files.floatOptions)
  }

  /// Direct operations of one image, the same for all: what others execute is not known.
  func directPerImage(_ runners: [Race.Runner]) -> Double {
    runners.compactMap { runner in
      runner.prepared.map { $0.flop.direct / Double($0.imagesPerCall ?? batch) }
    }.max() ?? 0
  }

  private func files(
    _ folder: String, _ request: CaseRequest, table: String?
  ) throws -> PeerFiles {
    guard isTraining else {
      return try PeerFiles(
        folder: folder, of: subject, tokens: tokens, batch: batch,
        seed: UInt32(truncatingIfNeeded: seed), engine: .native, threads: threads,
        precision: precision, table: table)
    }
    // What losses are compared with is float32, whatever is computed in.
    var seeded = request
    if var id = CaseID(request.id) {
      id.precision = nil
      seeded.id = id.description
    }
    if seed != 1 { seeded.options[CaseOptions.Key.seed.rawValue] = "\(seed)" }
    return try PeerFiles(
      folder: folder, training: seeded, catalogue: .here(), precision: precision)
  }
}

extension WorkSubject {
  /// What of it a case's id does not say.
  fileprivate var peerOptions: [CaseOptions.Key: String] {
    switch self {
    case .network(let network): network.isSmall ? [.classes: "\(network.classes)"] : [:]
    case .file(let model): model.options
    }
  }
}
