import Basics

/// What can go wrong between a parent and a worker, for whoever ran the parent.
extension Problem {
  package static func cannotStart(executable: String, reason: String) -> Problem {
    Problem(.absent, "cannot start \(executable): \(reason)")
  }

  /// It ended before it said anything: another program, or one that cannot run here.
  static func silent(executable: String, ending: String, lastWords: String) -> Problem {
    Problem(
      .crashed,
      "\(executable) did not answer as costcurve's worker does: \(ending)" + quote(lastWords))
  }

  /// It ended in the middle of a case; `ending` names the signal or exit code.
  static func crashed(case id: String, ending: String, lastWords: String) -> Problem {
    Problem(.crashed, "the worker of \(id) ended: \(ending)" + quote(lastWords))
  }

  /// No reply came in time; it was killed.
  package static func timedOut(case id: String, seconds: Double) -> Problem {
    Problem(.crashed, "\(id) gave no answer within \(Int(seconds)) s and was stopped")
  }

  package static func protocolMismatch(executable: String, theirs: Int?) -> Problem {
    let spoken = theirs.map { "protocol \($0)" } ?? "no protocol that is known here"
    return Problem(
      .notComparable,
      "\(executable) speaks \(spoken), this costcurve speaks \(WorkerProtocol.version); "
        + "build both from sources with the same protocol, or save the baseline again")
  }

  /// It answered with something that is not a reply.
  package static func garbled(case id: String, line: String) -> Problem {
    Problem(.crashed, "the worker of \(id) sent what is not a reply: \(line.prefix(120))")
  }

  /// Whether a worker said it in good order, and can be asked for another case.
  var isRefusal: Bool { kind != .crashed && kind != .interrupted }

  private static func quote(_ lastWords: String) -> String {
    lastWords.isEmpty ? "" : "; its last words were: \(lastWords)"
  }
}

extension Problem.Kind {
  /// The numbers that stand for kinds in the worker protocol; any other is a failed case.
  private static let codes: [Problem.Kind: Int32] = [
    .malformed: 1, .caseFailed: 3, .absent: 5, .cannotWrite: 6, .wrongAnswer: 7, .usage: 64,
  ]

  var code: Int32 { Self.codes[self] ?? 1 }

  init(code: Int32) {
    self = Self.codes.first { $0.value == code }?.key ?? .caseFailed
  }
}
