import Glibc

/// Losses of outputs that are to be numbers, not classes, and their gradients.
///
/// All in float64, on the calling thread: for a game's few thousand moves and one result a position.
public enum TargetLoss {
  /// Mean cross-entropy between given shares and the softmax of logits: `−1/N · Σ t · log p`.
  ///
  /// - Parameters:
  ///   - rows: At least 1.
  ///   - classes: Columns of the logits, at least 1.
  ///   - logits: `rows × classes`.
  ///   - shares: `rows × classes`, at least 0; those of a row mostly add up to 1.
  ///   - gradient: `rows × classes`, overwritten with `(Σt · p − t) / rows`; may be the logits.
  /// - Returns: The mean loss; NaN when a logit or share is.
  public static func crossEntropy(
    rows: Int, classes: Int, logits: UnsafePointer<Float>, shares: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    precondition(rows > 0 && classes > 0, "no loss of \(rows) rows, \(classes) classes")
    var loss = 0.0
    for start in stride(from: 0, to: rows * classes, by: classes) {
      let (row, wanted, target) = (logits + start, shares + start, gradient + start)
      var largest = row[0]
      for c in 1..<classes where row[c] > largest { largest = row[c] }
      let top = Double(largest)
      var (total, share, product) = (0.0, 0.0, 0.0)
      for c in 0..<classes {
        total += exp(Double(row[c]) - top)
        share += Double(wanted[c])
        product += Double(wanted[c]) * Double(row[c])
      }
      loss += share * (log(total) + top) - product
      let factor = share / total
      for c in 0..<classes {
        let slope = exp(Double(row[c]) - top) * factor - Double(wanted[c])
        target[c] = Float(slope / Double(rows))
      }
    }
    return loss / Double(rows)
  }

  /// Mean squared difference: `1/N · Σ (v − t)²`.
  ///
  /// - Parameters:
  ///   - count: At least 1.
  ///   - values: What is given.
  ///   - targets: What it is to be.
  ///   - gradient: Overwritten with `2 (v − t) / count`; may be the values.
  /// - Returns: The mean; NaN when a number is.
  public static func squaredError(
    count: Int, values: UnsafePointer<Float>, targets: UnsafePointer<Float>,
    gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    precondition(count > 0, "no loss of nothing")
    var loss = 0.0
    for i in 0..<count {
      let difference = Double(values[i]) - Double(targets[i])
      loss += difference * difference
      gradient[i] = Float(2 * difference / Double(count))
    }
    return loss / Double(count)
  }
}
