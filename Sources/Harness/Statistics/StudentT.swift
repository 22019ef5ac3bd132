import Foundation

package enum StudentT {
  /// The quantile at `p`, strictly between 0 and 1; symmetric around 0.
  package static func quantile(_ p: Double, degreesOfFreedom: Double) -> Double {
    precondition(p > 0 && p < 1, "t quantile at \(p)")
    if p == 0.5 { return 0 }
    if p < 0.5 { return -quantile(1 - p, degreesOfFreedom: degreesOfFreedom) }
    // The upper tail is bisected, not the distribution: 1 − p keeps its digits near 1.
    let tail = 1 - p
    return SpecialFunctions.bisect(p, from: 0, to: 1e9) { t in
      0.5 * pValue(t, degreesOfFreedom: degreesOfFreedom) > tail ? 0 : 1
    }
  }

  /// Two-sided p value of `t`.
  package static func pValue(_ t: Double, degreesOfFreedom: Double) -> Double {
    let x = degreesOfFreedom / (degreesOfFreedom + t * t)
    return SpecialFunctions.incompleteBeta(degreesOfFreedom / 2, 0.5, x)
  }
}
