import Basics
import Programs
import Testing
import Workloads

/// Answers of checks are found once for cases that differ by engine alone.
@Suite struct LastAnswerTests {
  @Test func onlyTheSameQuestionIsNotAskedTwice() throws {
    let last = LastAnswer()
    var asked: [Float] = []
    func answer(_ question: String, _ value: Float) throws -> [[Float]] {
      try last.answer(to: question) { () throws(Problem) in
        asked.append(value)
        return OutputOracle.Answer(outputs: [[value]], basis: .operators)
      }.outputs
    }
    #expect(try answer("one", 1) == [[1]])
    #expect(try answer("one", 2) == [[1]])
    #expect(try answer("other", 3) == [[3]])
    #expect(try answer("one", 4) == [[4]])
    #expect(asked == [1, 3, 4])
    #expect(throws: Problem.self) {
      try last.answer(to: "none") { () throws(Problem) in throw Problem(.malformed, "no") }
    }
    #expect(try answer("one", 5) == [[4]])
  }
}
