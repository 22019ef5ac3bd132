import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing

/// Branches that meet: programs against the references, and what is copied for it.
extension ProgramTests {
  private func join(
    _ builder: inout GraphBuilder, _ name: String, _ parts: [Graph.Value]
  ) throws -> Graph.Value { try builder.append(name, Concatenation(), parts)[0] }

  private func copiedBytes(_ program: Program, _ name: String) -> Int? {
    program.units.first { $0.name == name }?.leastBytes
  }

  @Test(arguments: [ConvAlgorithm.reference, .im2col, .direct, .winograd2x3, .winograd4x3])
  func joinsThreeBranchesWithoutACopy(algorithm: ConvAlgorithm) throws {
    let three = try graph { builder, images in
      let stem = try builder.convolution("stem", images, filters: 16, window: 3, paddings: 1)
      let odd = try builder.convolution("odd", stem, filters: 5, window: 1, hasBias: true)
      let pooled = try builder.maxPool("pool", stem, window: 3, stride: 1, padding: 1)
      let conv = try builder.convolution("conv", stem, filters: 32, window: 3, paddings: 1)
      let norm = try builder.relu("relu", builder.batchNorm("bn", conv))
      let joined = try join(&builder, "joined", [odd, pooled, norm])
      builder.output("y", try builder.convolution("last", joined, filters: 3, window: 3))
    }
    for (batch, cache) in [(3, 1 << 40), (4, 20_000)] {
      let program = try compare(three, batch: batch, cache: cache, bound: 1e-4) {
        algorithm.supports($0) ? algorithm : .direct
      }
      #expect(copiedBytes(program, "joined") == 0)
    }
  }

  @Test func joinsTwoBranchesIntoAnOutput() throws {
    let two = try graph { builder, images in
      let conv = try builder.convolution("conv", images, filters: 6, window: 1)
      let average = try builder.append("average", AdaptiveAveragePooling(side: 8), [images])[0]
      builder.output("y", try join(&builder, "joined", [conv, average]))
    }
    #expect(copiedBytes(try compare(two), "joined") == 0)
  }

  @Test func joinsWhatIsJoinedAlready() throws {
    let nested = try graph { builder, images in
      let (a, b) = (
        try builder.convolution("a", images, filters: 3, window: 3, paddings: 1),
        try builder.convolution("b", images, filters: 2, window: 1)
      )
      let inner = try join(&builder, "inner", [a, b])
      let norm = try builder.batchNorm("norm", images)
      let outer = try join(&builder, "outer", [norm, inner])
      builder.output("y", try builder.relu("relu", outer))
    }
    let program = try compare(nested, batch: 4, cache: 4000)
    #expect(copiedBytes(program, "inner") == 0)
    #expect(copiedBytes(program, "outer") == 0)
  }

  /// A value twice, the graph's input, an output, a sum, and what another node reads as well.
  @Test func copiesWhatCannotLieInTheRange() throws {
    let mixed = try graph { builder, images in
      let twice = try builder.convolution("twice", images, filters: 3, window: 1)
      let read = try builder.convolution("read", images, filters: 4, window: 1)
      let sum = try builder.add("sum", read, images)
      let given = try builder.convolution("given", images, filters: 2, window: 1)
      builder.output("given", given)
      let joined = try join(&builder, "joined", [twice, images, given, sum, read, twice])
      builder.output("y", try builder.convolution("last", joined, filters: 2, window: 1))
    }
    for cache in [1 << 40, 4000] {
      let program = try compare(mixed, batch: 4, cache: cache)
      let channels = 4 + 2 + 4 + 4 + 3
      #expect(copiedBytes(program, "joined") == 8 * 4 * 64 * channels)
    }
  }

  @Test(arguments: [1 << 40, 4000])
  func normalisesBehindNoConvolution(cache: Int) throws {
    let norms = try graph { builder, images in
      let first = try builder.batchNorm("first", images)
      builder.output("plain", first)
      let relu = try builder.relu("relu", builder.batchNorm("second", first))
      let conv = try builder.convolution("conv", relu, filters: 5, window: 1)
      builder.output("conv", conv)
      builder.output("y", try builder.batchNorm("third", conv))
    }
    let program = try compare(norms, batch: 4, cache: cache)
    #expect(program.units.map(\.name) == ["first", "second", "conv", "third"])
  }
}
