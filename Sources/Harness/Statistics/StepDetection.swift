import Foundation

/// Finds where a series of sessions jumped from one level to another.
///
/// The series is cut into the pieces that minimise `Σ |x − median of its piece| / b + penalty · pieces`
/// (the L1 Potts functional, as asv uses it), on logarithms, with `b` the typical distance of
/// neighbours and at least three sessions a piece, so that one bad session is never a step.
package enum StepDetection {
  /// A level that held over some sessions.
  package struct Piece: Hashable, Sendable {
    package var range: Range<Int>
    /// Geometric level, in the series' own unit.
    package var level: Double
  }

  /// Sessions that a level needs on its own.
  package static let minimumSessions = 3
  /// Steps below this share are not told.
  package static let smallestStep = 0.05
  /// Sessions that are looked at, the latest ones.
  package static let window = 200

  /// The pieces of a series of positive values, oldest first; one piece for fewer than 6 values.
  package static func pieces(_ values: [Double]) -> [Piece] {
    precondition(values.allSatisfy { $0 > 0 }, "a level at or below 0")
    let logs = values.suffix(window).map { log($0) }
    let skipped = values.count - logs.count
    let ends = logs.count < 2 * minimumSessions ? [logs.count] : cuts(logs)
    var pieces: [Piece] = []
    var start = 0
    for end in ends where end > start {
      let level = exp(Quantile.median(of: Array(logs[start..<end])))
      if let last = pieces.last, abs(level / last.level - 1) < smallestStep {
        let joined = last.range.lowerBound - skipped
        pieces[pieces.count - 1] = Piece(
          range: last.range.lowerBound..<(end + skipped),
          level: exp(Quantile.median(of: Array(logs[joined..<end]))))
      } else {
        pieces.append(Piece(range: (start + skipped)..<(end + skipped), level: level))
      }
      start = end
    }
    return pieces
  }

  /// Robust z-score of the last session among those before it, of the logarithms.
  ///
  /// - Parameter values: Oldest first; the last is judged by up to 30 before it.
  /// - Returns: nil for fewer than 8 sessions before it.
  package static func surprise(_ values: [Double]) -> Double? {
    guard let last = values.last, values.count > 8 else { return nil }
    let past = values.dropLast().suffix(30).map { log($0) }
    let spread = 1.4826 * Quantile.medianAbsoluteDeviation(of: past)
    guard spread > 0 else { return nil }
    let width = spread * (1 + 1 / Double(past.count)).squareRoot()
    return (log(last) - Quantile.median(of: past)) / width
  }

  /// The ends of the best pieces, by dynamic programming over all cuts.
  private static func cuts(_ logs: [Double]) -> [Int] {
    let n = logs.count
    let neighbours = zip(logs.dropFirst(), logs).map { abs($0 - $1) }
    let scale = max(Quantile.median(of: neighbours) / 1.4, 1e-4)
    let penalty = 4 * log(Double(n))
    var best = [Double](repeating: .infinity, count: n + 1)
    var from = [Int](repeating: 0, count: n + 1)
    best[0] = 0
    for start in 0...(n - minimumSessions) where best[start] < .infinity {
      // Sorted as it grows, so that each median is at hand.
      var piece: [Double] = []
      piece.reserveCapacity(n - start)
      for end in (start + 1)...n {
        let value = logs[end - 1]
        piece.insert(value, at: piece.firstIndex { $0 > value } ?? piece.count)
        guard piece.count >= minimumSessions else { continue }
        let level = Quantile.quantile(0.5, ofSorted: piece)
        let cost = best[start] + piece.reduce(0) { $0 + abs($1 - level) } / scale + penalty
        if cost < best[end] { (best[end], from[end]) = (cost, start) }
      }
    }
    var ends: [Int] = []
    var end = n
    while end > 0 {
      ends.append(end)
      end = from[end]
    }
    return ends.reversed()
  }
}
