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
  /// CPUs that all arms had to run on, the caller's first; absent where they could use every one.
  package var cpus: [Int]?

  package init(a: [Double], b: [Double], control: [Double] = [], clean: [Bool] = []) {
    precondition(a.count == b.count, "\(a.count) and \(b.count) paired values")
    precondition(control.isEmpty || control.count == a.count, "\(control.count) control values")
    precondition(clean.isEmpty || clean.count == a.count, "\(clean.count) marks of \(a.count)")
    (self.a, self.b, self.control) = (a, b, control)
    self.clean = clean.isEmpty ? a.map { _ in true } : clean
  }

  /// ln(B / A) of the blocks that count, above 0 where B is slower: of the clean ones where they
  /// are enough for a median, else of all.
  ///
  /// A block is clean by what befell all of its arms, so leaving others out favours none of them;
  /// what a disturbance does to a ratio is larger than what is looked for.
  package var differences: [Double] { counted(allDifferences) }

  /// ln(A′ / A) of the same blocks.
  package var controlDifferences: [Double] { counted(zip(a, control).map { log($1 / $0) }) }

  /// ln(B / A) of every block.
  package var allDifferences: [Double] { zip(a, b).map { log($1 / $0) } }

  /// The blocks of these numbers without their control, each as often as it is named.
  func picked(_ blocks: some Sequence<Int>) -> PairedBlocks {
    let blocks = Array(blocks)
    return PairedBlocks(
      a: blocks.map { a[$0] }, b: blocks.map { b[$0] }, clean: blocks.map { clean[$0] })
  }

  /// Clean blocks that are enough, if they are also a quarter of all.
  private static let fewestClean = 8

  /// Whether the clean blocks are enough for a median.
  fileprivate var isTelling: Bool { Self.areEnough(clean) }

  /// Whether marks of blocks are enough clean ones for a median, or clean throughout.
  static func areEnough(_ clean: [Bool]) -> Bool {
    let count = clean.count { $0 }
    return count == clean.count || (count >= fewestClean && 4 * count >= clean.count)
  }

  private func counted(_ values: [Double]) -> [Double] {
    isTelling ? zip(values, clean).compactMap { $1 ? $0 : nil } : values
  }
}

extension [PairedBlocks] {
  /// Processes with enough clean blocks that are enough to leave out the others.
  private static var fewestTelling: Int { 5 }

  /// The processes that count: those with enough clean blocks, or all where these are too few.
  ///
  /// What has a CPU half of the time leaves some processes hardly a clean block; their medians are
  /// ten times as far apart, and their number makes the interval as wide.
  package var telling: [PairedBlocks] {
    let some = filter(\.isTelling)
    return some.count >= Self.fewestTelling ? some : self
  }
}
