import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing

/// Programs whose convolutions end with functions other than ReLU.
@Suite struct FusedActivationTests {
  private let tests = ProgramTests()

  /// Wider by single pixels, a filter a channel, narrower again, and what was read is added.
  @Test(arguments: [1 << 40, 64_000])
  func invertedBottleneck(cache: Int) throws {
    let clip = PointwiseFunction.clip(least: 0, most: 6)
    let swish = PointwiseFunction.swish(scale: 1)
    let graph = try tests.graph { builder, images in
      var value = try builder.convolution("expand", images, filters: 24, window: 1)
      value = try builder.batchNorm("expand.bn", value)
      value = try builder.append("clip1", Pointwise(clip), [value])[0]
      value = try builder.convolution(
        "depthwise", value, filters: 24, window: 3, paddings: 1, groups: 24)
      value = try builder.batchNorm("depthwise.bn", value)
      value = try builder.append("clip2", Pointwise(clip), [value])[0]
      value = try builder.convolution("project", value, filters: 4, window: 1, hasBias: true)
      value = try builder.add("sum", value, images)
      builder.output("y", try builder.append("swish", Pointwise(swish), [value])[0])
    }
    let program = try tests.compare(graph, batch: 4, cache: cache)
    #expect(program.units.map(\.name) == ["expand", "depthwise", "project"])
    #expect(
      program.units.map(\.epilogue) == [
        Epilogue(activation: clip), Epilogue(activation: clip),
        Epilogue(addsResidual: true, activation: swish),
      ])
    #expect(program.units.allSatisfy { $0.images == (cache == 64_000 ? 1 : 4) })
  }

  /// Branches that write ranges of one buffer, each with another function.
  @Test(arguments: [ConvAlgorithm.reference, .im2col, .direct])
  func branchesLieSideBySide(algorithm: ConvAlgorithm) throws {
    let graph = try tests.graph { builder, images in
      let left = try builder.convolution("left", images, filters: 5, window: 1)
      let middle = try builder.convolution(
        "middle", images, filters: 4, window: 3, paddings: 1, groups: 4)
      let right = try builder.convolution("right", images, filters: 70, window: 3, paddings: 1)
      let joined = try builder.concatenation(
        "join",
        [
          builder.append("swish", Pointwise(.swish(scale: 1)), [left])[0],
          builder.append("mish", Pointwise(.mish), [middle])[0],
          builder.append("leaky", Pointwise(.leaky(slope: 0.1)), [right])[0],
        ])
      builder.output("y", try builder.convolution("last", joined, filters: 3, window: 1))
    }
    let program = try tests.compare(graph) {
      algorithm.supports($0) ? algorithm : ConvPlan.native($0, allowsWinograd: false)
    }
    #expect(Set(program.units.map(\.name)).isDisjoint(with: ["swish", "mish", "leaky"]))
  }

  /// A gate's probabilities keep the bound that their errors are relative to; rows are products, too.
  @Test func layersEndWithFunctions() throws {
    let graph = try tests.graph { builder, images in
      let gate = try builder.linear("gate", builder.averagePool("mean", images), outputs: 5)
      builder.output("gate", try builder.append("sigmoid", Pointwise(.sigmoid), [gate])[0])
      let weight = builder.parameter(Parameter(name: "w", shape: [6, 4], role: .filters))
      let rows = try builder.append(
        "rows", Convolution.rows(outputs: 6, hasBias: false), [images, weight])[0]
      builder.output("rows", try builder.append("gelu", Pointwise(.gelu), [rows])[0])
    }
    let program = try tests.compare(graph)
    #expect(program.units.map(\.name) == ["mean", "gate", "rows"])
    #expect(program.bound(0) == 1 && program.bound(1) == nil)
  }
}
