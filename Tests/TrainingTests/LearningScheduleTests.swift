import Testing
import Training

/// Learning rates at the steps that publications name.
@Suite struct LearningScheduleTests {
  /// A schedule, a step, and the share of the peak that the rate is there.
  static let rates: [(schedule: LearningSchedule, step: Int, share: Double)] = [
    (.constant, 1, 1), (.constant, 1_000_000, 1),
    (.bert, 1, 1e-4), (.bert, 5_000, 0.5), (.bert, 10_000, 1), (.bert, 505_000, 0.5),
    (.bert, 1_000_000, 0), (.bert, 1_000_001, 0),
    (.gpt3, 117, 1), (.gpt3, 81_250, 0.1), (.gpt3, 93_750, 0.1),
    (.cosine(warmUp: 0, steps: 100, least: 0.2), 50, 0.6),
    (.seq2seq, 468_750, 1), (.seq2seq, 468_751, 0.5), (.seq2seq, 515_625, 0.5),
    (.seq2seq, 515_626, 0.25),
    // Up to the 4000th step, where both terms meet: 1 / √(512 · 4000).
    (.transformer, 4_000, 0.000_698_771_242_968_684), (.transformer, 1_000, 0.000_174_692_81),
    (.transformer, 16_000, 0.000_349_385_62),
  ]

  @Test(arguments: rates)
  func isAsPublished(one: (schedule: LearningSchedule, step: Int, share: Double)) {
    let rate = one.schedule.rate(peak: 3e-4, step: one.step)
    #expect(abs(rate - 3e-4 * one.share) < 3e-4 * 1e-7, "\(one)")
  }

  @Test func goesUpOnceAndThenDown() {
    for schedule in [LearningSchedule.bert, .gpt3, .transformer, .seq2seq] {
      let rates = (1...120).map { schedule.rate(peak: 1, step: $0 * 8_000) }
      let top = rates.firstIndex(of: rates.max() ?? 0) ?? 0
      for index in rates.indices.dropFirst() where index > top + 1 {
        #expect(rates[index] <= rates[index - 1])
      }
      #expect(rates.allSatisfy { $0 >= 0 && $0 <= 1 })
    }
  }
}
