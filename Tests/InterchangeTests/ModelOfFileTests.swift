import Basics
import Formats
import Foundation
import Interchange
import ONNXSchema
import TestSupport
import Testing

/// Models of files: what cases call them, and which lengths they fix.
@Suite struct ModelOfFileTests {
  private static func model(_ lengths: [ModelFile.Length], weight: Float = 1) -> ModelFile {
    var model = TestModel(
      lengths, [node("MatMul", ["x", "w"], "y")],
      [TestModel.floats("w", [2, 2], [weight, 0, 0, 1])])
    model.graph.name = "m"
    return ModelFile(model.graph, operatorSets: [ModelFile.OperatorSet(version: 17)])
  }

  @Test func isCalledByItsFileAndWhatThatHolds() throws {
    let directory = try TemporaryDirectory()
    let file = Self.model([.symbol("N"), .fixed(2)])
    func name(_ file: ModelFile, _ path: String) throws -> String {
      try file.write(to: directory.path(path))
      return try ModelOfFile(path: directory.path(path)).name
    }
    let first = try name(file, "one.onnx")
    #expect(first.wholeMatch(of: /one-[0-9a-f]{8}/) != nil, "\(first)")
    let copy = try name(file, "My model, v2.onnx")
    #expect(copy == "My-model--v2" + first.dropFirst(3))
    #expect(try name(Self.model([.symbol("N"), .fixed(2)], weight: 2), "one.onnx") != first)
    #expect(try name(file, "one") == first)
  }

  /// They are read when they are asked for, and never lie in memory twice.
  @Test func leavesWeightsInTheFile() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    try Self.model([.symbol("N"), .fixed(2)]).write(to: path)
    guard
      case .stored(let file, let offset) = try ModelFile(path: path).graph.initializers[0]
        .content
    else {
      Issue.record("weights are not left in the file")
      return
    }
    #expect(file.path == path)
    #expect(try file.bytes(at: offset, count: 4) == [0, 0, 0x80, 0x3F])
  }

  /// Weights beside a model are part of what it is.
  @Test func looksIntoTheFilesBesideIt() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    try Self.model([.symbol("N"), .fixed(2)]).write(to: path)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var message = try MessageCoding.decode(Onnx_ModelProto.self, bytes, inside: 0)
    var weights = [UInt8](message.graph.initializer[0].rawData)
    message.graph.initializer[0].clearRawData()
    message.graph.initializer[0].dataLocation = .external
    var place = Onnx_StringStringEntryProto()
    (place.key, place.value) = ("location", "w.bin")
    message.graph.initializer[0].externalData = [place]
    _ = try directory.file("m.onnx", Data(try MessageCoding.encode(message)))
    var names = Set<String>()
    for byte: UInt8 in [0x3F, 0x40] {
      weights[3] = byte
      _ = try directory.file("w.bin", Data(weights))
      names.insert(try ModelOfFile(path: path).name)
    }
    #expect(names.count == 2)
  }

  @Test func knowsTheBatchThatItFixes() throws {
    let directory = try TemporaryDirectory()
    for (length, fixed) in [(ModelFile.Length.symbol("N"), Int?.none), (.fixed(3), 3)] {
      let path = directory.path("m.onnx")
      try Self.model([length, .fixed(2)]).write(to: path)
      let model = try ModelOfFile(path: path)
      #expect(model.fixedBatch == fixed && !model.readsImages)
      #expect(try model.imported(batch: nil).batch == fixed ?? 1)
      #expect(model.summary.contains("operators of version 17, 1 node, 4 parameters"))
      let error = #expect(throws: Problem.self) { try ModelOfFile(path: path, sequence: 4) }
      #expect(error?.kind == .usage && error?.description.contains(path) == true)
    }
  }

  @Test func asksForTheLengthOfSequences() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    var graph = ModelFile.Graph(name: "m")
    graph.nodes = [ModelFile.Node("Relu", inputs: ["x"], outputs: ["y"])]
    graph.inputs = [
      ModelFile.Port("x", .tensor(.float32, [.symbol("batch"), .symbol("seq_len"), .fixed(4)]))
    ]
    graph.outputs = [ModelFile.Port("y", .tensor(.float32, nil))]
    try ModelFile(graph, operatorSets: [ModelFile.OperatorSet(version: 17)]).write(to: path)
    let error = #expect(throws: Problem.self) { try ModelOfFile(path: path) }
    #expect(error?.kind == .usage && error?.description.contains("--sequence") == true)
    let model = try ModelOfFile(path: path, sequence: 6)
    #expect(try model.imported(batch: 2).inputs[0].lengths == [2, 6, 4])
  }

  /// Steps that lie outermost, as recurrent layers have them, are no items.
  @Test func knowsSequencesThatLieOutermost() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    var model = TestModel(
      [.symbol("seq_len"), .fixed(1), .fixed(4)], [node("Relu", ["x"], "y")])
    model.graph.name = "m"
    try ModelFile(model.graph, operatorSets: [.init(version: 17)]).write(to: path)
    let file = try ModelOfFile(path: path, sequence: 6)
    #expect(file.fixedBatch == 1 && file.tokens == 6)
    #expect(try file.imported(batch: nil).inputs[0].lengths == [6, 1, 4])
    let error = #expect(throws: Problem.self) { try file.imported(batch: 2) }
    #expect(error?.description.contains("has no batch") == true)
  }

  /// At a batch of 1 an output that joins items looks like any other.
  @Test func knowsWhetherItemsStayApart() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    for (lengths, isApart) in [([1, -1], false), ([-1, 2, 1], true)] as [([Int64], Bool)] {
      var model = TestModel(
        [.symbol("N"), .fixed(2)], [node("Reshape", ["x", "s"], "y")],
        [TestModel.list("s", lengths)])
      model.graph.name = "m"
      try ModelFile(model.graph, operatorSets: [.init(version: 17)]).write(to: path)
      #expect(try ModelOfFile(path: path).keepsItemsApart == isApart)
    }
  }
}
