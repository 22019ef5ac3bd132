import Basics
import Foundation
import Harness
import Testing

/// The recorded turns of three identical multiplications on two threads beside much other work, by
/// process: heavy tails, and processes that were unequal from their beginning to their end.
struct ThreadNoise {
  /// The three arms of each block, nanoseconds per call.
  private var processes: [[[Double]]] = []

  init() throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "aa_triples_two_threads", withExtension: "csv",
        subdirectory: "Fixtures/noise"))
    var byProcess: [Int: [[Double]]] = [:]
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",").compactMap { Double($0) }
      guard cells.count == 4 else { continue }
      byProcess[Int(cells[0]), default: []].append(Array(cells[1...]))
    }
    processes = byProcess.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A set: different processes, in each some blocks in the order they were recorded, and any of
  /// the three as A, as B and as the control.
  func session(
    processes count: Int, pairs: Int, slowdown: Double, using random: inout SplitMix64
  ) -> [PairedBlocks] {
    processes.shuffled(using: &random).prefix(count).map { process in
      let start = Int.random(in: 0...(process.count - pairs), using: &random)
      let roles = [0, 1, 2].shuffled(using: &random)
      let arm = { (role: Int) in process[start..<start + pairs].map { $0[roles[role]] } }
      return PairedBlocks(a: arm(0), b: arm(1).map { $0 * (1 + slowdown) }, control: arm(2))
    }
  }
}
