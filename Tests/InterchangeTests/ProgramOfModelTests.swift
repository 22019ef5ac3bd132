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
}
