import Glibc

/// How the learning rate of a published training goes, step by step.
package enum LearningSchedule: Hashable, Sendable {
  /// The same in every step.
  case constant
  /// Up in equal steps, then down in equal steps to 0 at the last one, as BERT's (Devlin et al. (2019),
  /// appendix A.2).
  case linear(warmUp: Int, steps: Int)
  /// `1 / √width · min(1 / √t, t / warmUp^1.5)` (Vaswani et al. (2017), section 5.3).
  case inverseRoot(width: Int, warmUp: Int)
  /// Up in equal steps, then half a cosine down to a share of the peak, which stays, as GPT-3's (Brown et
  /// al. (2020), appendix B).
  case cosine(warmUp: Int, steps: Int, least: Double)
  /// The same until a step, then halved at once and again after each of so many, as Sutskever et al.
  /// (2014), section 3.4, halve theirs every half epoch.
  case halving(after: Int, every: Int)

  /// BERT's million steps of 256 sequences.
  package static let bert = LearningSchedule.linear(warmUp: 10_000, steps: 1_000_000)
  /// GPT-3's 300 billion tokens at 3.2 million a step: warm-up over 375 million, down over 260 billion.
  package static let gpt3 = LearningSchedule.cosine(warmUp: 117, steps: 81_250, least: 0.1)
  /// The Transformer's, base; the peak is a factor of it, 1 in the paper.
  package static let transformer = LearningSchedule.inverseRoot(width: 512, warmUp: 4000)
  /// seq2seq's 7.5 epochs of 12 million pairs, 128 a step: halved each half epoch from the fifth on.
  package static let seq2seq = LearningSchedule.halving(after: 468_750, every: 46_875)

  /// The rate of a step.
  ///
  /// - Parameters:
  ///   - peak: The largest rate, or a factor.
  ///   - step: From 1 on.
  /// - Returns: At least 0.
  package func rate(peak: Double, step: Int) -> Double {
    let t = Double(max(step, 1))
    switch self {
    case .constant: return peak
    case .linear(let warmUp, let steps):
      guard step > warmUp else { return peak * t / Double(max(warmUp, 1)) }
      return peak * max(0, Double(steps - step) / Double(max(steps - warmUp, 1)))
    case .inverseRoot(let width, let warmUp):
      let up = t / pow(Double(max(warmUp, 1)), 1.5)
      return peak * min(1 / t.squareRoot(), up) / Double(width).squareRoot()
    case .cosine(let warmUp, let steps, let least):
      guard step > warmUp else { return peak * t / Double(max(warmUp, 1)) }
      let progress = min(1, Double(step - warmUp) / Double(max(steps - warmUp, 1)))
      return peak * (least + (1 - least) * (1 + cos(Double.pi * progress)) / 2)
    case .halving(let after, let every):
      guard step > after else { return peak }
      return peak * pow(0.5, Double(1 + (step - after - 1) / max(every, 1)))
    }
  }
}
