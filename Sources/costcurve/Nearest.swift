/// Hints for a mistyped name.
enum Nearest {
  /// The candidate with the fewest edits, when it is near enough to be meant.
  ///
  /// - Parameters:
  ///   - word: What was typed.
  ///   - candidates: What could have been meant.
  /// - Returns: Nil when even the nearest differs in more than a third of its letters, or in three
  ///   where it is short.
  static func match(_ word: String, among candidates: [String]) -> String? {
    let scored = candidates.map { (name: $0, edits: distance(word.lowercased(), $0.lowercased())) }
    guard let best = scored.min(by: { $0.edits < $1.edits }) else { return nil }
    return best.edits <= max(2, best.name.count / 3) ? best.name : nil
  }

  /// `Did you mean 'x'?`, or where to look for the names that there are.
  static func hint(to word: String, among candidates: [String], see source: String) -> String {
    if let name = match(word, among: candidates) { return "Did you mean '\(name)'?" }
    return "See '\(source)'."
  }

  /// Edits between two words: insertions, deletions, replacements and swaps of neighbours.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var rows = [Array(0...b.count)]
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        var best = min(
          rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          best = min(best, rows[i - 2][j - 2] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
