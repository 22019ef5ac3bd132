import Basics
import Graphs
import Kernels
import Tensors

/// GPT-2 as transformers builds and names it: `GPT2LMHeadModel`.
///
/// Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.3: layer
/// norms before each part and behind the last layer, and the table of tokens as the output layer,
/// too. GELU is the one with tanh, ε 1e-5, and matrices inside the layers lie `inputs × outputs`.
package struct GPT2: Sendable {
  /// What attention of a layer reads: `batch × tokens × width` each.
  package typealias Heads = (queries: Graph.Value, keys: Graph.Value, values: Graph.Value)
  /// Appends attention under a name, and gives `batch × tokens × width`.
  package typealias Attend =
    (_ graph: inout GraphBuilder, _ name: String, _ heads: Heads) throws(Problem) -> Graph.Value

  /// Added to variances.
  private static let epsilon = 1e-5

  /// The network's name on the command line.
  package var name: String
  /// Layers one after the other.
  package var layers: Int
  /// Floats of a token.
  package var width: Int
  /// Heads of attention.
  package var heads: Int
  /// Tokens that there are.
  package var vocabulary: Int
  /// The longest sequence.
  package var positions: Int

  package init(
    name: String, layers: Int, width: Int, heads: Int, vocabulary: Int = 50_257,
    positions: Int = 1024
  ) {
    (self.name, self.layers, self.width, self.heads) = (name, layers, width, heads)
    (self.vocabulary, self.positions) = (vocabulary, positions)
  }

  /// The published ones (table 2), under transformers' names.
  package static let all = [
    GPT2(name: "gpt2", layers: 12, width: 768, heads: 12),
    GPT2(name: "gpt2-medium", layers: 24, width: 1024, heads: 16),
    GPT2(name: "gpt2-large", layers: 36, width: 1280, heads: 20),
    GPT2(name: "gpt2-xl", layers: 48, width: 1600, heads: 25),
  ]

  /// A small one over bytes, for texts of any kind; `ByteLSTM` takes as many operations a byte.
  package static let bytes = GPT2(
    name: "gpt2-bytes", layers: 4, width: 128, heads: 4, vocabulary: ByteLSTM.bytes, positions: 128)

  /// One layer of a larger model at its full width, with a table of few tokens, for rates from which
  /// the whole is extrapolated.
  ///
  /// GPT-3 has 96 of them (Brown et al., "Language Models are Few-Shot Learners" (2020), table 2.1),
  /// Grover-Mega 48 (Zellers et al., "Defending Against Neural Fake News" (2019)).
  package static let singleLayers = [
    GPT2(
      name: "gpt3-layer", layers: 1, width: 12_288, heads: 96,
      vocabulary: SequenceTraining.smallVocabulary, positions: 2048),
    GPT2(
      name: "grover-layer", layers: 1, width: 1536, heads: 24,
      vocabulary: SequenceTraining.smallVocabulary),
  ]

  /// The network over whole sequences: from `input_ids` to `logits` of the token behind each.
  ///
  /// Its paper does not say by which update it learns; that of GPT-3 does (Brown et al., "Language Models
  /// are Few-Shot Learners" (2020), appendix B): Adam with a decay of 0.1 and gradients of norm 1 at most.
  package var network: Network {
    Network(
      name: name, tokens: 1...positions, usualTokens: positions, vocabulary: vocabulary,
      spelling: WeightSpelling(
        optionalPrefix: "transformer.",
        ignored: [".attn.bias", ".attn.masked_bias", "lm_head.weight"]),
      firstTokens: .seeNoOthers,
      optimizer: Optimizer(
        .adamw, learningRate: 6e-4, secondMomentum: 0.95, weightDecay: 0.1, clip: 1),
      logits: answers
    ) {
      var small = self
      small.layers = min(layers, SequenceTraining.smallLayers)
      small.vocabulary = min(vocabulary, SequenceTraining.smallVocabulary)
      // Fewer heads, each as wide.
      while small.width > SequenceTraining.smallWidth, small.heads.isMultiple(of: 2) {
        (small.width, small.heads) = (small.width / 2, small.heads / 2)
      }
      return small.network
    }
  }

  /// Appends the input and all layers; gives the logits of each token.
  private func answers(
    _ graph: inout GraphBuilder, tokens: Int
  ) throws(Problem) -> Graph.Value {
    let numbers = graph.input("input_ids", TensorType(.i64, [.batch, .fixed(tokens)]))
    let table = placeTable(&graph)
    let places = try graph.firstRows("transformer.wpe", of: table, count: tokens)
    var value = try embedded(&graph, numbers, places: places)
    for layer in 0..<layers {
      value = try block(&graph, layer, value) {
        (graph: inout GraphBuilder, name: String, parts: Heads) throws(Problem) in
        try graph.attention(
          name, queries: parts.queries, keys: parts.keys, values: parts.values, heads: heads,
          isCausal: true)
      }
    }
    return try logits(&graph, value)
  }

  /// The table of places, `positions × width`.
  package func placeTable(_ graph: inout GraphBuilder) -> Graph.Value {
    graph.table("transformer.wpe", rows: positions, width: width)
  }

  /// Appends the sum of the rows of tokens and of their places.
  ///
  /// - Parameters:
  ///   - graph: What is appended to.
  ///   - numbers: Tokens, `batch × tokens`.
  ///   - places: A row for each token, `tokens × width`.
  /// - Returns: `batch × tokens × width`.
  /// - Throws: Another number of places.
  package func embedded(
    _ graph: inout GraphBuilder, _ numbers: Graph.Value, places: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let table = wordTable(&graph)
    let words = try graph.embedding("transformer.wte", numbers, of: table)
    return try graph.addRows("transformer.drop", words, places)
  }

  /// Appends one layer.
  ///
  /// - Parameters:
  ///   - graph: What is appended to.
  ///   - index: Which layer.
  ///   - input: `batch × tokens × width`.
  ///   - attend: Appends its attention.
  /// - Returns: As the input.
  /// - Throws: What the attention throws.
  package func block(
    _ graph: inout GraphBuilder, _ index: Int, _ input: Graph.Value, attend: Attend
  ) throws(Problem) -> Graph.Value {
    let name = "transformer.h.\(index)"
    var value = try graph.layerNorm("\(name).ln_1", input, epsilon: Self.epsilon)
    let matrix = graph.parameter(
      Parameter(
        name: "\(name).attn.c_attn.weight", shape: [width, 3 * width], role: .filters,
        isStoredByInput: true))
    let bias = graph.parameter(
      Parameter(name: "\(name).attn.c_attn.bias", shape: [3 * width], role: .bias))
    var parts: [Graph.Value] = []
    for (index, part) in ["query", "key", "value"].enumerated() {
      parts.append(
        try graph.part(
          "\(name).attn.\(part)", value, index * width..<(index + 1) * width, of: matrix,
          bias: bias, isStoredByInput: true))
    }
    value = try attend(&graph, "\(name).attn", (parts[0], parts[1], parts[2]))
    value = try graph.rows("\(name).attn.c_proj", value, outputs: width, isStoredByInput: true)
    let middle = try graph.add("\(name).attn.add", value, input)
    value = try graph.layerNorm("\(name).ln_2", middle, epsilon: Self.epsilon)
    value = try graph.rows("\(name).mlp.c_fc", value, outputs: 4 * width, isStoredByInput: true)
    value = try graph.gelu("\(name).mlp.act", value, byTanh: true)
    value = try graph.rows("\(name).mlp.c_proj", value, outputs: width, isStoredByInput: true)
    return try graph.add("\(name).mlp.add", value, middle)
  }

  /// Appends the last norm and the output layer, which is the table of tokens.
  ///
  /// - Parameters:
  ///   - graph: What is appended to.
  ///   - input: `batch × tokens × width`.
  /// - Returns: `batch × tokens × vocabulary`.
  /// - Throws: Rows that are not as wide as the table.
  package func logits(
    _ graph: inout GraphBuilder, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let value = try graph.layerNorm("transformer.ln_f", input, epsilon: Self.epsilon)
    let table = wordTable(&graph)
    return try graph.tied("lm_head", value, to: table)
  }

  private func wordTable(_ graph: inout GraphBuilder) -> Graph.Value {
    graph.table("transformer.wte", rows: vocabulary, width: width)
  }
}
