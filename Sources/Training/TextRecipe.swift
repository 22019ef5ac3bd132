import Kernels

/// Everything that decides how training on a text goes; with the same one, it goes the same.
package struct TextRecipe: EpochRecipe, Hashable {
  /// Sequences of one step.
  package var batch: Int
  /// Bytes of a sequence.
  package var tokens: Int
  /// Passes over what is learned from; the learning rate's course depends on it.
  package var epochs: Int
  package var peakRate: Double
  /// Share of the weights that a step of rate 1 takes off.
  package var weightDecay: Double
  /// Of weights and order.
  package var seed: UInt32

  package init(
    batch: Int = 32, tokens: Int = 128, epochs: Int = 6, peakRate: Double = 2e-3,
    weightDecay: Double = 0.1, seed: UInt32 = 1
  ) {
    (self.batch, self.tokens, self.epochs) = (batch, tokens, epochs)
    (self.peakRate, self.weightDecay, self.seed) = (peakRate, weightDecay, seed)
  }

  /// Bytes that an evaluation tells at most.
  private static let mostTestBytes = 1 << 16

  /// Sequences of a text's test that an evaluation tells: whole batches, 64 KiB at most.
  ///
  /// - Parameter text: Long enough for the recipe.
  /// - Returns: Sequences of a batch, and of all batches.
  package func told(of text: ByteText) -> (batch: Int, count: Int) {
    let most = min((text.test.count - 1) / tokens, max(1, Self.mostTestBytes / tokens))
    let batch = min(self.batch, most)
    return (batch, most / batch * batch)
  }

  /// Bytes of a text's test that an evaluation tells.
  package func testBytes(of text: ByteText) -> Int { told(of: text).count * tokens }

  /// AdamW with the numbers of GPT-3 (Brown 2020, appendix B), for every network.
  package var optimizer: Optimizer {
    Optimizer(
      .adamw, learningRate: peakRate, secondMomentum: 0.95, weightDecay: weightDecay, clip: 1)
  }

  /// The learning rate of one step: up over a twentieth of all steps, then half a cosine down to a tenth.
  ///
  /// - Parameters:
  ///   - step: From 0.
  ///   - steps: Of the whole run.
  /// - Returns: Above 0.
  package func rate(step: Int, of steps: Int) -> Double {
    LearningSchedule.cosine(warmUp: max(1, steps / 20), steps: steps, least: 0.1)
      .rate(peak: peakRate, step: step + 1)
  }
}
