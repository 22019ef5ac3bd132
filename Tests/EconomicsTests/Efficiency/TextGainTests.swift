import Economics
import Testing

/// The work to one loss by LSTMs and a Transformer, beside what is published of translation.
@Suite struct TextGainTests {
  private static func work(_ reached: [Double]) -> RunWork { RunWork(reached: reached, look: 0) }

  @Test func comparesGeometricMeans() throws {
    let newer = Self.work([2e15, 1e15, 0.5e15])
    let gain = try #require(try TextGain(older: Self.work([8e15, 2e15, 4e15]), newer: newer))
    #expect(abs(gain.ratio - 4) < 1e-12)
    #expect(gain.ratioRange == [1, 16] && gain.runs == [3, 3] && gain.ratioCi95?.count == 2)
    #expect(try TextGain(older: Self.work([1]), newer: Self.work([1]))?.ratioCi95 == nil)
    #expect(try TextGain(older: Self.work([]), newer: Self.work([1])) == nil)
  }

  @Test func standsBesideTheClaim() throws {
    let gain = try #require(try TextGain(older: Self.work([1]), newer: Self.work([2])))
    let published = gain.published
    #expect(published.stated == 61)
    #expect(abs(published.counted - 59.940_642_223) < 1e-8)
    #expect(abs(published.countedOneModel - published.counted / 5) < 1e-9)
    #expect(TextGain.caveats.contains { $0.hasPrefix("It does not test the 61x") })
  }
}
