import Basics

/// An arithmetic expression over literals, cells of the record tables and what claims state.
///
///     expression := term (("+" | "-") term)*
///     term       := factor (("*" | "×" | "/" | "÷") factor)*
///     factor     := "-" factor | primary ("^" factor)?
///     primary    := number | "@" date | call | cell | said | column | "(" expression ")"
///     call       := function "(" expression ("," expression)* ")"
///     cell       := table "[" condition ("," condition)* "]" "." column
///     condition  := (column ("=" | "!=" | "<" | "<=" | ">" | ">=" | "~"))? value ("|" value)*
///     said       := "said" ("[" claim "]")? "." name
///
/// A condition without a column is about the table's first one; `~` means "contains"; a value with
/// a comma, bar or bracket stands in single quotes. A cell that several rows answer to is a number
/// only where they all agree; inside `min`, `max`, `mean`, `sum`, `count` and `doubling_months` it
/// is the whole column. A bare `column` is a cell of the current row, in rules about tables.
package struct Expression: Hashable, Sendable {
  package enum Operation: Character, Hashable, Sendable {
    case add = "+"
    case subtract = "−"
    case multiply = "×"
    case divide = "÷"
    case power = "^"
  }

  package struct Condition: Hashable, Sendable {
    /// Longer signs before those that they begin with.
    package enum Comparison: String, CaseIterable, Hashable, Sendable {
      case contains = "~"
      case notEqual = "!="
      case atMost = "<="
      case atLeast = ">="
      case equal = "="
      case below = "<"
      case above = ">"
    }

    /// Nil for the table's first column.
    package var column: String?
    package var comparison: Comparison
    /// Any of them satisfies the condition.
    package var values: [String]
  }

  package indirect enum Node: Hashable, Sendable {
    case number(Double)
    case day(Day)
    case cell(table: String, conditions: [Condition], column: String)
    /// A number that a claim states; nil is the claim at hand.
    case said(claim: String?, name: String)
    case column(String)
    case negate(Part)
    case binary(Operation, Part, Part)
    case call(String, [Part])
  }

  /// A node and where it stands in the text, in characters.
  package struct Part: Hashable, Sendable {
    package var node: Node
    package var range: Range<Int>
  }

  package let text: String
  package let root: Part
  /// Where the number literals stand in the text, in characters, in order.
  package let literals: [Range<Int>]
  /// Where the date literals stand, each with its `@`.
  package let dates: [Range<Int>]
  /// Where the values stand that conditions compare with.
  package let selectors: [Range<Int>]

  /// - Throws: `Problem` pointing at the first character that does not fit.
  package init(_ text: String) throws {
    var parser = ExpressionParser(text)
    self.text = text
    root = try parser.parse()
    literals = parser.literals
    dates = parser.dates
    selectors = parser.selectors
  }

  /// The part of the text that a node stands for.
  package func text(of part: Part) -> String {
    let characters = Array(text)
    return String(characters[part.range])
  }
}

extension Problem {
  /// What is wrong with an expression: the sentence, the expression, and a caret under the place.
  ///
  /// - Parameters:
  ///   - text: The expression.
  ///   - position: Characters before the place.
  ///   - message: What is wrong there.
  init(text: String, position: Int, message: String) {
    self.init(
      .malformed,
      "\(message) at character \(position + 1)\n  \(text)\n  "
        + String(repeating: " ", count: position) + "^")
  }
}
