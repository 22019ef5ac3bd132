import Glibc
import Kernels

extension SoftmaxLoss {
  /// The loss by the definition: softmax as quotients, then its logarithm.
  ///
  /// The specification for logits whose exponentials neither overflow nor vanish.
  static func reference<Label: FixedWidthInteger>(
    images: Int, classes: Int, logits: UnsafePointer<Float>, labels: UnsafePointer<Label>
  ) -> Double {
    var sum = 0.0
    for n in 0..<images {
      let exponentials = (0..<classes).map { exp(Double(logits[n * classes + $0])) }
      sum -= log(exponentials[Int(labels[n])] / exponentials.reduce(0, +))
    }
    return sum / Double(images)
  }
}
