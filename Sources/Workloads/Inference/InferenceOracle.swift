import Basics
import Models

/// What the last item of a batch is compared with: the same, or a part of it, computed alone.
package struct InferenceOracle {
  /// The pass of the oracle.
  package var pass: ForwardPass
  /// Tokens of the item, where only the first of them are computed; nil for all that there is.
  package var tokens: Int?
  /// The input by which what is timed sees no others meanwhile; nil where it never does.
  package var mask: String?
}

extension InferenceSubject {
  /// What a batch's last item is compared with: all of it.
  package func oracle(of batch: Int) throws(Problem) -> InferenceOracle {
    InferenceOracle(pass: try forwardPass(batch: oracleBatch(of: batch)))
  }
}

extension SizedModel {
  /// Multiply-accumulates that plain loops do in some seconds.
  private static let oracleLimit = 20_000_000_000
  /// Tokens that are compared at least: more than any tile has rows.
  private static let fewestTokens = 32

  /// What a batch's last item is compared with: of a long sequence the first tokens, where these do
  /// not depend on the others.
  package func oracle(of batch: Int) throws(Problem) -> InferenceOracle {
    let network = model.network
    let work = network.macs(batch: 1, inputSize: inputSize).count
    let fitting = max(
      Self.fewestTokens, Int(Double(inputSize) * Double(Self.oracleLimit) / Double(max(work, 1))))
    let whole = InferenceOracle(pass: forwardPass(batch: 1))
    guard network.item == .sequence, fitting < inputSize else { return whole }
    let first = InferenceOracle(
      pass: SizedModel(model, inputSize: fitting).forwardPass(batch: 1), tokens: fitting)
    switch network.firstTokens {
    case .needAll: return whole
    case .seeNoOthers: return first
    case .seeWhatIsShown(let mask):
      var shown = first
      shown.mask = mask
      return shown
    }
  }
}
