import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing

/// Programs of operators that go element by element, over whole batches and over groups of images.
@Suite struct ElementwiseTests {
  private func row(_ name: String, _ shape: [Int], _ builder: inout GraphBuilder) -> Graph.Value {
    builder.parameter(Parameter(name: name, shape: shape, role: .constant))
  }

  /// A gate an image, a number a channel, constants on both sides, and a tensor for every image.
  @Test(arguments: [1 << 40, 4000])
  func combinesWhatHasOtherShapes(cache: Int) throws {
    let tests = ProgramTests()
    let graph = try tests.graph { builder, images in
      let sums = try builder.convolution("conv", images, filters: 6, window: 3)
      let mean = try builder.averagePool("mean", sums)
      let gate = try builder.append("gate", Pointwise(.sigmoid), [mean])[0]
      var value = try builder.append("scaled", Pairwise(.multiply), [sums, gate])[0]
      let channels = row("channels", [6], &builder)
      value = try builder.append("shifted", Pairwise(.subtract), [channels, value])[0]
      let pixels = row("pixels", [1, 6, 6, 1], &builder)
      value = try builder.append("pixels", Pairwise(.add), [value, pixels])[0]
      value = try builder.append("twice", Pairwise(.multiply, constant: 2), [value])[0]
      let op = Pairwise(.divide, constant: 3, isConstantFirst: true)
      let moved = try builder.append("moved", Pairwise(.maximum, constant: 0.5), [value])[0]
      builder.output("quotients", try builder.append("op", op, [moved])[0])
      let swish = Pointwise(.swish(scale: 1))
      builder.output("y", try builder.append("swish", swish, [value])[0])
    }
    try tests.compare(graph, batch: 4, cache: cache)
  }

  @Test(arguments: [1 << 40, 4000])
  func choosesAndChangesTypes(cache: Int) throws {
    let tests = ProgramTests()
    let graph = try tests.graph { builder, images in
      let wide = try builder.append("wide", Pairwise(.multiply, constant: 16), [images])[0]
      let whole = try builder.append("whole", ElementCast(to: .i32), [wide])[0]
      let rest = try builder.append("rest", Pairwise(.floorModulo, constant: 3), [whole])[0]
      let isOne = try builder.append("one", Pairwise(.equal, constant: 1), [rest])[0]
      let others = try builder.append("others", Pointwise(.not), [isOne])[0]
      let limit = row("limit", [1, 1, 4], &builder)
      let chosen = try builder.append("where", Choice(.f32, second: -7), [isOne, wide])[0]
      let either = try builder.append("either", Choice(.f32), [others, chosen, limit])[0]
      let flags = try builder.append("flags", Choice(.i32, first: 5, second: 6), [others])[0]
      let sums = try builder.append("sums", Pairwise(.add), [flags, rest])[0]
      builder.output("chosen", either)
      builder.output("sums", try builder.append("floats", ElementCast(to: .f32), [sums])[0])
    }
    try tests.compare(graph, batch: 4, cache: cache)
  }

  /// Without a batch a parameter may have the very shape of what is computed.
  @Test(
    arguments: [Addition(), Concatenation()] as [any Operator], [[0], [1]] as [Set<Int>])
  func readsParametersAsItReadsValues(op: any Operator, parameters: Set<Int>) throws {
    var one = OneOperator(op)
    for _ in 0..<2 { one.floats([6, 40]) }
    one.parameters = parameters
    try one.compare(threads: 2)
  }

  /// A constant tensor of truths is a parameter of floats, cast in every run.
  @Test func readsConstantsOfOtherTypes() throws {
    let tests = ProgramTests()
    let graph = try tests.graph { builder, images in
      let scaled = try builder.append(
        "scaled", Pairwise(.multiply, constant: 4), [row("mask", [8, 1], &builder)])[0]
      let mask = try builder.append("mask", ElementCast(to: .i64), [scaled])[0]
      let truths = try builder.append("truths", Pairwise(.equal, constant: 0), [mask])[0]
      builder.output("y", try builder.append("y", Choice(.f32, first: 2), [truths, images])[0])
    }
    try tests.compare(graph)
  }
}
