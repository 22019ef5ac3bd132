import Foundation
import Harness
import Training

/// Answers of lower precision beside those of float32, item by item.
///
/// Top-1 hardly separates ways to quantize; how often answers agree and how far logits are apart do.
package struct LogitComparison {
  /// Right answers of lower precision.
  package private(set) var own = Accuracy()
  private var float = Accuracy()
  private var (items, agreeing) = (0, 0)
  /// Items whose label one of both meets and the other does not.
  private var parted = 0
  /// Sums of squares of float32's logits, and of the differences.
  private var (signal, noise) = (0.0, 0.0)
  private var hasLabels = false

  /// Starts with no item.
  package init() {}

  /// Takes in some items.
  ///
  /// - Parameters:
  ///   - logits: Of lower precision, one row an item.
  ///   - expected: Of float32, as many.
  ///   - count: Number of items.
  ///   - labels: One an item; nil where there are none.
  package mutating func count(
    _ logits: [Float], beside expected: [Float], count: Int, labels: [Int32]?
  ) {
    precondition(logits.count == expected.count && count > 0, "\(logits.count) logits")
    let width = logits.count / count
    for item in 0..<count {
      let range = item * width..<(item + 1) * width
      let (answer, other) = (Self.best(logits[range]), Self.best(expected[range]))
      if answer == other { agreeing += 1 }
      guard let label = labels?[item] else { continue }
      if (answer == Int(label)) != (other == Int(label)) { parted += 1 }
    }
    items += count
    for (a, b) in zip(logits, expected) {
      signal += Double(b) * Double(b)
      noise += (Double(a) - Double(b)) * (Double(a) - Double(b))
    }
    guard let labels else { return }
    hasLabels = true
    own.count(logits, labels)
    float.count(expected, labels)
  }

  /// The place of the largest number, the first of equal ones.
  private static func best(_ row: ArraySlice<Float>) -> Int {
    var best = row.startIndex
    for index in row.indices where row[index] > row[best] { best = index }
    return best - row.startIndex
  }

  /// The standard error of the ratio of both shares, the items being a sample.
  ///
  /// Both are of the same items, so that only those count on which one alone is right: their sum varies
  /// by their number less the square of the difference over all items, and the ratio, which is near 1,
  /// by that over the number that float32 has right. Two more are counted than were seen, lest a few
  /// items on which both agree seem to tell all.
  private var ratioError: Double? {
    guard hasLabels, float.top1 > 0 else { return nil }
    let difference = Double(own.top1 - float.top1)
    let variance = Double(parted + 2) - difference * difference / Double(items)
    return variance.squareRoot() / Double(float.top1)
  }

  /// What a record has of it.
  package var record: CaseRecord.AgainstF32 {
    let share = hasLabels ? float.top1Share : nil
    return CaseRecord.AgainstF32(
      images: items, top1F32: share,
      top1Ratio: share.flatMap { $0 > 0 ? own.top1Share / $0 : nil }, top1RatioError: ratioError,
      agreement: items == 0 ? 0 : Double(agreeing) / Double(items),
      logitsDb: noise > 0 && signal > 0 ? 10 * log10(signal / noise) : nil)
  }
}

extension CaseRecord.AgainstF32 {
  /// In one line: what lower precision keeps of float32's answers.
  package var text: String {
    var parts: [String] = []
    if let top1Ratio, let top1F32 {
      parts.append(
        String(
          format: "top-1 %.2f %%, %.2f %% of float32's %.2f %%", 100 * top1Ratio * top1F32,
          100 * top1Ratio, 100 * top1F32))
    }
    if let top1RatioError {
      parts.append(String(format: "standard error of the ratio %.2f %%", 100 * top1RatioError))
    }
    parts.append(String(format: "same answer for %.2f %% of the items", 100 * agreement))
    if let logitsDb { parts.append(String(format: "logits at %.1f dB", logitsDb)) }
    if top1F32 != nil { parts.append(rule) }
    return parts.joined(separator: ", ")
  }
}
