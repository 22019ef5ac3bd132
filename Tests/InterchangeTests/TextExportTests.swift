import Basics
import Formats
import Graphs
import Interchange
import Models
import Tensors
import TestSupport
import Testing

/// Networks for texts as models, and what these give when they are read again.
@Suite struct TextExportTests {
  static let networks = [
    GPT2(name: "gpt2", layers: 2, width: 12, heads: 3, vocabulary: 23, positions: 9).network,
    BERT(
      name: "bert", layers: 1, width: 12, heads: 3, inner: 20, vocabulary: 23, positions: 9
    ).network,
    Transformer(name: "transformer", layers: 1, width: 12, heads: 3, inner: 20, vocabulary: 23)
      .network,
    Seq2Seq(name: "seq2seq", layers: 2, width: 12, source: 23, target: 19).network,
  ]

  /// A network for five tokens, written and read.
  private func exported(_ network: Network) throws -> (ModelFile, TemporaryDirectory) {
    let directory = try TemporaryDirectory()
    try ModelExport.model(
      of: network.graph(inputSize: 5), name: network.name,
      weights: SeededWeights(for: network, seed: 1)
    ).write(to: directory.path("m.onnx"))
    return (try ModelFile(path: directory.path("m.onnx")), directory)
  }

  @Test(arguments: networks)
  func computesTheSameAgain(network: Network) throws {
    let (model, directory) = try exported(network)
    let batch = 3
    let imported = try ImportedModel(model, sizes: ModelSizes(batch: batch))
    let graph = network.graph(inputSize: 5)
    #expect(imported.inputs.map(\.name) == graph.inputs.map(\.name))
    #expect(imported.inputs.allSatisfy { $0.lengths == [batch, 5] && $0.element == .i64 })
    var given: [String: [Double]] = [:]
    for input in network.inputs(inputSize: 5) {
      given[input.name] = (0..<batch * 5).map { place in
        // The last tokens of the last text are hidden.
        input.tableRows.map { Double((7 * place + 3) % $0) } ?? (place < 13 ? 1 : 0)
      }
    }
    let outputs = try imported.run(given)
    let weights = SeededWeights(for: network, seed: 1)
    var tensors = try given.mapValues { values in
      ReferenceTensor(try #require(Shape([batch, 5])), values)
    }
    for parameter in graph.parameters {
      tensors[parameter.name] = ReferenceTensor(
        try #require(Shape(parameter.shape)), try weights.values(parameter).map(Double.init))
    }
    let expected = try graph.evaluate(tensors).mapValues(\.values)
    #expect(Set(outputs.keys) == Set(expected.keys))
    for (name, values) in expected {
      let own = (outputs[name] ?? []).map { Float($0) }
      let error = relativeError(own, values.map { Float($0) })
      #expect(error < 1e-5, "\(network.name): \(name) \(error)")
    }
    #expect(directory.names() == ["m.onnx"])
  }

  /// What runtimes look for: one product for queries, keys and values, and GELU in its parts.
  @Test func writesWhatOtherRuntimesRecognise() throws {
    let (model, _) = try exported(Self.networks[0])
    let operations = model.graph.nodes.map(\.operation)
    #expect(operations.count { $0 == "Split" } == 2)
    // Four linear layers and two products of attention a layer, and the output layer.
    #expect(operations.count { $0 == "MatMul" } == 2 * 6 + 1)
    #expect(operations.count { $0 == "Pow" } == 2 && operations.contains("Tanh"))
    #expect(!operations.contains("Erf") && operations.count { $0 == "Softmax" } == 2)
    let names = Set(model.graph.initializers.map(\.name))
    #expect(names.contains("transformer.h.1.attn.c_attn.weight"))
    #expect(names.contains("transformer.wte.weight"))
    let (bert, _) = try exported(Self.networks[1])
    let others = bert.graph.nodes.map(\.operation)
    #expect(others.contains("Erf") && others.count { $0 == "Where" } == 1)
    let (pair, _) = try exported(Self.networks[3])
    #expect(pair.graph.nodes.count { $0.operation == "LSTM" } == 4)
  }

  /// Attention and activations come back as one operator each.
  @Test func isRecognisedAgain() throws {
    let (model, directory) = try exported(Self.networks[0])
    let graph = try ImportedModel(model, sizes: ModelSizes(batch: 2)).graph
    #expect(graph.nodes.count { $0.op is HeadAttention } == 2)
    #expect(graph.nodes.count { ($0.op as? Pointwise)?.function == .geluByTanh } == 2)
    #expect(graph.macs(batch: 2) == Self.networks[0].macs(batch: 2, inputSize: 5))
    #expect(directory.names() == ["m.onnx"])
  }
}
