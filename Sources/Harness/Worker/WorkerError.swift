/// What can go wrong between a parent and a worker, in sentences for whoever ran the parent.
package enum WorkerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The program could not be started.
  case cannotStart(executable: String, reason: String)
  /// It ended before it said anything: another program, or one that cannot run here.
  case silent(executable: String, ending: String, lastWords: String)
  /// It ended in the middle of a case; `ending` names the signal or exit code.
  case crashed(case: String, ending: String, lastWords: String)
  /// No reply came in time; it was killed.
  case timedOut(case: String, seconds: Double)
  /// It speaks another version of the protocol.
  case protocolMismatch(executable: String, theirs: Int?)
  /// It answered with something that is not a reply.
  case garbled(case: String, line: String)
  /// It refused a line; `code` is the exit code that its reason asks for.
  case refused(case: String, reason: String, code: Int32)
  /// The parent was asked to stop.
  case cancelled

  /// DESIGN's exit code for this error.
  package var exitCode: Int32 {
    switch self {
    case .cannotStart: 5
    case .silent, .crashed, .timedOut, .garbled: 3
    case .protocolMismatch: 9
    case .refused(_, _, let code): code
    case .cancelled: 130
    }
  }

  package var description: String {
    switch self {
    case .cannotStart(let executable, let reason):
      return "cannot start \(executable): \(reason)"
    case .silent(let executable, let ending, let lastWords):
      return "\(executable) did not answer as costcurve's worker does: \(ending)"
        + Self.quote(lastWords)
    case .crashed(let id, let ending, let lastWords):
      return "the worker of \(id) ended: \(ending)" + Self.quote(lastWords)
    case .timedOut(let id, let seconds):
      return "\(id) gave no answer within \(Int(seconds)) s and was stopped"
    case .protocolMismatch(let executable, let theirs):
      let spoken = theirs.map { "protocol \($0)" } ?? "no protocol that is known here"
      return "\(executable) speaks \(spoken), this costcurve speaks \(WorkerProtocol.version); "
        + "build both from sources with the same protocol, or save the baseline again"
    case .garbled(let id, let line):
      return "the worker of \(id) sent what is not a reply: \(line.prefix(120))"
    case .refused(_, let reason, _):
      return reason
    case .cancelled:
      return "interrupted"
    }
  }

  private static func quote(_ lastWords: String) -> String {
    lastWords.isEmpty ? "" : "; its last words were: \(lastWords)"
  }
}
