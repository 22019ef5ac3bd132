import Formats
import Foundation
import TestSupport
import Testing

/// `predict --model` for arrays of every type and rank, as processes.
@Suite struct ModelArrayTests {
  private let files: ModelFiles

  init() throws { files = try ModelFiles() }

  private func model(
    _ nodes: [ModelFile.Node], _ inputs: [(String, ModelFile.Element, [Int])],
    _ outputs: [String], _ tensors: [ModelFile.Tensor] = []
  ) throws -> String {
    var graph = ModelFile.Graph(name: "test")
    (graph.nodes, graph.initializers) = (nodes, tensors)
    graph.inputs = inputs.map { .init($0.0, .tensor($0.1, $0.2.map { .fixed($0) })) }
    graph.outputs = outputs.map { .init($0, .tensor(.float32, nil)) }
    let path = files.directory.path("m.onnx")
    try ModelFile(graph, operatorSets: [.init(version: 17)]).write(to: path)
    return path
  }

  private func predict(
    _ model: String, _ inputs: [String: String], _ outputs: [String], _ more: [String] = []
  ) throws -> CommandProcess {
    try CommandProcess(
      ["predict", "--model", model, "--threads", "1"] + more
        + inputs.sorted { $0.key < $1.key }.flatMap { ["--input", "\($0.key)=\($0.value)"] }
        + outputs.flatMap { ["--output", "\($0)=\(files.directory.path("\($0).npy"))"] })
  }

  private func integers(
    _ name: String, _ rank: Int, _ element: NPYFile.Element = .int64
  ) throws -> Tensor {
    let file = try NPYFile(path: files.directory.path(name), element: element, rank: rank)
    return Tensor(shape: file.shape, values: try file.readIntegers().map { Float($0) })
  }

  @Test func writesEachTypeAsItIs() throws {
    let path = try model(
      [
        ModelFile.Node("Identity", inputs: ["i"], outputs: ["a"]),
        ModelFile.Node("Identity", inputs: ["b"], outputs: ["c"]),
        ModelFile.Node("Identity", inputs: ["s"], outputs: ["t"]),
        ModelFile.Node("Shape", inputs: ["i"], outputs: ["l"]),
      ], [("i", .int32, [2, 3]), ("b", .bool, [4]), ("s", .float32, [])], ["a", "c", "t", "l"])
    let (i, b) = (files.directory.path("i.npy"), files.directory.path("b.npy"))
    try NPYFile.write([1, -2, 3, -4, 5, -6], shape: [2, 3], to: i)
    try NPYFile.write([1, 0, 0, 1], of: .bool, shape: [4], to: b)
    let s = try files.array([], [2.5], "s.npy")
    let run = try predict(path, ["i": i, "b": b, "s": s], ["a", "c", "t", "l"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try integers("a.npy", 2) == Tensor(shape: [2, 3], values: [1, -2, 3, -4, 5, -6]))
    #expect(try integers("c.npy", 1, .bool) == Tensor(shape: [4], values: [1, 0, 0, 1]))
    #expect(try files.read("t.npy", rank: 0).values == [2.5])
    #expect(try integers("l.npy", 1) == Tensor(shape: [2], values: [2, 3]))
    let data = try Data(contentsOf: URL(filePath: files.directory.path("a.npy")))
    #expect(String(decoding: data.prefix(64), as: UTF8.self).contains("'<i4'"))
    try NPYFile.write([1 << 40, 0, 0, 0, 0, 0], shape: [2, 3], to: i)
    let wide = try predict(path, ["i": i, "b": b, "s": s], ["a"])
    #expect(wide.status == 1 && wide.errors.contains("cannot hold"), "\(wide.errors)")
  }

  /// The lengths of a reshape as an input.
  @Test func bindsWhatDecides() throws {
    let path = try model(
      [
        ModelFile.Node("Reshape", inputs: ["x", "s"], outputs: ["r"]),
        ModelFile.Node("MatMul", inputs: ["r", "w"], outputs: ["y"]),
      ], [("x", .float32, [2, 3]), ("s", .int64, [2])], ["y"],
      [ModelFile.Tensor("w", [2, 2], floats: [0, 1, 1, 0])])
    let (x, s) = (
      try files.array([2, 3], [1, 2, 3, 4, 5, 6], "x.npy"), files.directory.path("s.npy")
    )
    try NPYFile.write([3, -1], to: s)
    let run = try predict(path, ["x": x, "s": s], ["y"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try files.read("y.npy") == Tensor(shape: [3, 2], values: [2, 1, 4, 3, 6, 5]))
    let without = try CommandProcess(["infer", "--model", path])
    #expect(without.status == 64 && without.errors.contains("--input s=FILE.npy"))
    let infer = try CommandProcess(
      [
        "infer", "--model", path, "--input", "s=\(s)", "--threads", "1", "--quick", "--duration",
        "50ms", "--no-save",
      ], timeout: 120)
    #expect(infer.status == 0, "\(infer.errors)")
    let verify = try CommandProcess(
      ["verify", "--model", path, "--input", "s=\(s)", "--threads", "1"])
    #expect(verify.status == 0, "\(verify.errors)")
    let stray = try CommandProcess(["infer", "--network", "resnet20", "--input", "s=\(s)"])
    #expect(stray.status == 64 && stray.errors.contains("--input is for --model"))
  }

  @Test func predictsWithoutInputs() throws {
    let path = try model(
      [ModelFile.Node("Relu", inputs: ["w"], outputs: ["y"])], [], ["y"],
      [ModelFile.Tensor("w", [3], floats: [-1, 2, -3])])
    let run = try predict(path, [:], ["y"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try files.read("y.npy", rank: 1).values == [0, 2, 0])
    let stray = try predict(path, ["x": "x.npy"], ["y"])
    #expect(stray.status == 64, "\(stray.errors)")
  }

  @Test func takesInfinitiesWhereToldTo() throws {
    let path = try model(
      [ModelFile.Node("Relu", inputs: ["x"], outputs: ["y"])], [("x", .float32, [3])], ["y"])
    let x = try files.array([3], [-.infinity, .infinity, 1], "x.npy")
    let refused = try predict(path, ["x": x], ["y"])
    #expect(refused.status == 1 && refused.errors.contains("finite"), "\(refused.errors)")
    let run = try predict(path, ["x": x], ["y"], ["--allow-non-finite"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try files.read("y.npy", rank: 1).values == [0, .infinity, 1])
    let stray = try CommandProcess([
      "predict", "--network", "resnet20", "--input", "x", "-o", "y", "--allow-non-finite",
    ])
    #expect(stray.status == 64)
  }

  /// One answer for all items: the whole array at once, whatever the batch size.
  @Test func joinsAllItems() throws {
    var graph = ModelFile.Graph(name: "test")
    graph.nodes = [ModelFile.Node("Reshape", inputs: ["x", "s"], outputs: ["y"])]
    graph.initializers = [ModelFile.Tensor("s", [2], integers: [3, -1])]
    graph.inputs = [.init("x", .tensor(.float32, [.symbol("N"), .fixed(3)]))]
    graph.outputs = [.init("y", .tensor(.float32, nil))]
    let path = files.directory.path("j.onnx")
    try ModelFile(graph, operatorSets: [.init(version: 17)]).write(to: path)
    let values = (0..<15).map { Float($0) }
    let x = try files.array([5, 3], values, "x.npy")
    let run = try predict(path, ["x": x], ["y"], ["--batch-size", "2"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try files.read("y.npy") == Tensor(shape: [3, 5], values: values))
  }
}
