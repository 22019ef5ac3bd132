import Basics
import Foundation

/// The exit codes; 0 to 6 are those of Swift's package-benchmark, so that CI scripts carry over.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  /// Malformed content, refused allocation, and what has no code of its own.
  case failure = 1
  case regression = 2
  /// A case crashed or timed out, or nothing matched.
  case caseFailed = 3
  /// Only with `--fail-on improvement`.
  case improvement = 4
  /// A named thing is absent: baseline, file, claim, network.
  case absent = 5
  /// Cannot write, or the disk is full.
  case cannotWrite = 6
  /// A wrong answer or an impossible result.
  case wrongAnswer = 7
  /// Only with `--fail-on inconclusive` or `unstable`.
  case unstable = 8
  case notComparable = 9
  /// The audit disagrees with a recorded value or verdict.
  case auditDisagrees = 10
  /// Wrong usage or a bad flag value; the parser's own code.
  case usage = 64
  case interrupted = 130

  /// What the code says, in a few words.
  var meaning: String {
    switch self {
    case .done: "done"
    case .failure: "failure: malformed content, refused allocation"
    case .regression: "confirmed regression"
    case .caseFailed: "a case crashed or timed out, or nothing matched"
    case .improvement: "improvement, with --fail-on improvement"
    case .absent: "a named thing is absent: baseline, file, claim, network"
    case .cannotWrite: "cannot write, or the disk is full"
    case .wrongAnswer: "wrong answer or impossible result"
    case .unstable: "unstable or inconclusive, with --fail-on"
    case .notComparable: "not comparable: another machine, build, version or work"
    case .auditDisagrees: "the audit disagrees with a recorded value or verdict"
    case .usage: "wrong usage or a bad flag value"
    case .interrupted: "interrupted"
    }
  }

  /// All codes, one a line, for the help.
  static var table: String {
    allCases.map { status in
      let code = "\(status.rawValue)"
      return String(repeating: " ", count: 5 - code.count) + "\(code)  \(status.meaning)"
    }.joined(separator: "\n")
  }
}

extension ExitStatus {
  /// The code that a kind of problem leads to.
  init(_ kind: Problem.Kind) {
    self =
      switch kind {
      case .malformed: .failure
      case .absent: .absent
      case .cannotWrite: .cannotWrite
      case .usage: .usage
      case .crashed, .caseFailed: .caseFailed
      case .wrongAnswer: .wrongAnswer
      case .notComparable: .notComparable
      case .regression: .regression
      case .improvement: .improvement
      case .unstable: .unstable
      case .auditDisagrees: .auditDisagrees
      case .interrupted: .interrupted
      }
  }
}

extension Problem {
  /// Says the sentence on standard error and ends the process with the kind's code.
  func end() -> Never {
    say()
    exit(ExitStatus(kind).rawValue)
  }

  /// Says the sentence on standard error, if there is one; whoever interrupted the process need not be
  /// told so.
  func say() {
    guard !description.isEmpty, kind != .interrupted else { return }
    let isOpen =
      description.last.map { $0.isLetter || $0.isNumber || ")'\"".contains($0) } ?? false
    Console.error("costcurve: \(description)\(isOpen ? "." : "")")
  }
}
