import Basics
import Formats
import Interchange
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Models that run: the same program as that of the network that they were made of.
@Suite struct ProgramOfModelTests {
  @Test func runsAsTheNetworkDoes() throws {
    let (batch, size) = (2, 12)
    let network = try Network.named("resnet20", classes: 10)
    let weights = SeededWeights(for: network, seed: 1)
    let directory = try TemporaryDirectory()
    let path = directory.path("m.onnx")
    try ModelExport.model(
      of: network.graph(inputSize: size), name: network.name, weights: weights
    ).write(to: path)
    let imported = try ImportedModel(try ModelFile(path: path), sizes: ModelSizes(batch: batch))
    let pool = ThreadPool(threads: 2)
    let graph = try imported.graph.withoutDropout().foldingNorms().fusingEpilogues()
    let program = try Program(
      graph, parameters: .frozen(imported.weights), batch: batch, pool: pool
    ) { _, shape, _ in ConvPlan.native(shape, allowsWinograd: false) }
    let own = try Program(
      network, weights: weights, batch: batch, inputSize: size, pool: pool
    ) { _, shape in ConvPlan.native(shape, allowsWinograd: false) }
    #expect(program.units.count == own.units.count)
    let images = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(0..<batch, seed: 3, channels: 1, size: size, into: images.elements)
    program.run(images.pointer)
    own.run(images.pointer)
    #expect(Array(program.logits) == Array(own.logits) && program.logits.count == 20)
  }

  /// Two images an item, which become images alone: nothing is cut, and numbers are given too.
  @Test func runsWhereItemsAreJoined() throws {
    var model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(1), .fixed(4), .fixed(4)],
      [
        node("Reshape", ["x", "s"], "i"),
        node("Conv", ["i", "w"], "y", ["pads": .integers([1, 1, 1, 1])]), node("Shape", ["y"], "l"),
      ],
      [
        TestModel.list("s", [-1, 1, 4, 4]),
        TestModel.floats("w", [3, 1, 3, 3], TestModel.pattern(27)),
      ])
    model.graph.outputs.append(ModelFile.Port("l", .tensor(.int64, nil)))
    let imported = try model.imported(ModelSizes(batch: 2))
    #expect(imported.outputs.map(\.isBatched) == [false, false])
    let program = try Program(
      imported.graph, parameters: .frozen(imported.weights), batch: imported.batch,
      pool: ThreadPool(threads: 2)
    ) { _, shape, _ in
      #expect(shape.N == 4)
      return ConvPlan.native(shape, allowsWinograd: false)
    }
    let images = AlignedBuffer(count: 64)
    for index in 0..<64 { images.pointer[index] = Float(index * 5 % 11 - 5) }
    program.bind(0, to: images.bytes)
    program.run()
    let expected = try imported.run(["x": images.elements.map(Double.init)])
    #expect(program.values(0).map(Double.init) == expected["y"])
    #expect(program.numbers(1) == [4, 3, 4, 4] && program.bytes(1).count == 32)
    #expect(expected["l"] == [4, 3, 4, 4])
  }
}
