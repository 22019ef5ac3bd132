import Basics
import Graphs
import Kernels
import Tensors

/// BERT with both heads of its pre-training, as transformers builds and names it:
/// `BertForPreTraining`.
///
/// Devlin, Chang, Lee, Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for
/// Language Understanding" (2019), section 3 and appendix A.2. Layer norms behind each part, ε 1e-12,
/// GELU by the error function; the table of tokens is the output layer, too, with a bias of its own.
package struct BERT: Sendable {
  /// Added to variances.
  private static let epsilon = 1e-12

  /// The network's name on the command line.
  package var name: String
  /// Layers one after the other.
  package var layers: Int
  /// Floats of a token.
  package var width: Int
  /// Heads of attention.
  package var heads: Int
  /// Floats of a token inside a layer.
  package var inner: Int
  /// Tokens that there are.
  package var vocabulary: Int
  /// The longest sequence.
  package var positions: Int

  package init(
    name: String, layers: Int, width: Int, heads: Int, inner: Int, vocabulary: Int = 30_522,
    positions: Int = 512
  ) {
    (self.name, self.layers, self.width, self.heads) = (name, layers, width, heads)
    (self.inner, self.vocabulary, self.positions) = (inner, vocabulary, positions)
  }

  /// The published ones (section 3).
  package static let all = [
    BERT(name: "bert-base", layers: 12, width: 768, heads: 12, inner: 3072),
    BERT(name: "bert-large", layers: 24, width: 1024, heads: 16, inner: 4096),
  ]

  /// The network: from `input_ids`, `attention_mask` and `token_type_ids` to `prediction_logits` of
  /// each token and `seq_relationship_logits` of the whole.
  ///
  /// Its usual length is that of nine tenths of the pre-training.
  package var network: Network {
    Network(
      name: name, tokens: 1...positions, usualTokens: min(128, positions), vocabulary: vocabulary,
      spelling: WeightSpelling(
        renamings: [
          (".LayerNorm.weight", ".LayerNorm.gamma"), (".LayerNorm.bias", ".LayerNorm.beta"),
        ],
        ignored: [
          "cls.predictions.decoder.weight", "cls.predictions.decoder.bias",
          "bert.embeddings.position_ids",
        ]),
      firstTokens: .seeWhatIsShown(by: "attention_mask"), training: training
    ) { (graph: inout GraphBuilder, tokens: Int) throws(Problem) in
      let (value, words) = try trunk(&graph, tokens: tokens)
      return [
        Graph.Port("prediction_logits", try predictions(&graph, value, words)),
        Graph.Port("seq_relationship_logits", try relationship(&graph, value)),
      ]
    }
  }

  /// Its pre-training (appendix A.2): 15 % of the tokens are told, and whether a sentence follows.
  ///
  /// The rows of those tokens are gathered before the head. Adam has a decay of 0.01, which is taken off
  /// weights; there is no dropout, whose masks would be others in other software.
  private var training: SequenceTraining {
    SequenceTraining(
      optimizer: Optimizer(.adamw, learningRate: 1e-4, epsilon: 1e-6, weightDecay: 0.01),
      small: {
        var small = self
        small.layers = min(layers, SequenceTraining.smallLayers)
        small.vocabulary = min(vocabulary, SequenceTraining.smallVocabulary)
        return small.network
      }
    ) { (graph: inout GraphBuilder, tokens: Int) throws(Problem) in
      let (value, words) = try trunk(&graph, tokens: tokens)
      let told = Dimension.fixed(Self.toldTokens(of: tokens))
      let places = graph.input("masked_positions", TensorType(.i64, [.batch, told]))
      let rows = try graph.tokens("bert.masked", value, at: places)
      let logits = try predictions(&graph, rows, words)
      let follows = try relationship(&graph, value)
      return [
        try graph.crossEntropy(
          "loss.prediction", logits, labels: graph.labels("masked_labels", of: logits)),
        try graph.crossEntropy(
          "loss.relationship", follows, labels: graph.labels("next_sentence_labels", of: follows)),
      ]
    }
  }

  /// Tokens of a sequence that the pre-training tells: 15 %, rounded up.
  package static func toldTokens(of tokens: Int) -> Int { (15 * tokens + 99) / 100 }

  /// Appends the inputs and all layers; gives the rows of all tokens, and the table of tokens.
  private func trunk(
    _ graph: inout GraphBuilder, tokens: Int
  ) throws(Problem) -> (value: Graph.Value, words: Graph.Value) {
    let type = TensorType(.i64, [.batch, .fixed(tokens)])
    let numbers = graph.input("input_ids", type)
    let mask = graph.input("attention_mask", type)
    let kinds = graph.input("token_type_ids", type)
    let words = graph.table(
      "bert.embeddings.word_embeddings", rows: vocabulary, width: width)
    var value = try embedded(&graph, numbers, kinds, words, tokens: tokens)
    let seen = try graph.seenKeys("bert.attention_mask", mask)
    for layer in 0..<layers { value = try block(&graph, layer, value, seen: seen) }
    return (value, words)
  }

  private func embedded(
    _ graph: inout GraphBuilder, _ numbers: Graph.Value, _ kinds: Graph.Value, _ words: Graph.Value,
    tokens: Int
  ) throws(Problem) -> Graph.Value {
    let name = "bert.embeddings"
    let types = graph.table("\(name).token_type_embeddings", rows: 2, width: width)
    let places = graph.table("\(name).position_embeddings", rows: positions, width: width)
    let word = try graph.embedding("\(name).word_embeddings", numbers, of: words)
    let kind = try graph.embedding("\(name).token_type_embeddings", kinds, of: types)
    let sum = try graph.add("\(name).add", word, kind)
    let first = try graph.firstRows("\(name).position_embeddings", of: places, count: tokens)
    return try graph.layerNorm(
      "\(name).LayerNorm", graph.addRows("\(name).positions", sum, first), epsilon: Self.epsilon)
  }

  private func block(
    _ graph: inout GraphBuilder, _ index: Int, _ input: Graph.Value, seen: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let name = "bert.encoder.layer.\(index)"
    let attention = "\(name).attention.self"
    var value = try graph.attention(
      attention, queries: graph.rows("\(attention).query", input, outputs: width),
      keys: graph.rows("\(attention).key", input, outputs: width),
      values: graph.rows("\(attention).value", input, outputs: width), heads: heads, mask: seen)
    value = try graph.rows("\(name).attention.output.dense", value, outputs: width)
    value = try graph.add("\(name).attention.output.add", value, input)
    let middle = try graph.layerNorm(
      "\(name).attention.output.LayerNorm", value, epsilon: Self.epsilon)
    value = try graph.rows("\(name).intermediate.dense", middle, outputs: inner)
    value = try graph.gelu("\(name).intermediate.intermediate_act_fn", value)
    value = try graph.rows("\(name).output.dense", value, outputs: width)
    value = try graph.add("\(name).output.add", value, middle)
    return try graph.layerNorm("\(name).output.LayerNorm", value, epsilon: Self.epsilon)
  }

  /// Which token stands at each place.
  private func predictions(
    _ graph: inout GraphBuilder, _ input: Graph.Value, _ words: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let name = "cls.predictions"
    var value = try graph.rows("\(name).transform.dense", input, outputs: width)
    value = try graph.gelu("\(name).transform.transform_act_fn", value)
    value = try graph.layerNorm("\(name).transform.LayerNorm", value, epsilon: Self.epsilon)
    let bias = graph.bias(name, vocabulary)
    return try graph.tied("\(name).decoder", value, to: words, bias: bias)
  }

  /// Whether the second sentence follows the first, from what the first token has become.
  private func relationship(
    _ graph: inout GraphBuilder, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let first = try graph.append(
      "bert.pooler.first", AxisSelection([nil, [0], nil]), [input])[0]
    let row = try graph.append(
      "bert.pooler.row", Reshape([.batch, .fixed(width)]), [first])[0]
    let dense = try graph.linear("bert.pooler.dense", row, outputs: width)
    return try graph.linear(
      "cls.seq_relationship", graph.tanh("bert.pooler.activation", dense), outputs: 2)
  }
}
