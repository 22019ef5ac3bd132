import Formats
import Graphs
import Interchange
import Testing

/// Parts of values, values side by side, and what indices name, beside ONNX's definitions.
@Suite struct SelectionImportTests {
  private static let size: [ModelFile.Length] = [.fixed(2), .fixed(3), .fixed(2), .fixed(4)]
  private static let x = (0..<48).map { Double($0) }
  /// Makes an image of `x`, whose channels lie innermost in the graph.
  private static let pass = node("MaxPool", ["x"], "i", ["kernel_shape": .integers([1, 1])])

  private static func at(_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Double {
    Double(((n * 3 + c) * 2 + h) * 4 + w)
  }

  /// Elements of lengths, each by its indices.
  private static func made(
    _ lengths: [Int], _ value: (_ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Double
  ) -> [Double] {
    (0..<lengths[0]).flatMap { n in
      (0..<lengths[1]).flatMap { c in
        (0..<lengths[2]).flatMap { h in (0..<lengths[3]).map { value(n, c, h, $0) } }
      }
    }
  }

  /// A node that reads `d`, an image or none, and what it gives as `y`.
  struct Use: Sendable {
    let node: ModelFile.Node
    let expected: [Double]
  }

  static let uses: [Use] = {
    var uses: [Use] = []
    func add(_ node: ModelFile.Node, _ expected: [Double]) {
      uses.append(Use(node: node, expected: expected))
    }
    add(
      node(
        "Slice", ["d"], "y",
        [
          "starts": .integers([1, 0]), "ends": .integers([9, -1]), "axes": .integers([1, -1]),
        ]), made([2, 2, 2, 3]) { at($0, $1 + 1, $2, $3) }
    )
    add(
      node("Slice", ["d", "starts", "ends", "axes", "steps"], "y"),
      made([2, 3, 2, 2]) { at($0, 2 - $1, $2, 3 - 2 * $3) }
    )
    add(node("Gather", ["d", "list"], "y"), made([2, 3, 2, 4]) { at(1 - $0, $1, $2, $3) })
    add(
      node("Gather", ["d", "list"], "y", ["axis": .integer(1)]),
      made([2, 2, 2, 4]) { at($0, $1 == 0 ? 1 : 0, $2, $3) }
    )
    add(
      node("Gather", ["d", "pair"], "y", ["axis": .integer(-1)]),
      made([2, 3, 2, 2]) { at($0, $1, $2, $3 == 0 ? 3 : 2) }
    )
    add(
      node("Gather", ["d", "one"], "y", ["axis": .integer(2)]),
      made([2, 3, 1, 4]) { n, c, _, w in at(n, c, 1, w) }
    )
    add(
      node("Tile", ["d", "repeats"], "y"),
      made([2, 6, 2, 8]) { at($0, $1 % 3, $2, $3 % 4) }
    )
    add(
      node("Expand", ["d", "five"], "y"),
      (0..<2).flatMap { _ in made([2, 3, 2, 4]) { at($0, $1, $2, $3) } }
    )
    add(
      node("Pad", ["d"], "y", ["pads": .integers([0, 1, 0, -1, 0, 0, 0, 2]), "value": .float(7)]),
      made([2, 4, 2, 5]) { $1 == 0 || $3 > 2 ? 7 : at($0, $1 - 1, $2, $3 + 1) }
    )
    add(
      node(
        "Pad", ["d"], "y",
        ["pads": .integers([1, 0, 1, 0, 0, 0, 0, 0]), "mode": .text(Array("edge".utf8))]),
      made([3, 3, 3, 4]) { at(max($0 - 1, 0), $1, max($2 - 1, 0), $3) }
    )
    add(
      node("SpaceToDepth", ["d"], "y", ["blocksize": .integer(2)]),
      made([2, 12, 1, 2]) { at($0, $1 % 3, $1 / 6, 2 * $3 + $1 / 3 % 2) }
    )
    add(
      node(
        "SpaceToDepth", ["d"], "y",
        ["blocksize": .integer(2), "mode": .text(Array("CRD".utf8))]),
      made([2, 12, 1, 2]) { at($0, $1 / 4, $1 / 2 % 2, 2 * $3 + $1 % 2) }
    )
    add(
      node("Trilu", ["d"], "y", ["upper": .integer(0)]),
      made([2, 3, 2, 4]) { $3 <= $2 ? at($0, $1, $2, $3) : 0 }
    )
    add(
      node("ReverseSequence", ["d", "counts"], "y"),
      made([2, 3, 2, 4]) { at($1 == 1 ? 1 - $0 : $0, $1, $2, $3) }
    )
    add(
      node("GatherND", ["d", "tuples"], "y"),
      made([1, 2, 2, 4]) { _, c, h, w in c == 0 ? at(1, 2, h, w) : at(0, 0, h, w) }
    )
    add(
      node("ScatterND", ["d", "tuples", "updates"], "y", ["reduction": .text(Array("add".utf8))]),
      made([2, 3, 2, 4]) {
        at($0, $1, $2, $3) + (($0, $1) == (1, 2) ? 100 : ($0, $1) == (0, 0) ? 200 : 0)
      }
    )
    add(
      node("Concat", ["d", "constant", "d"], "y", ["axis": .integer(1)]),
      made([2, 7, 2, 4]) { $1 == 3 ? 9 : at($0, $1 < 3 ? $1 : $1 - 4, $2, $3) }
    )
    add(
      node("Concat", ["d", "d"], "y", ["axis": .integer(0)]),
      made([4, 3, 2, 4]) { at($0 % 2, $1, $2, $3) }
    )
    add(node("Reshape", ["d", "rows"], "y"), x)
    add(
      node("Transpose", ["d"], "y", ["perm": .integers([2, 0, 3, 1])]),
      made([2, 2, 4, 3]) { at($1, $3, $0, $2) }
    )
    return uses
  }()

  @Test(arguments: uses, [true, false])
  func computesByTheDefinition(
    use: Use, isImage: Bool
  ) throws {
    var nodes = [node("Identity", [isImage ? "i" : "x"], "d"), use.node]
    if isImage { nodes.insert(Self.pass, at: 0) }
    let model = TestModel(
      Self.size, nodes,
      [
        TestModel.list("starts", [.max, -1]), TestModel.list("ends", [.min, -9]),
        TestModel.list("axes", [1, 3]), TestModel.list("steps", [-1, -2]),
        TestModel.list("list", [1, 0]), TestModel.list("pair", [-1, 2]),
        ModelFile.Tensor("one", [], integers: [1]), TestModel.list("repeats", [1, 2, 1, 2]),
        TestModel.list("five", [2, 1, 1, 1, 1]), TestModel.list("counts", [1, 2, 0]),
        ModelFile.Tensor("tuples", [2, 2], integers: [1, 2, 0, -3]),
        TestModel.floats(
          "updates", [2, 2, 4], (0..<16).map { $0 < 8 ? 100 : 200 }),
        TestModel.floats("constant", [2, 1, 2, 4], [Float](repeating: 9, count: 16)),
        TestModel.list("rows", [-1, 8]),
      ])
    #expect(try model.run(Self.x) == use.expected)
  }
}
