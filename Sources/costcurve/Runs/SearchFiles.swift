import Basics
import Formats
import Foundation
import Graphs
import Harness
import Interchange
import Models
import Programs
import Workloads

/// The files that external runtimes are given in a search: those of one precision and batch size at
/// a time, for each has weights of its own.
final class SearchFiles {
  private let subject: WorkSubject
  /// Tokens of a sequence of a network; nil for the usual number.
  private let tokens: Int?
  private let seed: UInt64
  private let threads: Int
  /// Options of a case of ours in int8; nil where there is none.
  private let bytes: [CaseOptions.Key: String]?
  private let folder: String
  private var current: (precision: CaseID.Precision?, batch: Int, options: [String: String])?
  private var written: ModelOfFile?

  /// Makes the folder that they lie in.
  ///
  /// - Throws: Where it cannot be made.
  init(
    of subject: WorkSubject, tokens: Int?, seed: UInt64, threads: Int,
    bytes: [CaseOptions.Key: String]?
  ) throws {
    (self.subject, self.tokens, self.seed) = (subject, tokens, seed)
    (self.threads, self.bytes) = (threads, bytes)
    folder = NSTemporaryDirectory() + "costcurve-search-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Options that name them.
  ///
  /// - Parameters:
  ///   - precision: What layers multiply; nil for float32.
  ///   - batch: Items.
  /// - Returns: What a `prepare` line takes.
  /// - Throws: A full disk, and what cannot be exported or computed.
  func options(
    _ precision: CaseID.Precision?, _ batch: Int
  ) throws(Problem) -> [String: String] {
    if let current, current.precision == precision, current.batch == batch {
      return current.options
    }
    do {
      let work: WorkSubject = try precision == nil ? subject : .file(quantized())
      let place = folder + "/case"
      try? FileManager.default.removeItem(atPath: place)
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let files = try PeerFiles(
        folder: place, of: work, tokens: precision == nil ? tokens : nil, batch: batch,
        seed: UInt32(truncatingIfNeeded: seed), engine: .native, threads: threads)
      current = (precision, batch, files.options)
      return files.options
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(.cannotWrite, "the files of external runtimes: \(error)")
    }
  }

  /// The subject as a file that says itself how it is quantized, written once.
  private func quantized() throws -> ModelOfFile {
    if let written { return written }
    let model: ModelOfFile
    let base = try QuantizedWork.subject(subject, bytes ?? [:])
    let pass = try base.writtenPass(batch: base.smallestBatch)
    if pass.graph.isQuantized, case .file(let given) = subject {
      model = given
    } else {
      guard let path = bytes?[.quantization] else {
        throw Problem(.malformed, "\(base.name) has no ranges for int8.")
      }
      let float = try FloatGraph(pass.graph, weights: pass.weights)
      let graph = try QuantizedGraph(float, by: try QuantizationTable(path: path))
      let file = folder + "/quantized.onnx"
      try ModelExport.model(
        of: graph.graph, name: base.name, weights: graph.weights,
        batch: base.smallestBatch == 1 ? nil : base.smallestBatch
      ).write(to: file)
      model = try ModelOfFile(path: file)
    }
    written = model
    return model
  }
}
