import Foundation
import Harness

/// Takes out of a record what tells whose machine it was: host names, user names and paths.
///
/// Every string of the record is searched, whatever field it stands in, so that a field added
/// later is covered as well. What the figures rest on (processor, caches, libraries) stays.
package struct Redaction: Sendable {
  /// Names to be taken out wherever they stand as a word of their own.
  private let names: [String]

  /// Options whose value is a file or a folder, absolute or not.
  private let fileOptions: Set<String>

  /// - Parameters:
  ///   - names: Host and user names; those of fewer than three letters are left alone, as they
  ///     would take ordinary words apart.
  ///   - fileOptions: With their dashes, as the command line declares them.
  package init(names: [String], fileOptions: Set<String>) {
    self.fileOptions = fileOptions
    self.names = names.filter { $0.count >= 3 }.sorted { $0.count > $1.count }
  }

  /// The names by which this machine and this user are known.
  package static func here(
    fileOptions: Set<String>,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> Redaction {
    let host = ProcessInfo.processInfo.hostName
    let short = host.split(separator: ".").first.map(String.init)
    let user = ["USER", "LOGNAME", "SUDO_USER", "HOSTNAME"].compactMap { environment[$0] }
    return Redaction(
      names: [host, short, NSUserName()].compactMap { $0 } + user, fileOptions: fileOptions)
  }

  /// The record without names and paths.
  ///
  /// - Throws: What the JSON coders throw, which a record that was read or measured never makes
  ///   them do.
  package func record(_ record: ResultRecord) throws -> ResultRecord {
    var stripped = record
    stripped.context.arguments = withoutFiles(record.context.arguments)
    for index in stripped.cases.indices {
      let words = ShellWords.split(stripped.cases[index].repeat)
      let kept = withoutFiles(words)
      // A line without files stays as it is written, quotes and all.
      guard kept != words else { continue }
      stripped.cases[index].repeat =
        kept.map { $0.hasSuffix("(path)") ? $0 : ShellWords.quoted($0) }.joined(separator: " ")
    }
    let encoded = try ResultRecord.encoder().encode(stripped)
    let tree = redacted(try JSONDecoder().decode(JSONValue.self, from: encoded))
    return try ResultRecord.decoder().decode(
      ResultRecord.self, from: try JSONEncoder().encode(tree))
  }

  /// The learning curve without names and paths.
  package func curve(_ curve: Report.LearningCurve) -> Report.LearningCurve {
    var curve = curve
    (curve.title, curve.basis) = (text(curve.title), text(curve.basis))
    return curve
  }

  private func redacted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .string(let text): .string(self.text(text))
    case .array(let items): .array(items.map { redacted($0) })
    case .object(let fields): .object(fields.mapValues { redacted($0) })
    case .null, .bool, .number: value
    }
  }

  /// `text` with absolute paths as `(path)` and the names as `(name)`; web addresses stay.
  package func text(_ text: String) -> String {
    // A path begins where no word goes on, so that the parts of a case id are none.
    let path = /(^|[\s='"(,:;])(?:~|\.{1,2})?\/[^\s'",;)]+/
    var result = text.replacing(path) { match in
      match.output.0.contains("://") ? String(match.output.0) : match.output.1 + "(path)"
    }
    for name in names {
      var rest = result[...]
      var kept = ""
      while let found = rest.range(of: name, options: .caseInsensitive) {
        let before = rest[..<found.lowerBound].last ?? kept.last
        let after = rest[found.upperBound...].first
        let isWord =
          !(before.map(Redaction.isLetter) ?? false)
          && !(after.map(Redaction.isLetter) ?? false)
        kept += rest[..<found.lowerBound] + (isWord ? "(name)" : rest[found])
        rest = rest[found.upperBound...]
      }
      result = kept + rest
    }
    return result
  }

  private static func isLetter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber
  }

  private func withoutFiles(_ words: [String]) -> [String] {
    var isFile = false
    return words.map { word in
      defer { isFile = fileOptions.contains(word) }
      if isFile { return "(path)" }
      let halves = word.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, fileOptions.contains(String(halves[0])) else { return word }
      return "\(halves[0])=(path)"
    }
  }
}
