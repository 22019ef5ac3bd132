import Basics
import CShims

extension RankGroup {
  /// What the links between neighbours in the ring of ranks give while all of them are used.
  package struct Links: Hashable, Sendable {
    /// Bytes a second that a rank sends, while it receives as many; those of the slowest link.
    package var bytesPerSecond: Double
    /// Seconds from a small message's start to its arrival; those of the slowest link.
    package var latencySeconds: Double
  }

  /// Floats of the largest messages, 4 MiB, and how often large ones are sent.
  private static let mostCount = 1 << 20
  private static let largeTurns = 8
  /// Of those that tell how large they may be, 64 KiB.
  private static let trialCount = 1 << 14
  private static let trialTurns = 2
  private static let smallTurns = 200
  /// Tag of messages that are no gradients.
  private static let tag = 32_767

  /// Sends messages round the ring, small ones and large ones; called on every rank.
  ///
  /// - Returns: The same on all ranks.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func measureLinks() throws(Problem) -> Links {
    // Given back only where all transfers have ended: MPI may still use them.
    let sent = UnsafeMutablePointer<Float>.allocate(capacity: Self.mostCount)
    let received = UnsafeMutablePointer<Float>.allocate(capacity: Self.mostCount)
    sent.initialize(repeating: 1, count: Self.mostCount)
    received.initialize(repeating: 0, count: Self.mostCount)
    let what = "the links between ranks"
    func slowest(_ count: Int, turns: Int) throws(Problem) -> Double {
      try barrier(what)
      let own = try turnSeconds(sent, received, count: count, turns: turns, what)
      return try gather([own], what).reduce(0) { max($0, $1[0]) }
    }
    let trial = try slowest(Self.trialCount, turns: Self.trialTurns)
    let count = Self.largeCount(trialSeconds: trial, stallSeconds: stallSeconds)
    let latency = try slowest(1, turns: Self.smallTurns)
    let seconds = try slowest(count, turns: Self.largeTurns)
    defer {
      sent.deallocate()
      received.deallocate()
    }
    let bytes = Double(count * MemoryLayout<Float>.stride)
    return Links(
      bytesPerSecond: bytes / max(seconds - latency, 1e-9), latencySeconds: latency)
  }

  /// Floats of a message that no link takes too long for.
  ///
  /// - Parameters:
  ///   - trialSeconds: What one of 64 KiB takes over the slowest link.
  ///   - stallSeconds: That a wait may take.
  /// - Returns: A power of two up to 4 MiB whose message takes at most a second and an eighth of
  ///   `stallSeconds`, by the trial; 64 KiB at least.
  package static func largeCount(trialSeconds: Double, stallSeconds: Double) -> Int {
    var count = trialCount
    let most = min(1, stallSeconds / 8)
    while count < mostCount, 2 * Double(count / trialCount) * trialSeconds <= most { count *= 2 }
    return count
  }

  /// The median of the times in which a message has gone to the next rank and one has come from the
  /// rank before.
  private func turnSeconds(
    _ sent: UnsafeMutablePointer<Float>, _ received: UnsafeMutablePointer<Float>, count: Int,
    turns: Int, _ what: String
  ) throws(Problem) -> Double {
    let (before, after) = ((rank + self.count - 1) % self.count, (rank + 1) % self.count)
    var times: [Double] = []
    // The first makes the connection.
    for turn in 0...turns {
      let begin = costcurve_clock_ns()
      var (down, up) = (RankRequest(), RankRequest())
      try receive(received, count: count, from: before, tag: Self.tag, &up)
      try send(sent, count: count, to: after, tag: Self.tag, &down)
      try wait(&up, what)
      try wait(&down, what)
      if turn > 0 { times.append(Double(costcurve_clock_ns() &- begin) * 1e-9) }
    }
    return times.sorted()[times.count / 2]
  }
}
