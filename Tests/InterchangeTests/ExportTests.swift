import Basics
import Formats
import Foundation
import Graphs
import Interchange
import Models
import Tensors
import TestSupport
import Testing

/// Our networks as models, and back.
@Suite struct ExportTests {
  /// Writes a network as a model and reads it again.
  private func exported(
    _ network: Network, size: Int, batch: Int? = nil
  ) throws -> (model: ModelFile, directory: TemporaryDirectory) {
    let directory = try TemporaryDirectory()
    let model = try ModelExport.model(
      of: network.graph(inputSize: size), name: network.name,
      weights: SeededWeights(for: network, seed: 1), batch: batch)
    try model.write(to: directory.path("m.onnx"))
    return (try ModelFile(path: directory.path("m.onnx")), directory)
  }

  /// What a graph computes, without the names of its inputs' dimensions.
  private func description(_ graph: Graph) -> [String] {
    graph.nodes.map { node in
      let read = node.inputs.map { graph[$0].name }
      return "\(node.name): \(node.op) of \(read.joined(separator: ", "))"
    }
  }

  /// One of each family, at small sizes.
  static let networks: [(network: Network, size: Int)] =
    [
      (InceptionV3.network(classes: 10, narrowing: 16), 75),
      (
        GameTower(
          name: "tower", blocks: 1, planes: 3, side: 5, policy: .linear(moves: 7), width: 4
        ).network, 5
      ),
    ]
    + [("resnet20", 28), ("resnet18", 64), ("alexnet-small", 28)].compactMap { name, size in
      (try? Network.named(name, classes: 10)).map { ($0, size) }
    }

  @Test(arguments: networks)
  func becomesTheSameGraphAgain(network: Network, size: Int) throws {
    let (model, directory) = try exported(network, size: size)
    #expect(directory.names() == ["m.onnx"] && Self.networks.count == 5)
    #expect(model.producer == "costcurve" && model.graph.name == network.name)
    let imported = try ImportedModel(model, sizes: ModelSizes(batch: 4))
    let graph = try network.graph(inputSize: size).withoutDropout()
    #expect(description(imported.graph) == description(graph))
    #expect(imported.graph.parameters == graph.parameters)
    #expect(imported.graph.inputs == graph.inputs)
    #expect(
      imported.inputs == [
        ImportedModel.Port(
          name: "images", lengths: [4, network.inputChannels, size, size], isBatched: true,
          element: .f32, isChannelsLast: true, place: 0)
      ])
    #expect(imported.outputs.map(\.name) == graph.outputs.map(\.name))
    let weights = SeededWeights(for: network, seed: 1)
    for parameter in graph.parameters {
      #expect(try imported.weights.values(parameter) == weights.values(parameter))
    }
  }

  @Test func writesWhatOtherRuntimesExpect() throws {
    let network = try Network.named("alexnet", classes: 10)
    let graph = try ModelExport.model(
      of: network.graph(inputSize: 224), name: "alexnet",
      weights: SeededWeights(for: network, seed: 1), batch: 2
    ).graph
    #expect(
      graph.inputs == [
        ModelFile.Port(
          "images", .tensor(.float32, [.fixed(2), .fixed(3), .fixed(224), .fixed(224)]))
      ])
    #expect(
      graph.outputs == [ModelFile.Port("logits", .tensor(.float32, [.fixed(2), .fixed(10)]))])
    let operations = graph.nodes.map(\.operation)
    #expect(
      operations.suffix(7) == ["Identity", "Flatten", "Gemm", "Relu", "Gemm", "Relu", "Gemm"])
    #expect(operations.filter { $0 == "Conv" }.count == 5)
    guard case .integers([2, 2, 2, 2])? = graph.nodes[0]["pads"],
      case .integers([4, 4])? = graph.nodes[0]["strides"],
      case .integers([11, 11])? = graph.nodes[0]["kernel_shape"],
      case .integer(1)? = graph.nodes.last?["transB"]
    else {
      Issue.record("an attribute is another one")
      return
    }
  }

  @Test func writesPartsSideBySide() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 4, 4, 2]))
    let a = try builder.convolution("a", images, filters: 3, window: 1, groups: 1, hasBias: true)
    let joined = try builder.append("join", Concatenation(), [a, images, a])[0]
    builder.output("tiles", try builder.averagePool("tiles", joined, side: 2))
    builder.output("joined", joined)
    let graph = try builder.graph()
    let network = try Network.named("resnet20")
    let weights = SeededWeights(for: network, seed: 1)
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    try ModelExport.model(of: graph, name: "g", weights: weights).write(to: path)
    let imported = try ImportedModel(try ModelFile(path: path), sizes: ModelSizes(batch: 2))
    #expect(imported.outputs.map(\.lengths) == [[2, 8, 2, 2], [2, 8, 4, 4]])
    let x = (0..<64).map { Double($0 % 13) }
    var tensors = ["images": ReferenceTensor([2, 4, 4, 2], x)]
    for parameter in graph.parameters {
      tensors[parameter.name] = ReferenceTensor(
        try #require(Shape(parameter.shape)), try weights.values(parameter).map(Double.init))
    }
    let expected = try graph.evaluate(tensors)
    let turned = Transpose([0, 3, 1, 2]).reference([ReferenceTensor([2, 4, 4, 2], x)])[0]
    let outputs = try imported.run(["images": turned.values])
    for (name, tensor) in expected {
      #expect(outputs[name] == Transpose([0, 3, 1, 2]).reference([tensor])[0].values, "\(name)")
    }
  }

  @Test func refusesWhatNoOperatorStandsFor() throws {
    let network = try Network.named("alexnet", classes: 10)
    let weights = SeededWeights(for: network, seed: 1)
    var error = #expect(throws: Problem.self) {
      try ModelExport.model(of: network.graph(inputSize: 256), name: "n", weights: weights)
    }
    #expect(error?.description.contains("avgpool averages 6 x 6 unequal parts") == true)
    error = #expect(throws: Problem.self) {
      try ModelExport.model(of: network.inferenceGraph(inputSize: 224), name: "n", weights: weights)
    }
    #expect(error?.description.contains("fused with others") == true)
    error = #expect(throws: Problem.self) {
      try ModelExport.model(of: network.trainingGraph(inputSize: 224), name: "n", weights: weights)
    }
    #expect(error?.kind == .malformed)
  }
}
