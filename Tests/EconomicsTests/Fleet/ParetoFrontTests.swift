import Basics
import Economics
import TestSupport
import Testing

/// What no other point beats in both figures.
struct ParetoFrontTests {
  @Test func whatIsBeatenInBothIsOff() {
    #expect(ParetoFront.places(of: []) == [])
    #expect(ParetoFront.places(of: [(first: 1, second: 1)]) == [0])
    #expect(
      ParetoFront.places(of: [(first: 3, second: 1), (first: 1, second: 3), (first: 3, second: 3)])
        == [1, 0])
    #expect(
      ParetoFront.places(of: [(first: 1, second: 2), (first: 1, second: 1)]) == [1],
      "as good in one and worse in the other")
    #expect(
      ParetoFront.places(of: [(first: 1, second: 1), (first: 1, second: 1)]).count == 2,
      "equals beat each other in nothing")
  }

  @Test func noneOnTheFrontIsBeatenAndAllOthersAre() {
    var random = SeededRandom(seed: 3)
    let points = (0..<60).map { _ in
      (
        first: Double.random(in: 0...1, using: &random),
        second: Double.random(in: 0...1, using: &random)
      )
    }
    let front = ParetoFront.places(of: points)
    for place in points.indices {
      let isBeaten = points.contains {
        $0.first < points[place].first && $0.second < points[place].second
      }
      #expect(front.contains(place) != isBeaten)
    }
    #expect(front.map { points[$0].first } == front.map { points[$0].first }.sorted())
  }
}
