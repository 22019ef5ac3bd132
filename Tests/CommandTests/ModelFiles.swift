import Formats
import Foundation
import TestSupport
import Testing

/// Models in ONNX's format for commands, written by our own exporter or put together node by node.
struct ModelFiles {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A small network, as `export-model` writes it.
  func network(
    _ name: String = "resnet20", _ more: [String] = [], file: String = "m.onnx"
  ) throws -> String {
    let path = directory.path(file)
    let run = try CommandProcess(["export-model", "--network", name, "-o", path] + more)
    #expect(run.status == 0, "\(run.errors)")
    return path
  }

  /// Nodes from some inputs of three numbers an item to some outputs.
  func nodes(
    _ nodes: [ModelFile.Node], inputs: [String] = ["a"], outputs: [String] = ["y"],
    file: String = "n.onnx"
  ) throws -> String {
    var graph = ModelFile.Graph(name: "test")
    graph.nodes = nodes
    graph.inputs = inputs.map { .init($0, .tensor(.float32, [.symbol("N"), .fixed(3)])) }
    graph.outputs = outputs.map { .init($0, .tensor(.float32, nil)) }
    let path = directory.path(file)
    try ModelFile(graph, operatorSets: [.init(version: 17)]).write(to: path)
    return path
  }

  /// An array of floats.
  func array(_ shape: [Int], _ values: [Float], _ file: String) throws -> String {
    let path = directory.path(file)
    try NPYFile.write(Tensor(shape: shape, values: values), to: path)
    return path
  }

  /// What an array holds.
  func read(_ file: String, rank: Int = 2) throws -> Tensor {
    try NPYFile(path: directory.path(file), element: .float32, rank: rank).readTensor()
  }
}
