/// Names that a mistyped one may have meant.
package enum NearestNames {
  /// Up to three names, the nearest first: those that contain the word, then by edit distance.
  ///
  /// A name further away than half its length is no hint and is left out.
  package static func to(_ word: String, among names: [String]) -> [String] {
    let word = word.lowercased()
    let scored = names.compactMap { name -> (score: Int, name: String)? in
      let lower = name.lowercased()
      let contained = !word.isEmpty && (lower.contains(word) || word.contains(lower))
      let distance = contained ? 0 : editDistance(Array(word.utf8), Array(lower.utf8))
      return distance <= max(name.count, word.count) / 2 ? (distance, name) : nil
    }
    return scored.sorted { ($0.score, $0.name) < ($1.score, $1.name) }.prefix(3).map(\.name)
  }

  /// ` Did you mean 'a', 'b' or 'c'?`, or nothing where no name is near.
  package static func hint(to word: String, among names: [String]) -> String {
    let near = to(word, among: names).map { "'\($0)'" }
    guard let last = near.last else { return "" }
    let list =
      near.count == 1 ? last : near.dropLast().joined(separator: ", ") + " or " + last
    return " Did you mean \(list)?"
  }

  /// Levenshtein's distance: insertions, removals and replacements of one byte.
  private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var previous = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var current = [i + 1]
      for (j, right) in b.enumerated() {
        current.append(
          min(previous[j] + (left == right ? 0 : 1), previous[j + 1] + 1, current[j] + 1))
      }
      previous = current
    }
    return previous[b.count]
  }
}
