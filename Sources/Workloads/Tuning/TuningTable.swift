import Basics
import Foundation
import Harness
import Kernels

/// Which algorithm was fastest on this machine, by shape: what `--autotune` found.
package struct TuningTable: Codable, Equatable, Sendable {
  /// What the times hold for: processor, instruction set and the very binary.
  package var fingerprint: String
  /// Algorithm ids by `key(_:threads:)`.
  package var choices: [String: ConvAlgorithm]

  package init(fingerprint: String, choices: [String: ConvAlgorithm] = [:]) {
    (self.fingerprint, self.choices) = (fingerprint, choices)
  }

  /// Names a layer's shape at a thread count.
  package static func key(_ shape: ConvShape, threads: Int) -> String {
    "\(shape)/t\(threads)"
  }

  /// The algorithm found for a shape, where it was timed and can still compute it.
  package func algorithm(for shape: ConvShape, threads: Int) -> ConvAlgorithm? {
    choices[Self.key(shape, threads: threads)].flatMap { $0.supports(shape) ? $0 : nil }
  }

  /// Reads a table.
  ///
  /// - Throws: A sentence for the user when the file is damaged or was made by another binary or
  ///   on another machine; nothing when it is merely missing.
  package static func read(from path: String, fingerprint: String) throws(Problem) -> TuningTable? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    guard let table = try? JSONDecoder().decode(TuningTable.self, from: data) else {
      throw Problem(.malformed, "'\(path)' is damaged; --autotune makes it anew.")
    }
    guard table.fingerprint == fingerprint else {
      throw Problem(
        .malformed,
        "'\(path)' is of another binary or machine; "
          + "--autotune makes it anew.")
    }
    return table
  }
}
