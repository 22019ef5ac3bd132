import Harness

/// A profile with the validity of its run before it.
struct Explained<Profile: Encodable>: Encodable {
  private let schema: String?
  private let validity: RunValidity
  private let profile: Profile

  init(_ validity: RunValidity, _ profile: Profile, schema: String? = nil) {
    (self.schema, self.validity, self.profile) = (schema, validity, profile)
  }

  private enum Key: String, CodingKey { case schema, validity }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(schema, forKey: .schema)
    try container.encode(validity, forKey: .validity)
    try profile.encode(to: encoder)
  }
}

extension RunValidity {
  /// What disturbed the run, as lines before a text; empty on a quiet machine.
  var text: String {
    guard let remedy = doubts.first?.remedy else { return "" }
    return (["! The machine was busy."] + doubts.map { "! \($0.sentence)" } + ["→ \(remedy)", ""])
      .map { $0 + "\n" }.joined()
  }
}
