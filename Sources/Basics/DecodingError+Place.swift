extension DecodingError {
  /// Where a JSON file does not say what its format asks for, and what is wrong there, in words.
  package var place: String {
    switch self {
    case .keyNotFound(let key, let context):
      "in \(Self.path(context)), '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(Self.path(context)) has not the type that it should have"
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      "it is not valid JSON" + (context.underlyingError.map { ": \($0)" } ?? "")
    case .dataCorrupted(let context):
      "\(Self.path(context)) has a value that is not known: \(context.debugDescription)"
    @unknown default: "it cannot be read"
    }
  }

  private static func path(_ context: Context) -> String {
    let parts = context.codingPath.map { key in
      key.intValue.map { "entry \($0 + 1)" } ?? key.stringValue
    }
    return parts.isEmpty ? "the file" : parts.joined(separator: ", ")
  }
}
