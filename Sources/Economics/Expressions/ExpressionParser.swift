import Basics

/// Reads an expression by recursive descent, one function for each rule of the grammar.
struct ExpressionParser {
  private let text: String
  private let characters: [Character]
  private var position = 0
  private(set) var literals: [Range<Int>] = []
  private(set) var dates: [Range<Int>] = []
  private(set) var selectors: [Range<Int>] = []
  /// Brackets, signs and powers that the parser is inside of; a file may not exhaust the stack.
  private var depth = 0

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  /// The whole text as one expression; nothing may be left over.
  mutating func parse() throws -> Expression.Part {
    let part = try expression()
    skipSpace()
    if position < characters.count { throw error("'\(characters[position])' is not expected here") }
    return part
  }

  private mutating func expression() throws -> Expression.Part {
    try chain(["+": .add, "-": .subtract, "−": .subtract]) { try $0.term() }
  }

  private mutating func term() throws -> Expression.Part {
    try chain(["*": .multiply, "×": .multiply, "/": .divide, "÷": .divide]) { try $0.factor() }
  }

  /// Operands joined by operators of one rank, from left to right.
  private mutating func chain(
    _ operators: [Character: Expression.Operation],
    operand: (inout Self) throws -> Expression.Part
  ) throws -> Expression.Part {
    var left = try operand(&self)
    while let next = peek(), let operation = operators[next] {
      position += 1
      let right = try operand(&self)
      left = Expression.Part(
        node: .binary(operation, left, right),
        range: left.range.lowerBound..<right.range.upperBound)
    }
    return left
  }

  private mutating func factor() throws -> Expression.Part {
    let start = startOfNext()
    depth += 1
    defer { depth -= 1 }
    if depth > 100 { throw error("brackets, signs or powers are nested too deeply") }
    if peek() == "-" || peek() == "−" {
      position += 1
      let operand = try factor()
      return Expression.Part(node: .negate(operand), range: start..<position)
    }
    let base = try primary()
    guard peek() == "^" else { return base }
    position += 1
    let exponent = try factor()
    return Expression.Part(node: .binary(.power, base, exponent), range: start..<position)
  }

  private mutating func primary() throws -> Expression.Part {
    let start = startOfNext()
    guard let next = peek() else { throw error("a number or a name is missing") }
    let node: Expression.Node
    switch next {
    case "(":
      position += 1
      let inner = try expression()
      try expect(")")
      // The brackets belong to the text of the part, for showing it.
      return Expression.Part(node: inner.node, range: start..<position)
    case "@":
      position += 1
      let word = take { $0.isNumber || $0 == "-" }
      guard let day = Day(word) else { throw error("'\(word)' is not a date", at: start) }
      dates.append(start..<position)
      node = .day(day)
    case _ where next.isNumber:
      node = .number(try number())
      literals.append(start..<position)
    case _ where next.isLetter:
      node = try named()
    default:
      throw error("'\(next)' is not expected here")
    }
    return Expression.Part(node: node, range: start..<position)
  }

  private mutating func number() throws -> Double {
    let start = position
    var word = take { $0.isNumber || $0 == "." }
    if let exponent = peekRaw(), exponent == "e" || exponent == "E" {
      word.append("e")
      position += 1
      if let sign = peekRaw(), sign == "-" || sign == "+" {
        word.append(sign)
        position += 1
      }
      word += take { $0.isNumber }
    }
    guard let value = Double(word) else { throw error("'\(word)' is not a number", at: start) }
    return value
  }

  private mutating func named() throws -> Expression.Node {
    let name = identifier()
    switch peekRaw() {
    case "(":
      position += 1
      let arguments = try list(",") { try $0.expression() }
      try expect(")")
      return .call(name, arguments)
    case "[" where name == "said":
      position += 1
      let claim = take { $0 != "]" }
      try expect("]")
      try expect(".")
      return .said(claim: claim, name: identifier())
    case "." where name == "said":
      position += 1
      return .said(claim: nil, name: identifier())
    case "[":
      position += 1
      let conditions = try list(",") { try $0.condition() }
      try expect("]")
      try expect(".")
      return .cell(table: name, conditions: conditions, column: identifier())
    default:
      return .column(name)
    }
  }

  private mutating func condition() throws -> Expression.Condition {
    skipSpace()
    let start = position
    let name = identifier()
    skipSpace()
    let rest = String(characters[position...].prefix(2))
    let found =
      name.isEmpty
      ? nil : Expression.Condition.Comparison.allCases.first { rest.hasPrefix($0.rawValue) }
    if let found {
      position += found.rawValue.count
    } else {
      position = start
    }
    let values = try list("|") { try $0.value() }
    return Expression.Condition(
      column: found == nil ? nil : name, comparison: found ?? .equal, values: values)
  }

  /// One item or several with a separator between.
  private mutating func list<Item>(
    _ separator: Character, of item: (inout Self) throws -> Item
  ) throws -> [Item] {
    var items = [try item(&self)]
    while peek() == separator {
      position += 1
      items.append(try item(&self))
    }
    return items
  }

  private mutating func value() throws -> String {
    skipSpace()
    if peekRaw() == "'" {
      position += 1
      let start = position
      let quoted = take { $0 != "'" }
      selectors.append(start..<position)
      try expect("'")
      return quoted
    }
    let start = position
    var bare = take { $0 != "," && $0 != "]" && $0 != "|" }
    while bare.last == " " { bare.removeLast() }
    if bare.isEmpty { throw error("a value is missing") }
    selectors.append(start..<start + bare.count)
    return bare
  }

  private mutating func identifier() -> String {
    take { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  private mutating func take(while belongs: (Character) -> Bool) -> String {
    let start = position
    while position < characters.count, belongs(characters[position]) { position += 1 }
    return String(characters[start..<position])
  }

  private mutating func expect(_ character: Character) throws {
    guard peek() == character else { throw error("'\(character)' is missing") }
    position += 1
  }

  private mutating func startOfNext() -> Int {
    skipSpace()
    return position
  }

  /// The next character that is no space.
  private mutating func peek() -> Character? {
    skipSpace()
    return peekRaw()
  }

  private func peekRaw() -> Character? {
    position < characters.count ? characters[position] : nil
  }

  private mutating func skipSpace() {
    while position < characters.count, characters[position] == " " { position += 1 }
  }

  private func error(_ message: String, at place: Int? = nil) -> Problem {
    Problem(text: text, position: place ?? position, message: message)
  }
}
