import Basics
import Graphs
import Models
import Testing

/// Sizes, names and forms of the networks for texts.
@Suite struct TextNetworkTests {
  /// Trainable parameters, tied tables once: as transformers and torch.nn count them.
  static let sizes: [(name: String, parameters: Int)] = [
    ("bert-base", 110_106_428), ("bert-large", 336_226_108), ("gpt2", 124_439_808),
    ("gpt2-medium", 354_823_168), ("gpt2-large", 774_030_080), ("gpt2-xl", 1_557_611_200),
    ("transformer-base", 60_522_496), ("transformer-big", 209_125_376), ("seq2seq", 384_144_000),
  ]

  @Test(arguments: sizes)
  func hasTheCountedParameters(name: String, parameters: Int) throws {
    let network = try Network.named(name)
    #expect(network.parameterCount == parameters)
    #expect(network.item == .sequence && !network.takesClasses && !network.readsLabels)
    let tables = network.inputs(inputSize: 4).filter { $0.usualNumber == nil }.map(\.tableRows)
    #expect(tables.contains(network.classes), "what it answers is what it reads")
    let classes = #expect(throws: Problem.self) { try Network.named(name, classes: 10) }
    #expect(classes?.description.contains("tells tokens by \(network.classes)") == true)
    #expect(throws: Problem.self) { try network.refuseLabels() }
    #expect(throws: Never.self) { try network.refuseTraining() }
    #expect(network.shallow?().parameterCount ?? 0 < network.parameterCount)
  }

  /// Multiply-accumulates of the encoder and the pooler by tokens, L(4d² + 2df)S + 2LS²d + d²; both
  /// heads take d² + dV a token and 2d more.
  static let encoders: [(name: String, width: Int, trunk: Int, macs: [Int: Int])] = [
    (
      "bert-base", 768, 109_482_240,
      [128: 11_174_215_680, 384: 35_333_406_720, 512: 48_318_971_904]
    ),
    (
      "bert-large", 1024, 335_141_888,
      [128: 39_461_060_608, 384: 123_212_922_880, 512: 167_504_773_120]
    ),
  ]

  @Test(arguments: encoders)
  func countsBERT(name: String, width: Int, trunk: Int, macs: [Int: Int]) throws {
    let network = try Network.named(name)
    let parameters = network.parameters.filter { !$0.name.hasPrefix("cls.") }
    #expect(parameters.reduce(0) { $0 + $1.count } == trunk)
    #expect(network.usualInputSize == 128)
    for (tokens, count) in macs {
      let graph = network.graph(inputSize: tokens)
      #expect(graph.macs(batch: 1) { !$0.name.hasPrefix("cls.") }.count == count)
      let heads = tokens * (width * width + width * network.classes) + 2 * width
      #expect(network.macs(batch: 1, inputSize: tokens).count == count + heads)
      #expect(network.macs(batch: 3, inputSize: tokens).count == 3 * (count + heads))
    }
  }

  /// The same of a token: of GPT-2 at 1024, of a source and a target at 28 each.
  static let others: [(name: String, tokens: Int, macs: Int)] = [
    ("gpt2", 1024, 142_406_400), ("gpt2-medium", 1024, 403_784_704),
    ("gpt2-large", 1024, 866_489_600), ("gpt2-xl", 1024, 1_712_257_600),
    ("transformer-base", 28, 22_020_096 + 38_404_096 + 516_096),
    ("transformer-big", 28, 88_080_384 + 120_848_384 + 1_032_192),
    ("seq2seq", 28, 32_000_000 + 112_000_000),
  ]

  @Test(arguments: others)
  func countsTheWorkOfAToken(name: String, tokens: Int, macs: Int) throws {
    let network = try Network.named(name)
    #expect(network.usualInputSize == tokens)
    #expect(network.macs(batch: 1, inputSize: tokens).count == tokens * macs)
  }

  /// L(12d² + 2Sd) + 256d a byte, and L · 8d² + 256d: within a hundredth of one another.
  @Test func networksOverBytesTakeAsManyOperations() throws {
    let (newer, older) = (try Network.named("gpt2-bytes"), try Network.named("lstm-bytes"))
    #expect(newer.macs(batch: 1, inputSize: 128).count == 128 * 950_272)
    #expect(older.macs(batch: 1, inputSize: 128).count == 128 * 951_552)
    #expect(newer.parameterCount == 842_496 && older.parameterCount == 1_016_000)
    for network in [newer, older] {
      #expect(network.readsBytes && network.usualInputSize == 128 && network.classes == 256)
      #expect(throws: Never.self) { try network.refuseText() }
    }
    #expect(Network.names.suffix(2) == ["gpt2-bytes", "lstm-bytes"])
    #expect(try !Network.named("gpt2").readsBytes && !Network.named("resnet18").readsBytes)
    #expect(!older.generatesText && newer.generatesText)
  }

  /// A layer of L(12d² + 2Sd) beside its table of dV a token, and what checks it: as wide heads.
  @Test(arguments: [("gpt3-layer", 12_288, 2048, 96), ("grover-layer", 1536, 1024, 24)])
  func hasOneLayerOfALargerModel(name: String, width: Int, tokens: Int, heads: Int) throws {
    let network = try Network.named(name)
    let layer = 12 * width * width + 2 * tokens * width
    #expect(network.usualInputSize == tokens)
    let macs = network.macs(batch: 1, inputSize: tokens).count
    #expect(macs == tokens * (layer + width * network.classes))
    #expect(network.parameters.filter { $0.name.hasSuffix("c_attn.weight") }.count == 1)
    let inside = 12 * width * width + 13 * width
    #expect(network.parameterCount == inside + width * (network.classes + tokens + 2))
    let small = try #require(network.training?.small())
    let matrix = try #require(
      small.parameters.first { $0.name == "transformer.h.0.mlp.c_fc.weight" })
    #expect(matrix.shape == [1536, 4 * 1536])
    #expect(GPT2.singleLayers.first { $0.name == name }?.heads == heads)
  }

  /// Names and shapes of each reference.
  static let tensors: [(network: String, name: String, shape: [Int])] = [
    ("bert-base", "bert.embeddings.token_type_embeddings.weight", [2, 768]),
    ("bert-base", "bert.encoder.layer.11.attention.self.query.weight", [768, 768]),
    ("bert-base", "bert.encoder.layer.0.attention.output.LayerNorm.bias", [768]),
    ("bert-base", "bert.encoder.layer.0.output.dense.weight", [768, 3072]),
    ("bert-base", "bert.pooler.dense.weight", [768, 768]),
    ("bert-base", "cls.predictions.bias", [30_522]),
    ("bert-base", "cls.predictions.transform.LayerNorm.weight", [768]),
    ("bert-base", "cls.seq_relationship.weight", [2, 768]),
    ("gpt2", "transformer.wpe.weight", [1024, 768]),
    ("gpt2", "transformer.h.11.attn.c_attn.weight", [768, 2304]),
    ("gpt2", "transformer.h.0.mlp.c_fc.weight", [768, 3072]),
    ("gpt2", "transformer.ln_f.bias", [768]),
    ("transformer-base", "embedding.weight", [32_000, 512]),
    ("transformer-base", "transformer.encoder.layers.5.self_attn.in_proj_weight", [1536, 512]),
    ("transformer-base", "transformer.decoder.layers.0.multihead_attn.in_proj_bias", [1536]),
    ("transformer-base", "transformer.decoder.layers.0.norm3.weight", [512]),
    ("seq2seq", "source_embedding.weight", [160_000, 1000]),
    ("seq2seq", "encoder.weight_ih_l3", [4000, 1000]), ("seq2seq", "decoder.bias_hh_l0", [4000]),
    ("seq2seq", "output.bias", [80_000]),
  ]

  @Test(arguments: tensors)
  func namesItsParametersAsItsReferenceDoes(
    network: String, name: String, shape: [Int]
  ) throws {
    let parameters = try Network.named(network).parameters
    #expect(parameters.first { $0.name == name }?.shape == shape)
    let names = parameters.map(\.name)
    for suffix in ["decoder.weight", "lm_head.weight", "encoder.norm.weight"] {
      #expect(!names.contains { $0.hasSuffix(suffix) })
    }
  }

  @Test func saysWhatItIsGivenAndGives() throws {
    let bert = try Network.named("bert-base")
    let inputs = bert.inputs(inputSize: 9)
    #expect(inputs.map(\.name) == ["input_ids", "attention_mask", "token_type_ids"])
    #expect(inputs.map(\.usualNumber) == [nil, 1, 0])
    #expect(inputs.map(\.tableRows) == [30_522, nil, 2])
    #expect(inputs.allSatisfy { $0.element == .i64 && $0.lengths == [9] })
    #expect(bert.outputs.map(\.name) == ["prediction_logits", "seq_relationship_logits"])
    #expect(bert.outputs.map(\.width) == [128 * 30_522, 2])
    let pair = try Network.named("seq2seq").inputs(inputSize: 3)
    #expect(pair.map(\.name) == ["source", "target"])
    #expect(pair.map(\.tableRows) == [160_000, 80_000])
    let long = #expect(throws: Problem.self) { try bert.refuse(inputSize: 513) }
    #expect(long?.description.contains("sequences of 1 to 512 tokens") == true)
  }

  /// Values that are fixed by the hash: a matrix stored by inputs has them in its own order.
  @Test func seedsMatricesByTheirInputs() throws {
    let network = GPT2(name: "small", layers: 1, width: 4, heads: 2, vocabulary: 7).network
    let weights = SeededWeights(for: network, seed: 1)
    for (name, inputs) in [
      ("transformer.wte.weight", 4), ("transformer.h.0.attn.c_attn.weight", 4),
      ("transformer.h.0.mlp.c_proj.weight", 16),
    ] {
      let parameter = try #require(network.parameters.first { $0.name == name })
      let fill = HashFill(name: name, seed: 1)
      let scale = Float((12 / Double(inputs)).squareRoot() * 0x1p-20)
      let expected = (0..<parameter.count).map { Float(Int(fill.word($0)) - 524_288) * scale }
      #expect(try weights.values(parameter) == expected)
    }
  }

  @Test func ordersAMatrixThatIsStoredByInputs() {
    let parameter = Parameter(name: "w", shape: [2, 3], role: .filters, isStoredByInput: true)
    var places = [Int](repeating: -1, count: 6)
    parameter.forEachElement { outside, inside in places[outside] = inside }
    #expect(places == [0, 2, 4, 1, 3, 5])
    #expect(parameter.outputs == 3 && parameter.inputs == 2)
  }
}
