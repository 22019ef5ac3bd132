import Formats

/// A small model with one of everything that a file can have.
enum SampleModel {
  static func make() -> ModelFile {
    var graph = ModelFile.Graph(name: "sample")
    var branch = ModelFile.Graph(name: "branch")
    branch.nodes = [ModelFile.Node("Identity", inputs: ["y"], outputs: ["b"])]
    branch.outputs = [ModelFile.Port("b", .tensor(.float32, nil))]
    graph.nodes = [
      ModelFile.Node(
        "Conv", name: "conv", inputs: ["x", "w", ""], outputs: ["y"],
        attributes: [
          ModelFile.Attribute("pads", .integers([1, 0, -1, 1 << 40])),
          ModelFile.Attribute("group", .integer(0)),
          ModelFile.Attribute("auto_pad", .text(Array("NOTSET".utf8))),
        ]),
      ModelFile.Node(
        "If", domain: "ai.onnx", inputs: ["y"], outputs: ["z"],
        attributes: [
          ModelFile.Attribute("then_branch", .graph(branch)),
          ModelFile.Attribute("branches", .graphs([branch, branch])),
          ModelFile.Attribute("alpha", .float(-0.5)),
          ModelFile.Attribute("scales", .floats([1, .infinity])),
          ModelFile.Attribute("words", .texts([[], [0xFF, 0]])),
          ModelFile.Attribute("value", .tensor(ModelFile.Tensor("", [2], integers: [-1, 7]))),
          ModelFile.Attribute("values", .tensors([ModelFile.Tensor("", [], floats: [2])])),
          ModelFile.Attribute("outer", .reference("given", type: 1)),
        ]),
    ]
    graph.initializers = [
      ModelFile.Tensor("w", [2, 1], floats: [1.5, -2]),
      ModelFile.Tensor("none", [0, 3], floats: []),
      ModelFile.Tensor("words", .string, [2], .texts([Array("one".utf8), []])),
      ModelFile.Tensor("made", .float16, [2]) { [0, 0x3C, 0, 0xC0] },
    ]
    graph.inputs = [
      ModelFile.Port("x", .tensor(.float32, [.symbol("N"), .fixed(3), .symbol(""), .fixed(0)]))
    ]
    graph.outputs = [ModelFile.Port("z", .tensor(.int64, []))]
    var model = ModelFile(graph, operatorSets: [ModelFile.OperatorSet(version: 17)])
    (model.producer, model.producerVersion) = ("costcurve", "1")
    return model
  }
}

extension ModelFile.Tensor {
  init(
    _ name: String, _ element: ModelFile.Element, _ dimensions: [Int],
    making make: @escaping @Sendable () -> [UInt8]
  ) {
    self.init(name, element, dimensions, .made(make))
  }
}
