import Foundation

/// The paired times of one process: in each block every arm once, in an order drawn anew.
package struct PairedBlocks: Codable, Hashable, Sendable {
  /// Nanoseconds per call of arm A, one per block.
  package var a: [Double]
  /// The same for arm B.
  package var b: [Double]
  /// The same for the control, which is A again with its own buffers.
  package var control: [Double]
  /// Whether nothing disturbed any of a block's samples.
  package var clean: [Bool]
  /// CPUs that all arms had to run on; absent where they could use every one.
  package var cpus: [Int]?

  package init(a: [Double], b: [Double], control: [Double] = [], clean: [Bool] = []) {
    precondition(a.count == b.count, "\(a.count) and \(b.count) paired values")
    precondition(control.isEmpty || control.count == a.count, "\(control.count) control values")
    precondition(clean.isEmpty || clean.count == a.count, "\(clean.count) marks of \(a.count)")
    (self.a, self.b, self.control) = (a, b, control)
    self.clean = clean.isEmpty ? a.map { _ in true } : clean
  }

  /// ln(B / A) of every block: above 0 where B is slower.
  package var differences: [Double] { zip(a, b).map { log($1 / $0) } }

  /// ln(A′ / A) of every block.
  package var controlDifferences: [Double] { zip(a, control).map { log($1 / $0) } }

  package var cleanDifferences: [Double] {
    zip(differences, clean).compactMap { $1 ? $0 : nil }
  }
}
