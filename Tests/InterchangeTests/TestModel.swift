import Basics
import Formats
import Graphs
import Interchange
import Models
import Tensors

/// Models put together for tests, and what their graphs give.
struct TestModel {
  var graph = ModelFile.Graph(name: "test")
  var version = 17

  /// A model with one input `x` and one output `y`.
  init(_ input: [ModelFile.Length], _ nodes: [ModelFile.Node], _ tensors: [ModelFile.Tensor] = []) {
    graph.inputs = [ModelFile.Port("x", .tensor(.float32, input))]
    graph.outputs = [ModelFile.Port("y", .tensor(.float32, nil))]
    (graph.nodes, graph.initializers) = (nodes, tensors)
  }

  func imported(_ sizes: ModelSizes = ModelSizes()) throws(Problem) -> ImportedModel {
    try ImportedModel(
      ModelFile(graph, operatorSets: [ModelFile.OperatorSet(version: version)]), sizes: sizes)
  }

  /// Why it cannot be translated.
  func refusal(_ sizes: ModelSizes = ModelSizes()) -> String {
    do throws(Problem) { _ = try imported(sizes) } catch { return error.description }
    return ""
  }

  /// The output `y`, by the plain references.
  func run(_ x: [Double], _ sizes: ModelSizes = ModelSizes()) throws -> [Double] {
    try imported(sizes).run(["x": x])["y"] ?? []
  }

  static func floats(_ name: String, _ dimensions: [Int], _ values: [Float]) -> ModelFile.Tensor {
    ModelFile.Tensor(name, dimensions, floats: values)
  }

  static func list(_ name: String, _ values: [Int64]) -> ModelFile.Tensor {
    ModelFile.Tensor(name, [values.count], integers: values)
  }

  /// Whole numbers that differ from place to place.
  static func pattern(_ count: Int, _ step: Int = 5) -> [Float] {
    (0..<count).map { Float(($0 * step + $0 / 7) % 11 - 5) }
  }
}

/// A node with one output; that of `y` has no name.
func node(
  _ operation: String, _ inputs: [String], _ output: String,
  _ attributes: [String: ModelFile.Attribute.Value] = [:]
) -> ModelFile.Node {
  ModelFile.Node(
    operation, name: output == "y" ? "" : "n\(output)", inputs: inputs, outputs: [output],
    attributes: attributes.sorted { $0.key < $1.key }.map { ModelFile.Attribute($0, $1) })
}

extension ImportedModel {
  /// The outputs by the plain references; inputs in the model's order.
  ///
  /// Another graph with the same inputs and parameters takes the model's place where one is given.
  func run(_ given: [String: [Double]], by other: Graph? = nil) throws -> [String: [Double]] {
    var tensors: [String: ReferenceTensor] = [:]
    for parameter in graph.parameters {
      guard let shape = Shape(parameter.shape) else { continue }
      tensors[parameter.name] = ReferenceTensor(
        shape, try weights.values(parameter).map(Double.init))
    }
    for port in inputs {
      guard let values = given[port.name], let shape = Shape(port.lengths) else { continue }
      let tensor = ReferenceTensor(shape, values)
      tensors[port.name] =
        port.isChannelsLast ? Transpose([0, 2, 3, 1]).reference([tensor])[0] : tensor
    }
    return try (other ?? graph).evaluate(tensors).mapValues(\.values)
  }
}
