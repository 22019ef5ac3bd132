import Basics
import Programs
import Synchronization

/// The answer that was found last, for the cases of one subject that differ by engine alone: they are
/// checked one after the other, and all references take longer than the rest of a check.
package final class LastAnswer: Sendable {
  private struct Kept {
    var question: String
    var answer: OutputOracle.Answer
  }

  private let kept = Mutex<Kept?>(nil)

  package init() {}

  /// The answer to a question.
  ///
  /// - Parameters:
  ///   - question: All that it follows from.
  ///   - compute: Finds it, unless it is known.
  /// - Returns: The answer.
  /// - Throws: What `compute` throws.
  package func answer(
    to question: String, compute: () throws(Problem) -> OutputOracle.Answer
  ) throws(Problem) -> OutputOracle.Answer {
    let known = kept.withLock { $0 }
    if let known, known.question == question { return known.answer }
    let answer = try compute()
    kept.withLock { $0 = Kept(question: question, answer: answer) }
    return answer
  }
}
