import Basics
import Glibc
import Graphs
import Kernels
import Tensors

/// The Transformer, with the names of `torch.nn.Transformer`, whose two last norms it has not.
///
/// Vaswani et al., "Attention Is All You Need" (2017), section 3: one table of tokens for source,
/// target and output layer, times the root of its width where it is read, sinusoids for places, layer
/// norms behind each part. The published ones have a vocabulary for German of 37 000 tokens or, as
/// here, of 32 000 for French.
package struct Transformer: Sendable {
  /// Added to variances.
  private static let epsilon = 1e-5
  /// The longest sequence: of no model's making, as sinusoids go on.
  private static let longest = 4096

  /// The network's name on the command line.
  package var name: String
  /// Layers of the encoder, and as many of the decoder.
  package var layers: Int
  /// Floats of a token.
  package var width: Int
  /// Heads of attention.
  package var heads: Int
  /// Floats of a token inside a layer.
  package var inner: Int
  /// Tokens that there are.
  package var vocabulary: Int

  package init(
    name: String, layers: Int = 6, width: Int, heads: Int, inner: Int, vocabulary: Int = 32_000
  ) {
    (self.name, self.layers, self.width, self.heads) = (name, layers, width, heads)
    (self.inner, self.vocabulary) = (inner, vocabulary)
  }

  /// The published ones (table 3).
  package static let all = [
    Transformer(name: "transformer-base", width: 512, heads: 8, inner: 2048),
    Transformer(name: "transformer-big", width: 1024, heads: 16, inner: 4096),
  ]

  /// The network: from a `source` and as long a `target` to `logits` of the token behind each of the
  /// target.
  ///
  /// Its usual length is that of a mean pair of sentences of the data that it was published with. Labels
  /// are smoothed by 0.1 (section 5). There is no dropout, whose masks would be others in other software.
  package var network: Network {
    Network(
      name: name, tokens: 1...Self.longest, usualTokens: 28, vocabulary: vocabulary,
      optimizer: Optimizer(.adam, learningRate: 1e-4, secondMomentum: 0.98, epsilon: 1e-9),
      smoothing: 0.1, logits: answers
    ) {
      var small = self
      small.layers = min(layers, SequenceTraining.smallLayers)
      small.vocabulary = min(vocabulary, SequenceTraining.smallVocabulary)
      return small.network
    }
  }

  /// Appends the inputs and all layers; gives the logits of each token of the target.
  private func answers(
    _ graph: inout GraphBuilder, tokens: Int
  ) throws(Problem) -> Graph.Value {
    let type = TensorType(.i64, [.batch, .fixed(tokens)])
    let source = graph.input("source", type)
    let target = graph.input("target", type)
    let table = graph.table("embedding", rows: vocabulary, width: width)
    let places = try graph.append("positions", sinusoids(tokens), [])[0]
    func embedded(
      _ name: String, _ numbers: Graph.Value, _ graph: inout GraphBuilder
    ) throws(Problem) -> Graph.Value {
      let rows = try graph.embedding("\(name).embedding", numbers, of: table)
      let scale = Pairwise(.multiply, constant: Double(width).squareRoot())
      let scaled = try graph.append("\(name).scaled", scale, [rows])[0]
      return try graph.addRows("\(name).positions", scaled, places)
    }
    var memory = try embedded("source", source, &graph)
    for layer in 0..<layers { memory = try encode(&graph, layer, memory) }
    var value = try embedded("target", target, &graph)
    for layer in 0..<layers { value = try decode(&graph, layer, value, memory: memory) }
    return try graph.tied("output", value, to: table)
  }

  /// `sin(p / 10000^(2i / width))` and its cosine side by side, for each place `p` (section 3.5).
  private func sinusoids(_ tokens: Int) -> Literal {
    var values: [Float] = []
    for place in 0..<tokens {
      for index in 0..<width {
        let angle = Double(place) / pow(10_000, Double(index / 2 * 2) / Double(width))
        values.append(Float(index % 2 == 0 ? sin(angle) : cos(angle)))
      }
    }
    return Literal(
      TensorType(.f32, [.fixed(tokens), .fixed(width)]), values.withUnsafeBytes { Array($0) })
  }

  private func encode(
    _ graph: inout GraphBuilder, _ index: Int, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let name = "transformer.encoder.layers.\(index)"
    let mixed = try graph.multiheadAttention(
      "\(name).self_attn", input, memory: input, heads: heads)
    let value = try joined(&graph, name, 1, mixed, input)
    let part = try inside(&graph, name, value)
    return try joined(&graph, name, 2, part, value)
  }

  private func decode(
    _ graph: inout GraphBuilder, _ index: Int, _ input: Graph.Value, memory: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let name = "transformer.decoder.layers.\(index)"
    let own = try graph.multiheadAttention(
      "\(name).self_attn", input, memory: input, heads: heads, isCausal: true)
    var value = try joined(&graph, name, 1, own, input)
    let other = try graph.multiheadAttention(
      "\(name).multihead_attn", value, memory: memory, heads: heads)
    value = try joined(&graph, name, 2, other, value)
    let part = try inside(&graph, name, value)
    return try joined(&graph, name, 3, part, value)
  }

  /// The two fully connected layers.
  private func inside(
    _ graph: inout GraphBuilder, _ name: String, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value {
    var value = try graph.rows("\(name).linear1", input, outputs: inner)
    value = try graph.relu("\(name).activation", value)
    return try graph.rows("\(name).linear2", value, outputs: width)
  }

  /// A part's result and its input, added and normalised.
  private func joined(
    _ graph: inout GraphBuilder, _ name: String, _ number: Int, _ part: Graph.Value,
    _ input: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let sum = try graph.add("\(name).add\(number)", part, input)
    return try graph.layerNorm("\(name).norm\(number)", sum, epsilon: Self.epsilon)
  }
}
