import Basics
import Formats
import Glibc

/// Weights of windows over signals, of a length that is known.
enum Windows {
  static let rules: [String: OperatorRule] = [
    "HannWindow": rule { 0.5 - 0.5 * cos(2 * .pi * $0) },
    "HammingWindow": rule { 25.0 / 46 - 21.0 / 46 * cos(2 * .pi * $0) },
    "BlackmanWindow": rule { 0.42 - 0.5 * cos(2 * .pi * $0) + 0.08 * cos(4 * .pi * $0) },
  ]

  /// A rule for a weight that follows from the place in a window, from 0 to 1.
  private static func rule(_ weight: @escaping @Sendable (Double) -> Double) -> OperatorRule {
    OperatorRule(fold: { (node, inputs) throws(Problem) in
      guard let sizes = try (inputs.first ?? nil)?.integers("a size"), sizes.count == 1,
        let element = ModelFile.Element(rawValue: try node.integer("output_datatype", 1)),
        element.isFloat
      else { throw .malformed("lacks its size, or gives no numbers with a fraction") }
      let isPeriodic = try node.integer("periodic", 1) != 0
      let last = max(Double(sizes[0]) - (isPeriodic ? 0 : 1), 1)
      return [try Constant(element, [sizes[0]]) { weight(Double($0) / last) }]
    })
  }
}
