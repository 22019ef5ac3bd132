import Basics
import Foundation
import Harness
import Testing

/// The recorded pairs of two identical multiplications, by process.
struct RecordedNoise {
  /// First and second arm of each pair, nanoseconds per call.
  var processes: [[(first: Double, second: Double)]] = []

  init(size: Int) throws {
    let url = try #require(
      Bundle.module.url(
        forResource: "aa_pairs_gemm\(size)", withExtension: "csv",
        subdirectory: "Fixtures/noise"))
    let text = try String(contentsOf: url, encoding: .utf8)
    var byProcess: [Int: [(first: Double, second: Double)]] = [:]
    for line in text.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: ",").compactMap { Double($0) }
      guard cells.count == 3 else { continue }
      byProcess[Int(cells[0]), default: []].append((cells[1] * 1e9, cells[2] * 1e9))
    }
    processes = byProcess.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A session as a live comparison would have it: fresh processes, pairs drawn without return,
  /// either buffer as arm A, and for the control the pairs of other processes.
  func session(
    processes count: Int, pairs: Int, slowdown: Double, using random: inout SplitMix64
  ) -> [PairedBlocks] {
    let order = processes.indices.shuffled(using: &random)
    return (0..<count).map { index in
      let own = processes[order[index]]
      let other = processes[order[(index + count) % order.count]]
      let (swap, swapControl) = (
        Bool.random(using: &random), Bool.random(using: &random)
      )
      let drawn = own.indices.shuffled(using: &random).prefix(pairs).map { own[$0] }
      let drawnControl = other.indices.shuffled(using: &random).prefix(pairs).map { other[$0] }
      let a = drawn.map { swap ? $0.second : $0.first }
      let b = drawn.map { (swap ? $0.first : $0.second) * (1 + slowdown) }
      let control = zip(a, drawnControl).map { base, pair in
        base * (swapControl ? pair.first / pair.second : pair.second / pair.first)
      }
      return PairedBlocks(a: a, b: b, control: control)
    }
  }
}
