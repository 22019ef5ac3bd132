import Foundation
import Models
import TestSupport
import Testing

/// Outputs that PyTorch computes from the same hash-made weights and tokens: networks of few layers at
/// full width.
///
/// `Tests/Fixtures/make.py text` records them: of each output its norm, its largest value and probes.
@Suite struct TextParityTests {
  private struct Fixture: Decodable {
    struct Text: Decodable {
      var layers: Int
      var vocabulary: Int
      var batch: Int
      var tokens: Int
      var outputs: [String: Output]
    }

    struct Output: Decodable {
      var count: Int
      var norm: Double
      var largest: Double
      var probes: [Float]
    }

    var networks: [String: Text]

    static func read() throws -> Fixture? {
      guard
        let url = Bundle.module.url(forResource: "Fixtures/pytorch-text", withExtension: "json")
      else { return nil }
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }
  }

  /// One of each width whose weights take seconds at most.
  static let names = [
    "bert-base", "bert-large", "gpt2", "gpt2-medium", "gpt2-xl", "transformer-base",
    "transformer-big", "seq2seq",
  ]

  /// The network of that name with so many layers and tokens of its vocabulary.
  static func network(_ name: String, layers: Int, vocabulary: Int) -> Network? {
    if var model = BERT.all.first(where: { $0.name == name }) {
      (model.layers, model.vocabulary) = (layers, vocabulary)
      return model.network
    }
    if var model = GPT2.all.first(where: { $0.name == name }) {
      (model.layers, model.vocabulary) = (layers, vocabulary)
      return model.network
    }
    if var model = Transformer.all.first(where: { $0.name == name }) {
      (model.layers, model.vocabulary) = (layers, vocabulary)
      return model.network
    }
    guard name == "seq2seq" else { return nil }
    return Seq2Seq(layers: layers, source: vocabulary, target: vocabulary).network
  }

  @Test(arguments: names)
  func givesPyTorchsOutputs(name: String) throws {
    guard let fixture = try Fixture.read() else {
      print("SKIPPED: no Fixtures/pytorch-text.json; 'Tests/Fixtures/make.py text' records it")
      return
    }
    let text = try #require(fixture.networks[name])
    let network = try #require(
      Self.network(name, layers: text.layers, vocabulary: text.vocabulary))
    let (tokens, count) = (text.tokens, text.batch * text.tokens)
    // As make.py has it: the last text ends early, and its second half is another sentence.
    let mask = (0..<count).map { Int64($0 < count - tokens / 3 ? 1 : 0) }
    let kinds = (0..<count).map { Int64($0 % tokens >= tokens / 2 ? 1 : 0) }
    let run = try TextRun(
      network, tokens: tokens, batch: text.batch, threads: 2,
      numbers: ["attention_mask": mask, "token_type_ids": kinds])
    let outputs = run.outputs()
    #expect(Set(outputs.keys) == Set(text.outputs.keys))
    for (output, expected) in text.outputs {
      let values = outputs[output] ?? []
      try #require(values.count == expected.count)
      let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let largest = values.reduce(0.0) { max($0, abs(Double($1))) }
      #expect(abs(norm / expected.norm - 1) < 1e-4, "\(name): norm of \(output)")
      #expect(abs(largest / expected.largest - 1) < 1e-4, "\(name): largest of \(output)")
      let last = expected.probes.count - 1
      let probes = expected.probes.indices.map { values[$0 * (values.count - 1) / last] }
      let differences = zip(probes, expected.probes).map { abs(Double($0) - Double($1)) }
      let error = (differences.max() ?? .infinity) / expected.largest
      #expect(error < 1e-4, "\(name): \(output) \(error)")
      print("\(name): relative error of the \(output) against PyTorch \(error)")
    }
  }
}
