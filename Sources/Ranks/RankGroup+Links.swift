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

  /// Floats of the large messages, 4 MiB, and how often each size is sent.
  private static let largeCount = 1 << 20
  private static let largeTurns = 8
  private static let smallTurns = 200
  /// Tag of messages that are no gradients.
  private static let tag = 32_767

  /// Sends messages round the ring, small ones and large ones; called on every rank.
  ///
  /// - Returns: The same on all ranks.
  /// - Throws: `caseFailed` where another rank hangs or has gone.
  package func measureLinks() throws(Problem) -> Links {
    let sent = UnsafeMutablePointer<Float>.allocate(capacity: Self.largeCount)
    let received = UnsafeMutablePointer<Float>.allocate(capacity: Self.largeCount)
    sent.initialize(repeating: 1, count: Self.largeCount)
    received.initialize(repeating: 0, count: Self.largeCount)
    defer {
      sent.deallocate()
      received.deallocate()
    }
    let what = "the links between ranks"
    try barrier(what)
    let small = try turnSeconds(sent, received, count: 1, turns: Self.smallTurns, what)
    try barrier(what)
    let large = try turnSeconds(
      sent, received, count: Self.largeCount, turns: Self.largeTurns, what)
    let slowest = try gather([small, large], what)
    let latency = slowest.reduce(0) { max($0, $1[0]) }
    let seconds = slowest.reduce(0) { max($0, $1[1]) }
    let bytes = Double(Self.largeCount * MemoryLayout<Float>.stride)
    return Links(
      bytesPerSecond: bytes / max(seconds - latency, 1e-9), latencySeconds: latency)
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
