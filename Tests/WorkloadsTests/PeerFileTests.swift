import Formats
import Interchange
import Kernels
import Models
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

  /// Of a network our own quantizer makes the file, and of that file nothing else is made.
  @Test func int8IsAFileThatGivesOurBits() throws {
    let network = try Network.named("resnet20", classes: 10)
    let (first, second) = (try TemporaryDirectory(), try TemporaryDirectory())
    func files(_ subject: WorkSubject, _ folder: TemporaryDirectory) throws -> PeerFiles {
      try PeerFiles(
        folder: folder.root, of: subject, batch: 2, seed: 1, engine: .native, threads: 1,
        precision: .int8)
    }
    let own = try files(.network(network), first)
    let path = try #require(own.options["onnx"])
    #expect(path == first.path("model-int8.onnx"))
    #expect(own.floatOptions["onnx"] == first.path("model.onnx"))
    #expect(own.floatOptions["tolerance"] == "0.001")
    let again = try files(.file(ModelOfFile(path: path)), second)
    #expect(again.options["onnx"] == path && again.floatOptions.isEmpty)
    // What tells others whether sums of two products may leave 16 bits.
    let most = WeightBits.usual.most
    #expect(own.options["largest-weight"] == "\(most)")
    #expect(again.options["largest-weight"] == "\(most)")
    func numbers(_ path: String?) throws -> [Float] {
      try NPYFile(path: path ?? "", element: .float32, rank: 2).readTensor().values
    }
    let bytes = try numbers(own.options["expected-0"])
    #expect(try bytes == numbers(again.options["expected-0"]) && bytes.count == 20)
    let floats = try numbers(own.floatOptions["expected-0"])
    let tolerance = try #require(own.options["tolerance"].flatMap(Double.init))
    #expect(tolerance > PeerTolerance.float32 && tolerance < PeerTolerance.most, "\(tolerance)")
    let other = again.options["tolerance"].flatMap(Double.init) ?? 0
    #expect(abs(other - tolerance) < 1e-4, "\(other)")
    // It is made of what roundings do, of which float32 has none.
    let largest = floats.map { abs($0) }.max() ?? 0
    let error = zip(bytes, floats).map { abs($0 - $1) }.max() ?? 0
    // Beside floats, weights are rounded, too. The tolerance is 1e-3 + 2m where values move outputs by
    // m. 8-bit weights move them by less than 2e-3 + 3m, so that both stay within two tolerances;
    // steps of 7 bits are twice as long, and m + 2 (2e-3 + 3m) is within four.
    let share = WeightBits.usual == .seven ? 4.0 : 2
    #expect(error > 0 && Double(error / largest) < share * tolerance, "\(error) of \(largest)")
  }

  @Test func lossesOfBf16AreHeldToItsRoundings() {
    let held = PeerFiles.lossTolerances(.bf16, layers: 54)
    #expect(held.own == ["tolerance": "\(PeerTolerance.bf16(layers: 54))"])
    #expect(held.floats == ["tolerance": "0.001"])
    let none = PeerFiles.lossTolerances(nil, layers: 54)
    #expect(none.own.isEmpty && none.floats.isEmpty)
  }

  @Test func bf16IsHeldToItsRoundings() throws {
    // 54 layers: 2⁻⁸ · √324 = 18/256, and 1e-3.
    #expect(abs(PeerTolerance.bf16(layers: 54) - (18.0 / 256 + 1e-3)) < 1e-12)
    // However many they are: outputs half of the largest one apart are nobody's rounding.
    #expect(PeerTolerance.bf16(layers: 1 << 30) == 0.5 && PeerTolerance.most == 0.5)
    let folder = try TemporaryDirectory()
    let files = try PeerFiles(
      folder: folder.root, of: .network(Network.named("resnet20", classes: 10)), batch: 1, seed: 1,
      engine: .native, threads: 1, precision: .bf16)
    #expect(files.options["onnx"] == folder.path("model.onnx"))
    #expect(files.floatOptions == ["tolerance": "0.001"])
    let tolerance = try #require(files.options["tolerance"].flatMap(Double.init))
    #expect(tolerance > 0.04 && tolerance < 0.06, "\(tolerance)")
  }
}
