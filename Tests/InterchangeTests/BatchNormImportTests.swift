import Formats
import Graphs
import Interchange
import Testing

/// Batch-norm over whatever lies behind the channels.
@Suite struct BatchNormImportTests {
  @Test(arguments: [[], [4], [2, 2], [2, 1, 2]] as [[Int]])
  func normalisesAnyRank(pixels: [Int]) throws {
    let count = pixels.reduce(1, *)
    let model = TestModel(
      [.symbol("N"), .fixed(3)] + pixels.map { .fixed($0) },
      [node("BatchNormalization", ["x", "s", "b", "m", "v"], "y", ["epsilon": .float(0)])],
      [
        TestModel.floats("s", [3], [1, 2, 4]), TestModel.floats("b", [3], [0, 1, -1]),
        TestModel.floats("m", [3], [3, 2, 1]), TestModel.floats("v", [3], [1, 4, 16]),
      ])
    let x = (0..<6 * count).map { Double($0 * 3 % 7) }
    let given = try model.run(x, ModelSizes(batch: 2))
    #expect(try model.imported(ModelSizes(batch: 2)).outputs[0].lengths == [2, 3] + pixels)
    #expect(
      given
        == x.enumerated().map { index, value in
          let c = index / count % 3
          return (value - [3.0, 2, 1][c]) + [0.0, 1, -1][c]
        })
  }
}
