import Formats
import Graphs
import Interchange
import Testing

/// Products of computed values and of constants, of any rank, and layer normalisation.
@Suite struct ProductImportTests {
  private let rows: [ModelFile.Length] = [.symbol("N"), .fixed(3), .fixed(2)]
  private let x = (0..<12).map { Double($0) - 4 }

  private func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { row in b[0].indices.map { j in row.indices.reduce(0) { $0 + row[$1] * b[$1][j] } } }
  }

  /// The two items of `x`, each of three rows.
  private var items: [[[Double]]] {
    (0..<2).map { item in (0..<3).map { row in [0, 1].map { x[item * 6 + row * 2 + $0] } } }
  }

  @Test func multipliesRowsByAConstant() throws {
    let w: [[Double]] = [[1, 2, 3], [4, 5, 6]]
    let tensors = [
      TestModel.floats("w", [2, 3], [1, 2, 3, 4, 5, 6]), TestModel.floats("b", [3], [7, 8, 9]),
    ]
    let expected = items.flatMap { product($0, w).flatMap { $0 } }
    let plain = TestModel(rows, [node("MatMul", ["x", "w"], "y")], tensors)
    #expect(try plain.run(x, ModelSizes(batch: 2)) == expected)
    let added = TestModel(
      rows, [node("MatMul", ["x", "w"], "a"), node("Add", ["b", "a"], "y")], tensors)
    #expect(
      try added.run(x, ModelSizes(batch: 2))
        == expected.enumerated().map { $1 + Double(7 + $0 % 3) })
    // The sum is a part of the product.
    #expect(try added.imported(ModelSizes(batch: 2)).graph.nodes.count == 1)
  }

  @Test func multipliesComputedValues() throws {
    let turned = node("Transpose", ["x"], "t", ["perm": .integers([0, 2, 1])])
    let model = TestModel(rows, [turned, node("MatMul", ["x", "t"], "y")])
    let expected = items.flatMap { item in
      product(item, [0, 1].map { j in item.map { $0[j] } }).flatMap { $0 }
    }
    #expect(try model.run(x, ModelSizes(batch: 2)) == expected)
    let left = TestModel(
      rows, [node("MatMul", ["w", "x"], "y")], [TestModel.floats("w", [1, 3], [1, -1, 2])])
    #expect(
      try left.run(x, ModelSizes(batch: 2))
        == items.flatMap { product([[1, -1, 2]], $0).flatMap { $0 } })
    let column = TestModel(
      rows, [node("MatMul", ["x", "w"], "y")], [TestModel.floats("w", [2], [3, 5])])
    #expect(
      try column.run(x, ModelSizes(batch: 2)) == items.flatMap { $0.map { 3 * $0[0] + 5 * $0[1] } })
    #expect(try column.imported(ModelSizes(batch: 2)).outputs[0].lengths == [2, 3])
    let row = TestModel(
      rows, [node("MatMul", ["w", "x"], "y")], [TestModel.floats("w", [3], [1, -1, 2])])
    #expect(try row.imported(ModelSizes(batch: 2)).outputs[0].lengths == [2, 2])
    #expect(
      try row.run(x, ModelSizes(batch: 2))
        == items.flatMap { product([[1, -1, 2]], $0).flatMap { $0 } })
  }

  @Test func multipliesAndAddsByGemm() throws {
    let square: [ModelFile.Length] = [.fixed(2), .fixed(3)]
    let a: [[Double]] = [[1, 2, 3], [4, 5, 6]]
    let flat = a.flatMap { $0 }
    // Two outputs of the model's own make both factors computed values.
    for (transA, transB) in [(0, 1), (1, 0)] as [(Int64, Int64)] {
      let model = TestModel(
        square,
        [
          node("Relu", ["x"], "r"),
          node(
            "Gemm", ["x", "r", "c"], "y",
            [
              "transA": .integer(transA), "transB": .integer(transB), "alpha": .float(0.5),
              "beta": .float(3),
            ]),
        ], [TestModel.floats("c", [1], [2])])
      let turned = (0..<3).map { j in a.map { $0[j] } }
      let sums = transA == 1 ? product(turned, a) : product(a, turned)
      #expect(try model.run(flat) == sums.flatMap { $0.map { 0.5 * $0 + 6 } })
    }
    let kept = TestModel(
      square, [node("Gemm", ["x", "w", "c"], "y", ["transB": .integer(1)])],
      [
        TestModel.floats("w", [2, 3], [1, 0, 1, 0, 1, 0]),
        TestModel.floats("c", [2, 2], [1, 2, 3, 4]),
      ])
    #expect(try kept.run(flat) == [5, 4, 13, 9])
  }

  @Test func foldsProductsOfConstants() throws {
    let tensors = [
      TestModel.floats("a", [2, 2], [1, 2, 3, 4]), TestModel.floats("v", [2], [1, 1]),
      TestModel.floats("c", [2], [1, 0]),
    ]
    for (fold, expected) in [
      (node("MatMul", ["a", "v"], "w"), [3.0, 7]), (node("MatMul", ["v", "a"], "w"), [4, 6]),
      (node("Gemm", ["a", "a", "c"], "w", ["transA": .integer(1)]), [11, 14, 15, 20]),
    ] {
      let count = Int64(expected.count / 2)
      let model = TestModel(
        [.fixed(1), .fixed(2)],
        [
          fold, node("Reshape", ["w", "shape"], "m"), node("MatMul", ["x", "m"], "y"),
        ], tensors + [TestModel.list("shape", [2, count])])
      let shaped = stride(from: 0, to: expected.count, by: Int(count)).map {
        Array(expected[$0..<$0 + Int(count)])
      }
      #expect(try model.run([1, 10]) == product([[1, 10]], shaped)[0])
    }
  }

  @Test func normalisesWhatLiesBehindAnAxis() throws {
    let tensors = [
      TestModel.floats("s", [2], [2, 3]), TestModel.floats("b", [1, 2], [1, -1]),
      TestModel.floats("wide", [3, 2], [1, 1, 1, 1, 1, 1]),
    ]
    var model = TestModel(
      rows,
      [node("LayerNormalization", ["x", "s", "b"], "y", ["epsilon": .float(0.75)])], tensors)
    // Neighbours differ by 1: the variance is 0.25.
    #expect(
      try model.run(x, ModelSizes(batch: 2)) == (0..<12).map { $0 % 2 == 0 ? 0 : 0.5 })
    model.graph.nodes[0].outputs = ["n", "y", "z"]
    model.graph.outputs.append(ModelFile.Port("z", .tensor(.float32, nil)))
    let given = try model.imported(ModelSizes(batch: 2)).run(["x": x])
    #expect(given["y"] == (0..<6).map { Double($0 * 2) - 3.5 })
    #expect(given["z"] == [Double](repeating: 1, count: 6))
    let root = TestModel(
      rows,
      [
        node(
          "RMSNormalization", ["x", "wide"], "y", ["axis": .integer(1), "epsilon": .float(0)])
      ], tensors)
    let squares = (0..<2).map { item in
      x[item * 6..<item * 6 + 6].reduce(0) { $0 + $1 * $1 } / 6
    }
    for (place, value) in try root.run(x, ModelSizes(batch: 2)).enumerated() {
      #expect(abs(value - x[place] / squares[place / 6].squareRoot()) < 1e-12)
    }
  }

  /// Uses that would mix the items of a batch, or that are not supported, and a word of the sentence.
  static let uses: [(node: ModelFile.Node, word: String)] = [
    (node("MatMul", ["x", "x"], "y"), "cannot be multiplied"),
    (node("MatMul", ["x", "long"], "y"), "by a matrix of 3 rows"),
    (node("MatMul", ["x", "i"], "y"), "which are not supported"),
    (node("MatMul", ["x", "scalar"], "y"), "multiplies"),
    (node("Gemm", ["x", "long"], "y"), "supported are two matrices"),
    (node("Softmax", ["x"], "y", ["axis": .integer(3)]), "names axis 3"),
    (node("LayerNormalization", ["x", "long"], "y"), "one number for each element"),
    (
      node("LayerNormalization", ["x", "s"], "y", ["axis": .integer(0)]),
      "one number for each element"
    ),
    (node("LayerNormalization", ["x", "s"], "y", ["stash_type": .integer(10)]), "another type"),
    (node("LayerNormalization", ["x", "s"], "y", ["epsilon": .float(-1)]), "to variances"),
    (node("ReduceSum", ["x"], "y", ["axes": .integers([1, -2])]), "an axis twice"),
    (node("ReduceSum", ["x"], "y", ["axes": .integers([.min])]), "names axis"),
    (node("TopK", ["x", "x"], "y"), "that are computed"),
    (node("TopK", ["x", "i"], "y"), "has no 9 first elements"),
    (node("CumSum", ["x"], "y"), "lacks its axis"),
    (node("LpNormalization", ["x"], "y", ["p": .integer(3)]), "has p 3"),
    (node("LRN", ["x"], "y", ["size": .integer(0)]), "a window of 0"),
    (
      node("GroupNormalization", ["x", "s", "s"], "y", ["num_groups": .integer(2)]),
      "has 2 groups of 3"
    ),
    (node("InstanceNormalization", ["x", "s", "s"], "y"), "one number a channel"),
    (node("Attention", ["x", "x", "x"], "y"), "attention cannot take"),
    (node("Attention", ["x", "x", "x"], "y", ["softcap": .float(-1)]), "less than 0"),
    (node("LSTM", ["x", "long", "long"], "y"), "is no sequence"),
    (node("LSTM", ["x", "long", "long"], "y", ["clip": .float(1)]), "has clip"),
    (node("LSTM", ["x", "long", "long"], "y", ["input_forget": .integer(1)]), "couples"),
    (node("GRU", ["x", "long", "long"], "y", ["direction": .text([120])]), "direction x"),
    (node("RNN", ["x", "long", "long"], "y", ["activations": .texts([[120]])]), "activations"),
  ]

  @Test(arguments: uses)
  func refusesWhatIsNotSupported(node: ModelFile.Node, word: String) {
    let model = TestModel(
      rows, [node],
      [
        TestModel.floats("s", [2], [1, 2]), TestModel.floats("long", [3, 1], [1, 2, 3]),
        TestModel.list("i", [9]), TestModel.floats("scalar", [], [1]),
      ])
    let refusal = model.refusal(ModelSizes(batch: 2))
    #expect(refusal.contains(word), "\(refusal)")
  }
}
