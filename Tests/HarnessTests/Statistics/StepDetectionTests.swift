import Basics
import Foundation
import Harness
import Testing

@Suite struct StepDetectionTests {
  private func series(_ levels: [(Double, Int)], noise: Double, seed: UInt64 = 1) -> [Double] {
    var random = SplitMix64(seed: seed)
    return levels.flatMap { level, count in
      (0..<count).map { _ in level * exp(Double.random(in: -noise...noise, using: &random)) }
    }
  }

  @Test func findsAStepWhereItIs() {
    let pieces = StepDetection.pieces(series([(100, 20), (120, 15)], noise: 0.03))
    #expect(pieces.count == 2)
    #expect(pieces.first?.range == 0..<20)
    #expect(abs((pieces.last?.level ?? 0) / 120 - 1) < 0.03)
  }

  @Test func oneBadSessionIsNoStep() {
    var values = series([(100, 30)], noise: 0.03)
    values[12] = 180
    #expect(StepDetection.pieces(values).count == 1)
  }

  @Test func steadyNoiseHasNoSteps() {
    let found = (1...40).count { seed in
      StepDetection.pieces(series([(100, 40)], noise: 0.08, seed: UInt64(seed))).count > 1
    }
    #expect(found <= 1, "\(found) of 40 steady series were cut")
  }

  @Test func fewSessionsAreOnePiece() {
    #expect(StepDetection.pieces([1, 1, 1, 9, 9]).count == 1)
    #expect(StepDetection.pieces([1, 1, 1, 9, 9, 9]).count == 2)
    #expect(StepDetection.pieces([5]).map(\.range) == [0..<1])
    #expect(StepDetection.pieces([]).isEmpty)
  }

  @Test func smallStepsAreNotTold() {
    #expect(StepDetection.pieces(series([(100, 30), (103, 30)], noise: 0.005)).count == 1)
  }

  @Test func surpriseNeedsAPast() {
    #expect(StepDetection.surprise(series([(100, 8)], noise: 0.02)) == nil)
    let usual = StepDetection.surprise(series([(100, 20)], noise: 0.02)) ?? .infinity
    #expect(abs(usual) < 4)
    let odd = StepDetection.surprise(series([(100, 20)], noise: 0.02) + [130]) ?? 0
    #expect(odd > 4)
  }
}
