import Basics
import Graphs
import Kernels
import Tensors

/// Two stacks of LSTMs that translate, with the names of `torch.nn.LSTM`.
///
/// Sutskever, Vinyals, Le, "Sequence to Sequence Learning with Neural Networks" (2014), section 3.4:
/// four layers of 1000 cells on each side, 1000 floats a word, 160 000 words of the source and 80 000
/// of the target. The decoder begins with what the encoder ends with. The paper turns sources round;
/// here they are taken as they are given.
package struct Seq2Seq: Sendable {
  /// The network's name on the command line.
  package var name: String
  /// Layers of the encoder, and as many of the decoder.
  package var layers: Int
  /// Floats of a word and of a state.
  package var width: Int
  /// Words of the source, and of the target.
  package var (source, target): (Int, Int)

  /// Describes a network: the published one unless told.
  package init(
    name: String = "seq2seq", layers: Int = 4, width: Int = 1000, source: Int = 160_000,
    target: Int = 80_000
  ) {
    (self.name, self.layers, self.width) = (name, layers, width)
    (self.source, self.target) = (source, target)
  }

  /// The network: from a `source` and as long a `target` to `logits` of the word behind each of the
  /// target; it learns by SGD with gradients of norm 5 at most (section 3.4).
  package var network: Network {
    Network(
      name: name, tokens: 1...1024, usualTokens: 28, vocabulary: target,
      optimizer: Optimizer(.sgd, learningRate: 0.7, momentum: 0, clip: 5), logits: answers
    ) {
      var small = self
      small.layers = min(layers, SequenceTraining.smallLayers)
      small.source = min(source, SequenceTraining.smallVocabulary)
      small.target = min(target, SequenceTraining.smallVocabulary)
      return small.network
    }
  }

  /// Appends the inputs and all layers; gives the logits of each word of the target.
  private func answers(
    _ graph: inout GraphBuilder, tokens: Int
  ) throws(Problem) -> Graph.Value {
    let type = TensorType(.i64, [.batch, .fixed(tokens)])
    let words = graph.input("source", type)
    let others = graph.input("target", type)
    let sourceTable = graph.table("source_embedding", rows: source, width: width)
    var value = try graph.embedding("source_embedding", words, of: sourceTable)
    var states: [GraphBuilder.RecurrentState] = []
    for layer in 0..<layers {
      let (steps, last) = try graph.lstm("encoder", layer: layer, value, width: width)
      states.append(last)
      // Nobody reads the steps of the last layer.
      if layer + 1 < layers { value = try graph.steps("encoder.steps\(layer)", steps) }
    }
    let targetTable = graph.table("target_embedding", rows: target, width: width)
    value = try graph.embedding("target_embedding", others, of: targetTable)
    for layer in 0..<layers {
      let (steps, _) = try graph.lstm(
        "decoder", layer: layer, value, width: width, from: states[layer])
      value = try graph.steps("decoder.steps\(layer)", steps)
    }
    return try graph.rows("output", value, outputs: target)
  }
}
