import Basics
import Harness
import Kernels
import Models
import Programs
import Testing
import Workloads

/// Cases of networks for texts: their ids, what is refused, and what they are compared with.
@Suite struct TextCaseTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  private func id(_ name: String, _ options: [CaseOptions.Key: String]) -> String {
    CaseSuite.network(
      .infer, name: name, batch: 1, threads: 1, engine: .native, options: options
    ).id
  }

  @Test func namesTheLengthThatIsNotTheUsualOne() throws {
    #expect(id("bert-base", [:]) == "infer/bert-base/b1/t1/native")
    #expect(id("bert-base", [.sequence: "128"]) == "infer/bert-base/b1/t1/native")
    #expect(id("bert-base", [.sequence: "384"]) == "infer/bert-base/b1/s384/t1/native")
    #expect(id("gpt2", [.sequence: "1024"]) == "infer/gpt2/b1/t1/native")
    let network = WorkSubject.network(try Network.named("gpt2"))
    let layers = try CaseSuite.convolutions(
      of: network, inputSize: 16, batch: 1, threads: [1], engines: [.native])
    let ids = layers.map(\.id)
    #expect(
      ids.contains("conv/gpt2.transformer.h.0.mlp.c_fc/forward/b1/s16/t1/native"), "\(ids)")
    #expect(layers.allSatisfy { $0.repeat.contains("--sequence 16") }, "\(layers[0].repeat)")
  }

  @Test func measuresSequences() throws {
    let workload = try catalogue.workload(
      for: CaseRequest(id: "infer/transformer-base/b1/s3/t1/native"))
    #expect(workload.id == "infer/transformer-base/b1/s3/t1/native")
    #expect(workload.item.name == "sequence" && workload.imagesPerCall == 1)
    #expect(workload.parameters["sequence"] == .number(3))
    #expect(workload.parameters["tokens_per_item"] == .number(3))
    #expect(workload.parameters["input_size"] == nil && workload.parameters["classes"] == nil)
    let macs = try Network.named("transformer-base").macs(batch: 1, inputSize: 3)
    #expect(workload.directFLOPs == macs.flops)
    let found = try workload.check()
    #expect(found.status == .passed, "\(found)")
  }

  /// Ids and options, and a word of the refusal.
  static let refused: [(String, [String: String], String)] = [
    ("infer/gpt2/b1/i32/t1/native", [:], "--input-size is for images"),
    ("infer/gpt2/b1/t1/native", ["input-size": "32"], "--input-size is for images"),
    ("infer/resnet18/b1/s8/t1/native", [:], "--sequence is for texts"),
    ("infer/gpt2/b1/s1025/t1/native", [:], "sequences of 1 to 1024 tokens"),
    ("infer/gpt2/b1/s8/t1/native", ["sequence": "9"], "contradict"),
    ("train/gpt2/b1/s2000/t1/native", [:], "1 to 1024 tokens"),
  ]

  @Test(arguments: refused)
  func refusesWhatATextIsNot(id: String, options: [String: String], word: String) {
    let error = #expect(throws: Problem.self) {
      _ = try catalogue.workload(for: CaseRequest(id: id, options: options))
    }
    #expect(error?.description.contains(word) == true, "\(id): \(error?.description ?? "")")
  }

  static let networks = [
    GPT2(name: "gpt2", layers: 2, width: 12, heads: 3, vocabulary: 23, positions: 9).network,
    BERT(
      name: "bert", layers: 2, width: 12, heads: 3, inner: 20, vocabulary: 23, positions: 9
    ).network,
  ]

  /// The first tokens of the last text, computed alone, are the answers to them in the whole: where
  /// nothing behind them is seen, or where it is hidden.
  @Test(arguments: networks)
  func comparesTheFirstTokens(network: Network) throws {
    let model = Model(network, seed: 1)
    let pass = SizedModel(model, inputSize: 9).forwardPass(batch: 2)
    let pool = ThreadPool(threads: 1)
    let program = try pass.program(pool: pool) { Engine.native.algorithm(for: $0) }
    let oracle = try SizedModel(model, inputSize: 4).forwardPass(batch: 1)
      .program(pool: pool) { _ in .reference }
    let inputs = InputBlock(for: program, tables: pass.tables)
    inputs.fill(seed: 1)
    inputs.bindLast(to: program)
    inputs.bindLast(to: oracle)
    oracle.run()
    program.run()
    let error = program.error(beside: oracle)
    guard case .seeWhatIsShown(let mask) = network.firstTokens else {
      #expect(error < 1e-5)
      return
    }
    #expect(error > 1e-3, "without a mask all tokens are seen")
    inputs.show(first: 4, by: mask)
    program.run()
    #expect(program.error(beside: oracle) < 1e-5)
  }

  /// Long texts are compared with few tokens, short ones with all.
  @Test func limitsWhatPlainLoopsCompute() throws {
    let model = Model(Self.networks[0], seed: 1)
    #expect(try SizedModel(model, inputSize: 9).oracle(of: 2).tokens == nil)
    let large = Model(try Network.named("gpt2"), seed: 1)
    let oracle = try SizedModel(large, inputSize: 1024).oracle(of: 1)
    #expect(oracle.tokens == 140 && oracle.mask == nil)
    let bert = Model(try Network.named("bert-large"), seed: 1)
    let masked = try SizedModel(bert, inputSize: 384).oracle(of: 1)
    #expect(masked.mask == "attention_mask" && masked.pass.batch == 1)
    #expect((32..<128).contains(masked.tokens ?? 0))
    let pair = Model(try Network.named("transformer-big"), seed: 1)
    #expect(try SizedModel(pair, inputSize: 512).oracle(of: 1).tokens == nil)
  }
}
