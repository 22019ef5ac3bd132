import Glibc

/// Mean cross-entropy of a softmax over logits, and its gradient.
///
/// `loss = 1/N · Σ (log Σ exp(z) - z[label])`, all in float64 with the largest logit taken out, so
/// that no exponential overflows.
public enum SoftmaxLoss {
  /// Computes the loss and, if asked, its derivative by the logits.
  ///
  /// Runs on the calling thread: a batch of 16 over 1000 classes takes some hundred microseconds.
  ///
  /// - Parameters:
  ///   - images: Rows of the logits, at least 1.
  ///   - classes: Columns of the logits.
  ///   - logits: `images × classes`.
  ///   - labels: `images` class numbers, each in `0 ..< classes`.
  ///   - gradient: `images × classes`, overwritten with `weight · (softmax - onehot) / (images ·
  ///     shards)`; may be the logits themselves; nil for none.
  ///   - shards: Batches like this one that the mean is over.
  ///   - weight: What the mean is multiplied by.
  /// - Returns: The mean loss by its weight, of several shards this one's part of it; NaN when a logit
  ///   is.
  public static func compute<Label: FixedWidthInteger>(
    images: Int, classes: Int, logits: UnsafePointer<Float>, labels: UnsafePointer<Label>,
    gradient: UnsafeMutablePointer<Float>? = nil, shards: Int = 1, weight: Double = 1
  ) -> Double {
    precondition(images > 0 && classes > 0, "no loss of \(images) images, \(classes) classes")
    var sum = 0.0
    for n in 0..<images {
      let label = Int(labels[n])
      precondition((0..<classes).contains(label), "label \(label) of image \(n) is no class")
      sum += row(
        classes, logits + n * classes, label, gradient.map { $0 + n * classes }, images * shards,
        weight)
    }
    return weight * sum / Double(images * shards)
  }

  /// One image's loss, not divided by the number of all images; its gradient, divided and weighted.
  private static func row(
    _ classes: Int, _ logits: UnsafePointer<Float>, _ label: Int,
    _ gradient: UnsafeMutablePointer<Float>?, _ images: Int, _ weight: Double
  ) -> Double {
    var largest = logits[0]
    for c in 1..<max(classes, 1) where logits[c] > largest { largest = logits[c] }
    let top = Double(largest)
    var total = 0.0
    for c in 0..<classes { total += exp(Double(logits[c]) - top) }
    let loss = log(total) + top - Double(logits[label])
    if let gradient {
      let factor = weight / (total * Double(images))
      for c in 0..<classes {
        let share = exp(Double(logits[c]) - top) * factor
        gradient[c] = Float(c == label ? share - weight / Double(images) : share)
      }
    }
    return loss
  }
}
