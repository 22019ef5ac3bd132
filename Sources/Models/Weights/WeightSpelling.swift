/// How else weight files may name a network's tensors, and what they may hold besides.
package struct WeightSpelling: Sendable {
  /// What names begin with here, and not in some files.
  private let optionalPrefix: String
  /// Ends of names here, and what they are in some files.
  private let renamings: [(own: String, other: String)]
  /// Ends of names that nobody reads: other names of tensors that are there, and constants.
  private let ignored: [String]

  /// Names what may differ; nothing unless told.
  ///
  /// - Parameters:
  ///   - optionalPrefix: What some files leave out before all names.
  ///   - renamings: Ends of names here, and in older files.
  ///   - ignored: Ends of names of tensors that nobody reads.
  package init(
    optionalPrefix: String = "", renamings: [(own: String, other: String)] = [],
    ignored: [String] = []
  ) {
    (self.optionalPrefix, self.renamings, self.ignored) = (optionalPrefix, renamings, ignored)
  }

  /// The names that a tensor may have in a file, its own first.
  func names(of parameter: String) -> [String] {
    var names = [parameter]
    for (own, other) in renamings where parameter.hasSuffix(own) {
      names.append(String(parameter.dropLast(own.count)) + other)
    }
    guard !optionalPrefix.isEmpty else { return names }
    return names
      + names.filter { $0.hasPrefix(optionalPrefix) }
      .map { String($0.dropFirst(optionalPrefix.count)) }
  }

  /// Whether a tensor of a file is one that nobody reads.
  func ignores(_ name: Substring) -> Bool { ignored.contains { name.hasSuffix($0) } }
}
