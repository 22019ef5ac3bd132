import Basics
import Graphs

/// Networks that go on with a text, token by token.
extension Network {
  /// Whether what it tells of each token follows from those up to it, so that it can generate text.
  package var generatesText: Bool {
    item == .sequence && graph(inputSize: minimumInputSize).causalTokens != nil
  }

  /// Refuses a network that generates no text, with keys and values of earlier tokens kept.
  ///
  /// - Throws: `usage`, with the reason.
  package func refuseGenerating() throws(Problem) {
    guard !generatesText else { return }
    let known = try Network.names.map { name throws(Problem) in try Network.named(name) }
      .filter { $0.item == .sequence && $0.generatesText }.map(\.name)
    let reason = item == .sequence ? "tells tokens by later ones too" : "reads \(item.plural)"
    throw Problem(
      .usage,
      "--decode: \(name) \(reason), so it does not generate text; "
        + "choose one of \(known.joined(separator: ", ")).")
  }

  /// Whether it reads bytes and tells the next one, so that it can learn from any text.
  package var readsBytes: Bool {
    item == .sequence && classes == ByteLSTM.bytes
      && stepInputs(inputSize: minimumInputSize).map(\.name) == ["input_ids", "labels"]
  }

  /// Refuses a network that does not read bytes, where a text is to be learned from.
  ///
  /// - Throws: `usage`, with those that do.
  package func refuseText() throws(Problem) {
    guard !readsBytes else { return }
    let known = try Network.names.map { name throws(Problem) in try Network.named(name) }
      .filter(\.readsBytes).map(\.name)
    throw Problem(
      .usage,
      "--text: \(name) does not read bytes; choose one of \(known.joined(separator: ", ")).")
  }

  /// The first tokens of texts: fills the caches, and tells the token behind the last.
  ///
  /// - Parameters:
  ///   - tokens: Of each text.
  ///   - capacity: Tokens that caches have room for, as many at least.
  /// - Returns: The graph of inference.
  /// - Throws: `usage` for a network that generates no text.
  package func promptGraph(tokens: Int, capacity: Int) throws(Problem) -> Graph {
    try inferenceGraph(inputSize: tokens).withCaches(capacity: capacity, continues: false)
      .answeringLastTokens()
  }

  /// One more token of texts: appends to the caches, and tells the next.
  ///
  /// - Parameter capacity: Tokens that caches have room for.
  /// - Returns: The graph of inference; its input `positions` is the token's.
  /// - Throws: `usage` for a network that generates no text.
  package func stepGraph(capacity: Int) throws(Problem) -> Graph {
    try inferenceGraph(inputSize: 1).withCaches(capacity: capacity, continues: true)
  }
}
