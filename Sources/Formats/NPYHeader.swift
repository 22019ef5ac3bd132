/// The dictionary at the start of a NumPy array file.
///
/// It is a Python literal with exactly the keys `descr`, `fortran_order` and `shape`, with the long
/// integers of Python 2 where that has written it; nothing else of Python's grammar is accepted.
struct NPYHeader: Equatable {
  /// The type as NumPy spells it, for example `<f4`.
  var type: String
  /// Whether the first index runs fastest.
  var isFortranOrder: Bool
  /// Length of each dimension.
  var shape: [Int]

  /// Reads a header; nil when it is not one.
  init?(parsing text: String) {
    var rest = Substring(text)
    var type: String?
    var order: Bool?
    var shape: [Int]?
    guard Self.take("{", from: &rest) else { return nil }
    while !Self.take("}", from: &rest) {
      guard let key = Self.takeQuoted(from: &rest), Self.take(":", from: &rest) else { return nil }
      switch key {
      case "descr" where type == nil: type = Self.takeQuoted(from: &rest)
      case "fortran_order" where order == nil:
        order =
          Self.take("True", from: &rest) ? true : Self.take("False", from: &rest) ? false : nil
      case "shape" where shape == nil: shape = Self.takeTuple(from: &rest)
      default: return nil
      }
      guard Self.take(",", from: &rest) || rest.first == "}" else { return nil }
    }
    guard let type, let order, let shape, rest.allSatisfy({ $0.isWhitespace || $0 == "\0" })
    else { return nil }
    (self.type, self.isFortranOrder, self.shape) = (type, order, shape)
  }

  /// Consumes `token` and the spaces around it, if it comes next.
  private static func take(_ token: String, from rest: inout Substring) -> Bool {
    rest = rest.drop { $0 == " " || $0.isNewline }
    guard rest.hasPrefix(token) else { return false }
    rest = rest.dropFirst(token.count).drop { $0 == " " }
    return true
  }

  private static func takeQuoted(from rest: inout Substring) -> String? {
    rest = rest.drop { $0 == " " }
    guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
    let body = rest.dropFirst()
    guard let end = body.firstIndex(of: quote) else { return nil }
    rest = body[body.index(after: end)...]
    return String(body[..<end])
  }

  private static func takeTuple(from rest: inout Substring) -> [Int]? {
    guard take("(", from: &rest) else { return nil }
    var result: [Int] = []
    while !take(")", from: &rest) {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard result.count < 8, let value = Int(digits) else { return nil }
      result.append(value)
      rest = rest.dropFirst(digits.count)
      if rest.first == "L" { rest = rest.dropFirst() }
      guard take(",", from: &rest) || rest.first == ")" else { return nil }
    }
    return result
  }
}
