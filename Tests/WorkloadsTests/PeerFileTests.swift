import Formats
import Interchange
import TestSupport
import Testing
import Workloads

/// What other runtimes are given of a model.
@Suite struct PeerFileTests {
  /// Inputs that decide what is computed, and those that only lend their lengths: runtimes ask for
  /// every one, by its name.
  @Test func namesEveryInputOfAModel() throws {
    let directory = try TemporaryDirectory()
    var graph = ModelFile.Graph(name: "test")
    graph.nodes = [
      ModelFile.Node("Shape", inputs: ["z"], outputs: ["l"]),
      ModelFile.Node("Reshape", inputs: ["x", "s"], outputs: ["y"]),
    ]
    graph.inputs = [
      .init("z", .tensor(.float32, [.fixed(2), .fixed(4)])),
      .init("s", .tensor(.int64, [.fixed(2)])),
      .init("x", .tensor(.float32, [.fixed(2), .fixed(3)])),
    ]
    graph.outputs = ["y", "l"].map { .init($0, .tensor(.float32, nil)) }
    let (path, shape) = (directory.path("m.onnx"), directory.path("s.npy"))
    try ModelFile(graph, operatorSets: [.init(version: 17)]).write(to: path)
    try NPYFile.write([3, -1], to: shape)
    let model = try ModelOfFile(path: path, inputs: GivenInputs(["s=\(shape)"]))
    let files = try PeerFiles(
      folder: directory.root, of: .file(model), batch: 2, seed: 1, engine: .native, threads: 1)
    #expect((0..<4).map { files.options["name-\($0)"] } == ["x", "s", "z", nil])
    #expect((0..<3).map { files.options["shape-\($0)"] } == ["2,3", "2", "2,4"])
    let inputs = (0..<3).map { files.options["input-\($0)"] ?? "" }
    #expect(try NPYFile(path: inputs[0], element: .float32, rank: 2).shape == [2, 3])
    #expect(try NPYFile(path: inputs[1], element: .int64, rank: 1).readIntegers() == [3, -1])
    let zeros = try NPYFile(path: inputs[2], element: .float32, rank: 2).readTensor()
    #expect(zeros == Tensor(shape: [2, 4], values: [Float](repeating: 0, count: 8)))
  }
}
