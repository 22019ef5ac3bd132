import Harness
import Testing

/// Lines of progress come twice a minute, and say what is done and what is left.
struct ProgressLinesTests {
  private func at(_ fraction: Double, done: Int) -> MeasurementProgress {
    MeasurementProgress(
      phase: .timing, caseID: "infer/resnet50/b1/t2/native", done: done, total: 120,
      fraction: fraction)
  }

  @Test func aLineComesAfterHalfAMinuteAndNotSooner() {
    var lines = ProgressLines()
    let said = stride(from: 0.0, through: 100, by: 1).filter {
      lines.line(at($0 / 200, done: Int($0)), elapsed: $0) != nil
    }
    #expect(said == [30, 60, 90])
  }

  @Test func aLongStepDelaysALineAndLosesNone() {
    var lines = ProgressLines()
    let said = [10.0, 75, 80, 104, 105, 106].filter {
      lines.line(at(0.5, done: 1), elapsed: $0) != nil
    }
    #expect(said == [75, 105])
  }

  @Test func itSaysWhatIsDoneAndLeft() {
    var lines = ProgressLines()
    #expect(
      lines.line(at(0.375, done: 45), elapsed: 123)
        == "37 % done (45 of 120) after 2 min 3 s, about 3 min 25 s left; "
        + "timing infer/resnet50/b1/t2/native")
  }

  /// In a step that lasts, the share that is done stands still: what is left cannot be told by it.
  @Test func withinAStepNothingIsSaidOfTheRest() {
    var lines = ProgressLines()
    let within = { (elapsed: Double) in
      lines.line(at(0.5, done: 1), elapsed: elapsed, isWithinStep: true)
    }
    #expect(within(29) == nil)
    #expect(
      within(45) == "50 % done (1 of 120) after 45 s; timing infer/resnet50/b1/t2/native")
    #expect(within(46) == nil)
  }

  @Test func tooLittleTellsNothingOfTheRest() {
    var lines = ProgressLines()
    #expect(
      lines.line(at(0.01, done: 1), elapsed: 45)
        == "1 % done (1 of 120) after 45 s; timing infer/resnet50/b1/t2/native")
  }
}
