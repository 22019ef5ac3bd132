import Economics
import Formats
import Foundation
import Harness

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
    case .notComparable: "not comparable: another machine, build or version"
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

/// Why a command ends early: one sentence for the user and an exit code for the script.
struct Failure: Error {
  var status: ExitStatus
  /// Names the flag or file and says what to do; empty where everything has been said.
  var sentence: String

  init(_ status: ExitStatus, _ sentence: String = "") {
    (self.status, self.sentence) = (status, sentence)
  }

  static let interrupted = Failure(.interrupted)

  /// Says the sentence on standard error and ends the process with the code.
  func end() -> Never {
    if !sentence.isEmpty { Console.error("costcurve: \(sentence)") }
    exit(status.rawValue)
  }
}

extension Failure {
  /// The failure that an error of one of the modules means at the command line.
  init(_ error: FileError) {
    let status: ExitStatus =
      switch error.kind {
      case .absent: .absent
      case .malformed: .failure
      case .cannotWrite: .cannotWrite
      }
    self.init(status, error.description)
  }

  /// The failure that a case means which this process was to make itself.
  init(_ refusal: WorkerRefusal) {
    self.init(ExitStatus(rawValue: refusal.code) ?? .failure, refusal.description)
  }

  /// The failure that a missing or malformed record, price or claim means.
  init(_ error: RecordError) {
    self.init(error.kind == .absent ? .absent : .failure, error.description)
  }
}
