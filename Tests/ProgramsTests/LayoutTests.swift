import Graphs
import Kernels
import Models
import Programs
import Testing

/// Programs whose values change their layout on the way.
@Suite struct LayoutTests {
  @Test(arguments: [1 << 40, 4000])
  func turnsImagesRound(cache: Int) throws {
    let tests = ProgramTests()
    let graph = try tests.graph { builder, images in
      let border = ImageBorder(top: 0, left: 2, bottom: 1, right: 0)
      var value = try builder.append("pad", ImagePadding(border), [images])[0]
      value = try builder.convolution("conv", value, filters: 6, window: 3)
      value = try builder.append("turn", Transpose([0, 3, 1, 2]), [value])[0]
      let flat = try builder.append("flat", Reshape([.batch, 6, 56]), [value])[0]
      builder.output("flat", flat)
      value = try builder.append("rows", Reshape([.batch, 336]), [value])[0]
      builder.output("logits", try builder.linear("fc", builder.relu("relu", value), outputs: 5))
    }
    try tests.compare(graph, batch: 4, cache: cache)
  }

  /// What mixes images runs over the whole batch.
  @Test func turnsTheBatchRound() throws {
    let tests = ProgramTests()
    let graph = try tests.graph { builder, images in
      let flat = try builder.append("flat", Reshape([.batch, 256]), [images])[0]
      builder.output("turned", try builder.append("turn", Transpose([1, 0]), [flat])[0])
    }
    try tests.compare(graph)
  }
}
