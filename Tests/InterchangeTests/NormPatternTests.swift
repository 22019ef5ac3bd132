import Formats
import Graphs
import Interchange
import Testing

/// Layer normalisation as exporters spell it, node by node.
@Suite struct NormPatternTests {
  private let image: [ModelFile.Length] = [.symbol("N"), .fixed(3), .fixed(2), .fixed(2)]
  private let x = (0..<24).map { Double(($0 * 5) % 7) - 2 }

  /// The nodes over `i`; `apart` puts one between that changes nothing.
  private func model(
    axis: Int, squares: Bool, hasShift: Bool, apart: Bool, scale: [Int]
  ) -> TestModel {
    let means: [String: ModelFile.Attribute.Value] = ["axes": .integers([Int64(axis)])]
    var nodes = [
      node("MaxPool", ["x"], "i", ["kernel_shape": .integers([1, 1])]),
      node("ReduceMean", ["i"], "m", means), node("Sub", ["i", "m"], "d"),
      squares ? node("Mul", ["d", "d"], "p") : node("Pow", ["d", "two"], "p"),
      node("ReduceMean", ["p"], "v", means), node("Add", ["v", "e"], "a"),
      node("Sqrt", ["a"], "s"), node("Div", ["d", apart ? "t" : "s"], "w"),
      node("Mul", ["w", "scale"], hasShift ? "z" : "y"),
    ]
    if apart { nodes.append(node("Identity", ["s"], "t")) }
    if hasShift { nodes.append(node("Add", ["shift", "z"], "y")) }
    return TestModel(
      image, nodes,
      [
        TestModel.floats("two", [], [2]), TestModel.floats("e", [1], [0.25]),
        TestModel.floats("scale", scale, Array([1, -2, 3].prefix(scale.reduce(1, *)))),
        TestModel.floats("shift", scale, Array([0.5, 1, -1].prefix(scale.reduce(1, *)))),
      ])
  }

  @Test(arguments: [true, false], [true, false])
  func isOneOperator(squares: Bool, hasShift: Bool) throws {
    let sizes = ModelSizes(batch: 2)
    // The channels of an image are innermost in the graph.
    for axis in [1, -3] {
      let one = model(
        axis: axis, squares: squares, hasShift: hasShift, apart: false, scale: [3, 1, 1])
      let apart = model(
        axis: axis, squares: squares, hasShift: hasShift, apart: true, scale: [3, 1, 1])
      let ops = try one.imported(sizes).graph.nodes.map(\.op)
      #expect(ops.count { $0 is LayerNormalization } == 1)
      #expect(!ops.contains { $0 is Reduction })
      #expect(try apart.imported(sizes).graph.nodes.contains { $0.op is Reduction })
      let (own, expected) = (try one.run(x, sizes), try apart.run(x, sizes))
      #expect(own.count == 24 && expected.count == 24)
      for (a, b) in zip(own, expected) { #expect(abs(a - b) < 1e-6) }
    }
  }

  /// A scale along another axis, or an axis that is not innermost, leaves all nodes.
  @Test func leavesOthersAlone() throws {
    for (axis, scale) in [(1, [1, 2]), (2, [2, 1]), (3, [2]), (1, [1])] {
      let other = model(axis: axis, squares: true, hasShift: true, apart: false, scale: scale)
      let ops = try other.imported(ModelSizes(batch: 2)).graph.nodes.map(\.op)
      #expect(!ops.contains { $0 is LayerNormalization })
    }
  }
}
