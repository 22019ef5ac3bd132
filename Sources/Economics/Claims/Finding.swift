/// Something that the records show and the documents do not say, found by computing.
package struct Finding: Codable, Hashable, Sendable {
  package struct Input: Codable, Hashable, Sendable {
    package var label: String
    package var value: Double
    package var unit: String
    /// Table and row, or claim, that it comes from.
    package var source: String
  }

  package var id: String
  package var title: String
  /// What was computed, with the numbers in it.
  package var statement: String
  package var inputs: [Input]
  /// What the numbers suggest but do not prove; nil where nothing is inferred.
  package var inference: String?
  /// Ids of the claims that it bears on.
  package var claims: [String]

  package init(
    id: String, title: String, statement: String, inputs: [Input], inference: String? = nil,
    claims: [String]
  ) {
    (self.id, self.title, self.statement) = (id, title, statement)
    (self.inputs, self.inference, self.claims) = (inputs, inference, claims)
  }
}
