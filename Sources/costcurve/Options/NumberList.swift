import ArgumentParser
import Basics
import Harness

/// A whole number, or several with commas between, each of which a command measures.
struct NumberList: ExpressibleByArgument, Hashable {
  /// Numbers that an option may have.
  static let most = 64

  private let text: String

  /// Any text with a comma, so that what is wrong with a list can be told; else a number or nil.
  init?(argument: String) {
    guard argument.contains(",") || Int(argument) != nil else { return nil }
    text = argument
  }

  /// Whether several are given, or something is that looks like it.
  var isList: Bool { text.contains(",") }

  /// The numbers in their order; what is none is left out, and `refusal` names it.
  var numbers: [Int] { words.compactMap { Int($0) } }

  private var words: [Substring] { text.split(separator: ",", omittingEmptySubsequences: false) }

  /// Why an option cannot have this value, a sentence; nil where it can.
  ///
  /// - Parameters:
  ///   - option: With its dashes.
  ///   - range: Of each number.
  /// - Returns: What is wrong first.
  func refusal(of option: String, in range: ClosedRange<Int>) -> String? {
    let (words, numbers) = (self.words, self.numbers)
    guard words.count <= Self.most else {
      return "\(option) lists \(Units.grouped(words.count)) numbers; \(Self.most) are the most."
    }
    guard numbers.count == words.count else {
      return "\(option) needs whole numbers with commas between, as in 1,2,4, not '\(shortened)'."
    }
    if let wrong = numbers.first(where: { !range.contains($0) }) {
      let (low, high) = (range.lowerBound, range.upperBound)
      return "\(option) needs a number from \(low) to \(high), not \(wrong)."
    }
    var seen: Set<Int> = []
    for number in numbers where !seen.insert(number).inserted {
      return "\(option) names \(number) twice; give each number once."
    }
    return nil
  }

  /// The number of a command that takes one.
  ///
  /// - Parameter option: With its dashes.
  /// - Returns: It.
  /// - Throws: Usage where several are given.
  func one(of option: String) throws(Problem) -> Int {
    guard !isList, let number = numbers.first else {
      throw Problem(
        .usage,
        "\(option) takes one number here, not '\(shortened)'; 'costcurve infer' measures each of "
          + "several.")
    }
    return number
  }

  /// As it was written, as far as a sentence has room for it.
  private var shortened: String { text.count > 40 ? String(text.prefix(39)) + "…" : text }
}
