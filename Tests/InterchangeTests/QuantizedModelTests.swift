import Basics
import Formats
import Foundation
import Graphs
import Interchange
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// QDQ files: ours, and those as other tools write them.
@Suite struct QuantizedModelTests {
  /// ResNet-20, quantized by ranges that nobody measured.
  private func quantized(_ name: String, size: Int) throws -> QuantizedGraph {
    let network = try Network.named(name, classes: 10)
    let float = try FloatGraph(
      network.graph(inputSize: size), weights: SeededWeights(for: network, seed: 1))
    let sites = QuantizationSites(float.graph)
    let table = QuantizationTable(
      float.graph, sites, ranges: sites.values.map { _ in -2.5...4 }, method: .minMax,
      calibration: "no items", isSeeded: true, kept: [])
    return try QuantizedGraph(float, by: table)
  }

  /// What a graph computes; values go by the nodes that give them, as files name them otherwise.
  private func description(_ graph: Graph) -> [String] {
    var makers: [Graph.Value: String] = [:]
    for node in graph.nodes { for output in node.outputs { makers[output] = node.name } }
    return graph.nodes.map { node in
      let read = node.inputs.map { makers[$0] ?? graph[$0].name }
      return "\(node.name): \(node.op) of \(read.joined(separator: ", "))"
    }
  }

  private func outputs(_ graph: Graph, _ weights: any WeightSource) throws -> [Float] {
    let program = try Program(
      graph, parameters: .frozen(weights), batch: 1, pool: ThreadPool(threads: 1)
    ) { _, shape, _ in ConvPlan.native(shape) }
    let images = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(program.imageShape, seed: 3, into: images.elements)
    program.run(images.pointer)
    return program.numbers(0)
  }

  @Test(arguments: [("resnet20", 28), ("alexnet-small", 28)])
  func becomesTheSameGraphAndBitsAgain(_ name: String, _ size: Int) throws {
    let own = try quantized(name, size: size)
    let directory = try TemporaryDirectory()
    try ModelExport.model(of: own.graph, name: name, weights: own.weights)
      .write(to: directory.path("q.onnx"))
    let file = try ModelFile(path: directory.path("q.onnx"))
    let imported = try ImportedModel(file, sizes: ModelSizes(batch: 1))
    #expect(description(imported.graph) == description(own.graph))
    let (a, b) = (try imported.graph.onBytes(), try own.inferenceGraph())
    #expect(a.layerCounts.onBytes == a.layerCounts.all && a.layerCounts == b.layerCounts)
    #expect(try outputs(a, imported.weights) == outputs(b, own.weights))
    // Not recognised, it runs in floats; steps that round the other way leave it near.
    let slow = try imported.graph.foldingNorms().fusingEpilogues()
    #expect(slow.layerCounts.onBytes == 0)
    let error = try relativeError(outputs(slow, imported.weights), outputs(a, imported.weights))
    #expect(error < 0.1, "\(error)")
    // Signed bytes for filters with a scale each, 32 bits for biases, and nothing else.
    let kinds = Dictionary(grouping: file.graph.initializers, by: \.element).mapValues(\.count)
    #expect(kinds[.int8] == 2 * a.layerCounts.all && kinds[.int32] == 2 * a.layerCounts.all)
  }

  private static func bytes(
    _ name: String, _ element: ModelFile.Element, _ dimensions: [Int], _ bytes: [UInt8]
  ) -> ModelFile.Tensor { ModelFile.Tensor(name, element, dimensions, .bytes(bytes)) }

  /// A layer between quantized values, its parts replaced by `change`.
  private func layer(
    _ change: (inout [ModelFile.Node], inout [String: ModelFile.Tensor]) -> Void = { _, _ in }
  ) -> TestModel {
    var nodes = [
      node("QuantizeLinear", ["x", "sx", "zx"], "xq"),
      node("DequantizeLinear", ["xq", "sx", "zx"], "xd"),
      node("DequantizeLinear", ["w", "sw", "zw"], "wd", ["axis": .integer(0)]),
      node("DequantizeLinear", ["b", "sb", "zb"], "bd", ["axis": .integer(0)]),
      node("Conv", ["xd", "wd", "bd"], "c", ["kernel_shape": .integers([1, 1])]),
      node("Relu", ["c"], "r"),
      node("QuantizeLinear", ["r", "sy", "zy"], "yq"),
      node("DequantizeLinear", ["yq", "sy", "zy"], "y"),
    ]
    let tensors = [
      TestModel.floats("sx", [], [0.25]), Self.bytes("zx", .uint8, [], [10]),
      Self.bytes("w", .int8, [2, 2, 1, 1], [1, 2, 0xFD, 127]),
      TestModel.floats("sw", [2], [0.5, 0.125]), Self.bytes("zw", .int8, [2], [0, 0]),
      Self.bytes("b", .int32, [2], [8, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF]),
      TestModel.floats("sb", [2], [0.125, 0.03125]),
      Self.bytes("zb", .int32, [2], [UInt8](repeating: 0, count: 8)),
      TestModel.floats("sy", [], [0.5]), Self.bytes("zy", .uint8, [], [3]),
    ]
    var byName = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
    change(&nodes, &byName)
    return TestModel(
      [.symbol("N"), .fixed(2), .fixed(1), .fixed(2)], nodes,
      byName.sorted { $0.key < $1.key }.map(\.value))
  }

  private let images = [1.0, -2, 0.5, 30]

  @Test func aLayerOfAnotherToolRunsOnBytes() throws {
    let imported = try layer().imported()
    let bytes = try imported.graph.onBytes()
    #expect(bytes.layerCounts.onBytes == 1 && bytes.nodes.count == 4, "\(description(bytes))")
    // x is 1 and 0.5, then -2 and 30; weights are 0.5, 1 and -0.375, 15.875; biases 1 and -0.0625.
    // The sums are 2, 30, 7.5 and 476.9, of which the last is beyond 126.
    #expect(try layer().run(images) == [2, 30, 7.5, 126])
  }

  /// Signed activations are the same numbers as unsigned ones that are larger by 128.
  @Test func signedActivationsRunOnBytes() throws {
    let signed = layer { _, tensors in
      tensors["zx"] = Self.bytes("zx", .int8, [], [0x8A])
      tensors["zy"] = Self.bytes("zy", .int8, [], [0x83])
    }
    #expect(try signed.imported().graph.onBytes().layerCounts.onBytes == 1)
    #expect(try signed.run(images) == [2, 30, 7.5, 126])
  }

  /// Weights that a file keeps as floats and rounds itself, and a bias that it does not round.
  @Test func roundedFloatsAreFiltersOfBytes() throws {
    let floats = layer { nodes, tensors in
      tensors["w"] = TestModel.floats("w", [2, 2, 1, 1], [0.5, 1, -0.375, 15.875])
      tensors["bd"] = TestModel.floats("bd", [2], [1, -0.0625])
      nodes.removeAll { $0.outputs == ["bd"] }
      nodes.insert(
        node("QuantizeLinear", ["w", "sw", "zw"], "wq", ["axis": .integer(0)]), at: 0)
      nodes[3].inputs[0] = "wq"
      for name in ["b", "sb", "zb"] { tensors[name] = nil }
    }
    #expect(try floats.imported().graph.onBytes().layerCounts.onBytes == 1)
    #expect(try floats.run(images) == [2, 30, 7.5, 126])
  }

  /// A bias of more steps than 32 bits have: the sum would come out with the other sign.
  @Test func aBiasBeyondTheSumsIsRefused() throws {
    let huge = layer { nodes, tensors in
      tensors["bd"] = TestModel.floats("bd", [2], [1e9, 0])
      nodes.removeAll { $0.outputs == ["bd"] }
      for name in ["b", "sb", "zb"] { tensors[name] = nil }
    }
    let imported = try huge.imported()
    let graph = try imported.graph.onBytes()
    #expect(graph.layerCounts.onBytes == 1)
    let refusal = #expect(throws: Problem.self) { try outputs(graph, imported.weights) }
    #expect(refusal.map { "\($0)".contains("beyond 32 bits") } == true)
  }

  /// Filters around another zero than 0 run on bytes as far as signed ones hold the distances.
  @Test func otherFiltersStayFloatWhereTheyAreTooFarFromZero() throws {
    func onBytes(
      _ element: ModelFile.Element, _ weights: [UInt8], zeros: [UInt8]
    ) throws -> (count: Int, numbers: [Double]) {
      let model = layer { _, tensors in
        tensors["w"] = Self.bytes("w", element, [2, 2, 1, 1], weights)
        tensors["zw"] = Self.bytes("zw", element, [2], zeros)
      }
      let imported = try model.imported()
      return (
        try imported.graph.onBytes().layerCounts.onBytes,
        try imported.run(["x": images])["y"] ?? []
      )
    }
    // The weights of `layer`, each with its own zero added to it.
    let same: [([UInt8], [UInt8])] = [
      ([129, 130, 125, 255], [128, 128]), ([1, 2, 97, 227], [0, 100]),
    ]
    for (weights, zeros) in same {
      let (count, numbers) = try onBytes(.uint8, weights, zeros: zeros)
      #expect(count == 1 && numbers == [2, 30, 7.5, 126], "\(weights)")
    }
    // -3 and 96 steps of 1/8: 5.5625, in steps of 1/2.
    let (count, numbers) = try onBytes(.int8, [1, 2, 0xFE, 97], zeros: [0, 1])
    #expect(count == 1 && numbers.count == 4 && numbers[2] == 5.5, "\(numbers)")
    // 128 steps above the zero, and 129 below it.
    #expect(try onBytes(.uint8, [1, 128, 3, 127], zeros: [0, 0]).count == 0)
    #expect(try onBytes(.int8, [1, 2, 0x80, 127], zeros: [0, 1]).count == 0)
    #expect(try onBytes(.int8, [1, 2, 0x80, 127], zeros: [0, 1]).numbers.count == 4)
  }

  /// Scales that are numbers, but not normal ones, compute in floats.
  @Test func tinyScalesComputeInFloats() throws {
    let tiny = Float.leastNormalMagnitude / 4
    // The number of layers whose input and filters are bytes; what they give may be a float.
    for (name, onBytes) in [("sx", 0), ("sy", 1)] {
      let model = layer { _, tensors in tensors[name] = TestModel.floats(name, [], [tiny]) }
      #expect(try model.imported().graph.onBytes().layerCounts.onBytes == onBytes, "\(name)")
      #expect(try model.run(images).count == 4)
    }
    let filters = layer { _, tensors in tensors["sw"] = TestModel.floats("sw", [2], [tiny, 1]) }
    #expect(try filters.imported().graph.onBytes().layerCounts.onBytes == 0)
  }

  /// What is wrong with a file, and a word of the refusal.
  @Test func refusesScalesAndZerosThatAreNone() {
    let cases: [(String, ModelFile.Tensor, String)] = [
      ("sx", TestModel.floats("sx", [], [0]), "the scale 0.0"),
      ("sx", TestModel.floats("sx", [], [-1]), "the scale -1.0"),
      ("sx", TestModel.floats("sx", [], [.nan]), "the scale nan"),
      ("sw", TestModel.floats("sw", [2], [1, .infinity]), "the scale inf"),
      ("sy", TestModel.floats("sy", [3], [1, 1, 1]), "3 scales along axis 1, which is 2 long"),
      ("sw", TestModel.floats("sw", [3], [1, 1, 1]), "3 scales along axis 0, which is 2 long"),
      ("sx", TestModel.list("sx", [1]), "has a scale of"),
      ("zx", Self.bytes("zx", .int32, [], [0, 0, 0, 0]), "supported are 8 bits"),
      ("zw", Self.bytes("zw", .uint8, [2], [0, 0]), "a zero point of uint8"),
      ("zw", Self.bytes("zw", .int8, [3], [0, 0, 0]), "3 zero points for 2 scales"),
      ("zw", Self.bytes("zw", .int8, [1, 2], [0, 0]), "zero points of dimensions [1, 2]"),
      (
        "zb", Self.bytes("zb", .int32, [2], [1, 0, 0, 0, 0, 0, 0, 0]),
        "the zero point 1; that of int32 is 0"
      ),
    ]
    for (name, tensor, word) in cases {
      let refusal = layer { _, tensors in tensors[name] = tensor }.refusal()
      #expect(refusal.contains(word), "\(name): \(refusal)")
    }
    let axis = layer { nodes, _ in
      nodes[2] = node("DequantizeLinear", ["w", "sw", "zw"], "wd", ["axis": .integer(9)])
    }
    #expect(axis.refusal().contains("names axis 9"))
    // The zero point of what restores is of another type than the bytes.
    let mixed = layer { nodes, tensors in
      tensors["zi"] = Self.bytes("zi", .int8, [], [0])
      nodes[1].inputs[2] = "zi"
    }
    #expect(mixed.refusal().contains("a zero point of int8 for whole numbers of uint8"))
  }
}
