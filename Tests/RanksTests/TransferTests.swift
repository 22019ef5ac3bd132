import Ranks
import Testing

/// How long transfers are cut, without an MPI.
@Suite struct TransferTests {
  @Test(arguments: [0, 1, 4 << 20, (4 << 20) + 1, 102_000_000])
  func partsCoverATransfer(count: Int) {
    let parts = RankGroup.parts(of: count)
    #expect(parts.allSatisfy { (1...4 << 20).contains($0.count) })
    #expect(parts.reduce(0) { $0 + $1.count } == count)
    for (one, next) in zip(parts, parts.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
    #expect(parts.first?.lowerBound ?? 0 == 0)
  }

  /// Over a slow link messages are smaller, so that none takes as long as a rank that hangs.
  @Test func messagesFitTheLink() {
    func bytes(_ trialSeconds: Double, _ stallSeconds: Double = 300) -> Int {
      4 * RankGroup.largeCount(trialSeconds: trialSeconds, stallSeconds: stallSeconds)
    }
    // 1 Gbit/s, 1 Mbit/s and 10 kbit/s.
    #expect(bytes(5e-4) == 4 << 20)
    #expect(bytes(0.5) == 128 << 10)
    #expect(bytes(50) == 64 << 10)
    #expect(bytes(0.1) == 512 << 10)
    #expect(bytes(0.1, 2) == 128 << 10)
  }
}
