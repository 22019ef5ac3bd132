import Reporter
import TestSupport
import Testing

/// No label of a reference line is struck by a line or touches another label.
@Suite struct RuleLabelsTests {
  private func check(_ labels: RuleLabels, _ comment: String) {
    for spot in labels.spots {
      let top = RuleLabels.baseline(of: spot, top: 0) - 12
      for other in labels.spots where other != spot {
        let start = RuleLabels.start(of: other, top: 0)
        let strikes = spot.span.contains(other.line) && start < top + 15
        #expect(!strikes, "\(comment): the line of '\(other.text)' strikes '\(spot.text)'")
        #expect(
          spot.row != other.row || !spot.span.overlaps(other.span),
          "\(comment): '\(spot.text)' touches '\(other.text)'")
      }
    }
  }

  @Test func wherePercentilesLieCloseTogether() {
    var random = SeededRandom(seed: 11)
    for round in 0..<300 {
      let rules = ["p50 25.6 ms", "p90 30.9 ms", "p95 35.1 ms", "p99 1 053 ms"].map {
        (x: Double.random(in: 40...340, using: &random), label: $0)
      }
      let labels = RuleLabels(rules, bounds: 0...360, fontSize: 12)
      #expect(labels.spots.map(\.line) == rules.map(\.x))
      check(labels, "round \(round)")
    }
  }

  @Test func whereLabelsAreAlmostAsWideAsTheChart() {
    for x in stride(from: 20.0, through: 340, by: 8) {
      let labels = RuleLabels(
        [
          (x: x, label: "measured FMA peak, 1 thread: 251 GFLOP/s"),
          (x: 275, label: "measured FMA peak, 2 threads: 498 GFLOP/s"),
        ], bounds: 0...360, fontSize: 12)
      #expect(labels.spots.count == 2)
      #expect(labels.spots.allSatisfy { $0.span.lowerBound >= 0 && $0.span.upperBound <= 360 })
      check(labels, "at \(x)")
    }
  }

  @Test func aLineWithRoomHasItsWholeLabelBesideIt() {
    let labels = RuleLabels([(x: 100, label: "p50")], bounds: 0...360, fontSize: 12)
    #expect(labels.rows == 1)
    #expect(labels.spots.first?.text == "p50")
    #expect(labels.spots.first?.x == 105)
    #expect(RuleLabels([], bounds: 0...360, fontSize: 12).rows == 0)
  }

  @Test(arguments: ChartLayout.Size.allCases) func inAHistogram(_ size: ChartLayout.Size) {
    let text = ChartRenderer.render(SampleCharts.histogram, size: size).text
    for label in ["p50 36.1 ms", "p90 41 ms", "p95 42 ms"] {
      #expect(text.contains(">\(label)</text>"))
    }
  }
}
