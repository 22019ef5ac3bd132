import Basics
import Graphs
import Kernels
import Tensors

/// LSTMs one above the other that tell each byte of a text from those before it, with the names of
/// `torch.nn.LSTM`.
///
/// Graves, "Generating Sequences With Recurrent Neural Networks" (2013), section 2, without the links that
/// skip layers. The usual one takes as many operations a byte as `GPT2.bytes` does of 128 bytes:
/// `2 · 8 · 236² + 256 · 236` multiply-adds, 0.13 % more.
package struct ByteLSTM: Sendable {
  /// Bytes that there are.
  package static let bytes = 256

  /// The network's name on the command line.
  package var name: String
  /// Layers one above the other.
  package var layers: Int
  /// Floats of a byte and of a state.
  package var width: Int

  /// Describes a network: the usual one unless told.
  package init(name: String = "lstm-bytes", layers: Int = 2, width: Int = 236) {
    (self.name, self.layers, self.width) = (name, layers, width)
  }

  /// The network: from `input_ids` to `logits` of the byte behind each.
  package var network: Network {
    Network(
      name: name, tokens: 1...1024, usualTokens: 128, vocabulary: Self.bytes,
      firstTokens: .seeNoOthers,
      optimizer: Optimizer(
        .adamw, learningRate: 2e-3, secondMomentum: 0.95, weightDecay: 0.1, clip: 1),
      logits: answers
    ) {
      var small = self
      small.layers = min(layers, SequenceTraining.smallLayers)
      return small.network
    }
  }

  /// Appends the input and all layers; gives the logits of each byte.
  private func answers(
    _ graph: inout GraphBuilder, tokens: Int
  ) throws(Problem) -> Graph.Value {
    let numbers = graph.input("input_ids", TensorType(.i64, [.batch, .fixed(tokens)]))
    let table = graph.table("embedding", rows: Self.bytes, width: width)
    var value = try graph.embedding("embedding", numbers, of: table)
    for layer in 0..<layers {
      let (steps, _) = try graph.lstm("lstm", layer: layer, value, width: width)
      value = try graph.steps("lstm.steps\(layer)", steps)
    }
    return try graph.rows("output", value, outputs: Self.bytes)
  }
}
