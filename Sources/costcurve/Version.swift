/// What the binary says of itself.
enum Version {
  /// Rises with what a user can see; records carry the git state beside it.
  static let text = "0.1.0"
}
