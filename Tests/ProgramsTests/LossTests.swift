import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Losses of networks for sequences and of games' towers: their gradients beside differences, and their
/// kernels beside their references.
@Suite struct LossTests {
  static let losses: [any LossOperator] = [
    TokenCrossEntropy(), TokenCrossEntropy(smoothing: 0.2, ignored: 4),
    ShareCrossEntropy(), SquaredError(),
  ]

  /// Rows of seven logits each, by a matrix and a bias that are trained.
  private func graph(_ loss: any LossOperator) throws -> Graph {
    var builder = GraphBuilder()
    let isOfTokens = loss is TokenCrossEntropy
    let rows = builder.input("x", TensorType(.f32, isOfTokens ? [.batch, 3, 5] : [.batch, 5]))
    let logits = try builder.rows("logits", rows, outputs: 7)
    let labels =
      isOfTokens
      ? builder.labels("labels", of: logits)
      : builder.input("labels", builder[logits].type)
    let outputs = try builder.append("loss", loss, [logits, labels])
    builder.output("loss", outputs[0])
    return try builder.graph()
  }

  @Test(arguments: losses)
  func differentiatesAsDifferencesSay(loss: any LossOperator) throws {
    let forward = try graph(loss)
    var inputs = try ProgramTests().tensors(forward)
    let isOfTokens = loss is TokenCrossEntropy
    inputs["x"] = ReferenceTensor(isOfTokens ? [2, 3, 5] : [6, 5]) { Double($0 * 7 % 23) / 8 - 1 }
    inputs["labels"] =
      isOfTokens
      ? ReferenceTensor([2, 3], [0, 6, 4, 2, 2, 5])
      : ReferenceTensor([6, 7]) { Double($0 * 5 % 11) / 40 }
    let derivatives = try checkedDerivatives(of: forward, at: inputs, most: 12)
    #expect(Set(derivatives.map(\.parameter)) == ["logits.weight", "logits.bias"])
    for derivative in derivatives { #expect(derivative.isRight, "\(derivative)") }
  }

  @Test(arguments: losses, [1, 2])
  func computesWhatItsReferenceDoes(loss: any LossOperator, threads: Int) throws {
    for batch in [nil, 4] as [Int?] {
      var one = OneOperator(loss)
      one.batch = batch
      if loss is TokenCrossEntropy {
        one.floats([4, 3, 37], in: -4...4)
        one.inputs.append((.i64, [4, 3], [0, 36, 4, 2, 2, 5, 4, 1, 1, 35, 9, 8]))
      } else {
        one.floats([4, 37], in: -4...4)
        one.floats([4, 37], in: 0...0.1)
      }
      try one.compare(threads: threads)
    }
  }

  @Test func refusesWhatItCannotTake() {
    let rows = TensorType(.f32, [.batch, 3, 7])
    for (loss, labels) in [
      (TokenCrossEntropy(), TensorType(.i64, [.batch, 4])),
      (TokenCrossEntropy(), TensorType(.i32, [.batch, 3])),
      (TokenCrossEntropy(smoothing: 1), TensorType(.i64, [.batch, 3])),
    ] {
      #expect(throws: Problem.self) { try loss.outputs([rows, labels]) }
    }
    #expect(throws: Problem.self) {
      try TokenCrossEntropy().outputs([TensorType(.f32, [.batch]), TensorType(.i64, [])])
    }
  }
}
