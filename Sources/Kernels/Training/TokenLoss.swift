import Glibc

/// Mean cross-entropy of a softmax over a vocabulary, with smoothed labels and rows that do not count.
///
/// Of a row `log Σ exp(z) − (1 − s) · z[label] − s · mean(z)`, `s` being the smoothing: the label gets
/// `1 − s`, and all tokens `s` in equal parts, as in Szegedy et al., "Rethinking the Inception
/// Architecture for Computer Vision" (2015), section 7. The gradient may take the place of the logits,
/// of which no second copy is ever made; rows are shared out among threads and summed in their order.
/// Error: float32 exponentials and sums of a row, float64 over rows.
public struct TokenLoss: Hashable, Sendable {
  /// Columns of the logits, at least 1.
  public var classes: Int
  /// What all tokens share, at least 0 and below 1.
  public var smoothing: Double
  /// The label of rows that do not count.
  public var ignored: Int64

  /// Names all of it.
  public init(classes: Int, smoothing: Double = 0, ignored: Int64 = -100) {
    precondition(classes > 0 && smoothing >= 0 && smoothing < 1, "\(classes), \(smoothing)")
    (self.classes, self.smoothing, self.ignored) = (classes, smoothing, ignored)
  }

  /// Computes the loss and its derivative by the logits.
  ///
  /// - Parameters:
  ///   - rows: Rows of the logits, at least 1.
  ///   - logits: `rows × classes`.
  ///   - labels: `rows` class numbers in `0 ..< classes`, or `ignored`.
  ///   - gradient: `rows × classes`, overwritten; may be the logits themselves.
  ///   - losses: Room for `rows` numbers.
  ///   - pool: Runs the work.
  /// - Returns: The mean over the rows that count; NaN where none does, or a logit is NaN.
  public func compute(
    rows: Int, logits: UnsafePointer<Float>, labels: UnsafePointer<Int64>,
    gradient: UnsafeMutablePointer<Float>, losses: UnsafeMutablePointer<Double>, pool: ThreadPool
  ) -> Double {
    var counted = 0
    for row in 0..<rows where labels[row] != ignored {
      precondition(
        labels[row] >= 0 && labels[row] < Int64(classes),
        "label \(labels[row]) of row \(row) is none of \(classes)")
      counted += 1
    }
    let share = 1 / Double(counted)
    pool.forEachShare(of: rows) { items in
      for row in items {
        let (source, target) = (logits + row * classes, gradient + row * classes)
        if labels[row] == ignored {
          target.update(repeating: 0, count: classes)
          losses[row] = 0
        } else {
          losses[row] = loss(source, Int(labels[row]), share: share, gradient: target)
        }
      }
    }
    var sum = 0.0
    for row in 0..<rows { sum += losses[row] }
    return sum * share
  }

  /// One row's loss, and its derivative times the row's share of the mean.
  private func loss(
    _ logits: UnsafePointer<Float>, _ label: Int, share: Double,
    gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let (own, average) = (Double(logits[label]), smoothing > 0 ? mean(logits) : 0)
    let top = RowSoftmax.largest(classes, logits)
    let sum = Double(RowSoftmax.exponentials(classes, logits, less: top, into: gradient))
    let factor = Float(share / sum)
    let even = Float(share * smoothing / Double(classes))
    let (lanes, times) = (VectorUnit.lanes, Vector(repeating: factor))
    let less = Vector(repeating: even)
    let whole = classes - classes % lanes
    for c in stride(from: 0, to: whole, by: lanes) {
      (Vector.load(gradient + c) * times - less).store(gradient + c)
    }
    for c in whole..<classes { gradient[c] = gradient[c] * factor - even }
    gradient[label] -= Float(share * (1 - smoothing))
    return log(sum) + Double(top) - (1 - smoothing) * own - smoothing * average
  }

  private func mean(_ logits: UnsafePointer<Float>) -> Double {
    var sum = 0.0
    for c in 0..<classes { sum += Double(logits[c]) }
    return sum / Double(classes)
  }
}
