import Graphs
import Kernels
import Models
import TestSupport
import Testing

/// Small networks for texts: programs beside the plain references.
@Suite struct TextProgramTests {
  static let networks = [
    GPT2(name: "gpt2", layers: 2, width: 12, heads: 3, vocabulary: 23, positions: 9).network,
    BERT(
      name: "bert", layers: 2, width: 12, heads: 3, inner: 20, vocabulary: 23, positions: 9
    ).network,
    Transformer(name: "transformer", layers: 2, width: 12, heads: 3, inner: 20, vocabulary: 23)
      .network,
    Seq2Seq(name: "seq2seq", layers: 2, width: 12, source: 23, target: 19).network,
  ]

  @Test(arguments: networks, [1, 2])
  func computesWhatItsReferencesDo(network: Network, threads: Int) throws {
    // Of the second text, as far as there is a mask, the last tokens are no words.
    let mask = (0..<14).map { Int64($0 < 11 ? 1 : 0) }
    let kinds = (0..<14).map { Int64($0 % 7 / 4) }
    let run = try TextRun(
      network, tokens: 7, batch: 2, threads: threads,
      numbers: ["attention_mask": mask, "token_type_ids": kinds])
    #expect(run.program.directFLOPs == network.macs(batch: 2, inputSize: 7).flops)
    let expected = try run.references()
    for _ in 0..<2 {
      let outputs = run.outputs()
      #expect(Set(outputs.keys) == Set(expected.keys))
      for (name, values) in outputs {
        let error = relativeError(values, (expected[name] ?? []).map { Float($0) })
        #expect(error < 1e-5, "\(network.name): \(name) \(error)")
      }
    }
  }

  /// Sums and activations are done by the layers before them, and parts of a matrix are not copied.
  @Test func fusesWhatBelongsTogether() throws {
    let program = try TextRun(Self.networks[0], tokens: 7, batch: 1, threads: 1).program
    // Norm, three parts, attention, projection, norm, two layers; before and behind them five.
    #expect(program.units.count == 9 * 2 + 5)
    #expect(program.units.count { $0.epilogue.addsResidual } == 4)
    #expect(program.units.count { $0.epilogue.activation == .geluByTanh } == 2)
  }

  /// Each token sees those before it and no others.
  @Test func seesNothingBehindIt() throws {
    let short = try TextRun(Self.networks[0], tokens: 4, batch: 1, threads: 1)
    let long = try TextRun(Self.networks[0], tokens: 7, batch: 1, threads: 1)
    let (first, all) = (short.outputs()["logits"] ?? [], long.outputs()["logits"] ?? [])
    #expect(first.count == 4 * 23 && all.count == 7 * 23)
    #expect(relativeError(Array(all.prefix(first.count)), first) < 1e-5)
  }
}
