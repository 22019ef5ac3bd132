import Harness
import Testing
import Workloads

/// A peak that something else exceeds is none.
@Suite struct PeakMeterTests {
  @Test func holdsTheOthersToTheBoundOfCases() throws {
    #expect(PeakMeter.peak(100, beside: [3, 0, 101.9]) == 100)
    #expect(PeakMeter.peak(100, beside: [3, 102.1]) == nil)
    #expect(PeakMeter.peak(100, beside: []) == 100)
  }
}
