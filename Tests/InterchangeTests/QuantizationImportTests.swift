import Formats
import Graphs
import Interchange
import Testing

/// Numbers as whole multiples of a scale, and models whose weights are such numbers.
@Suite struct QuantizationImportTests {
  private let row: [ModelFile.Length] = [.symbol("N"), .fixed(4)]
  private let floats: [String: ModelFile.Attribute.Value] = ["to": .integer(1)]

  private static func bytes(
    _ name: String, _ element: ModelFile.Element, _ dimensions: [Int], _ bytes: [UInt8]
  ) -> ModelFile.Tensor { ModelFile.Tensor(name, element, dimensions, .bytes(bytes)) }

  @Test func roundsToWholeMultiples() throws {
    let tensors = [
      ModelFile.Tensor("scale", [], floats: [2]), Self.bytes("zero", .uint8, [], [128]),
      TestModel.floats("scales", [4], [1, 2, 4, 8]),
      Self.bytes("zeros", .int8, [4], [0, 1, 2, 0xff]),
    ]
    func run(_ nodes: [ModelFile.Node], _ x: [Double]) throws -> [Double] {
      try TestModel(row, nodes, tensors).run(x)
    }
    let unsigned = [
      node("QuantizeLinear", ["x", "scale", "zero"], "q"), node("Cast", ["q"], "y", floats),
    ]
    #expect(try run(unsigned, [-1000, 0, 3, 1000]) == [0, 128, 130, 255])
    let plain = [node("QuantizeLinear", ["x", "scale"], "q"), node("Cast", ["q"], "y", floats)]
    #expect(try run(plain, [-1, 1, 3, 5]) == [0, 0, 2, 2])
    let signed = [
      node("QuantizeLinear", ["x", "scales", "zeros"], "q"), node("Cast", ["q"], "y", floats),
    ]
    #expect(try run(signed, [-1000, 6, 8, -16]) == [-128, 4, 4, -3])
    let both = [
      node("QuantizeLinear", ["x", "scales", "zeros"], "q"),
      node("DequantizeLinear", ["q", "scales", "zeros"], "y"),
    ]
    #expect(try run(both, [1.25, 6.5, 9, -16]) == [1, 6, 8, -16])
  }

  @Test func scalesChannelsOfImages() throws {
    let model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(1), .fixed(2)],
      [
        node("MaxPool", ["x"], "i", ["kernel_shape": .integers([1, 1])]),
        node("QuantizeLinear", ["i", "scales", "zeros"], "q"),
        node("DequantizeLinear", ["q", "scales", "zeros"], "y"),
      ],
      [
        TestModel.floats("scales", [2], [1, 10]), Self.bytes("zeros", .uint8, [2], [0, 5]),
      ])
    #expect(try model.run([0.75, 2, -12, 33]) == [1, 2, -10, 30])
  }

  @Test func restoresWeightsBeforeARun() throws {
    let model = TestModel(
      row, [node("DequantizeLinear", ["q", "scales"], "w"), node("MatMul", ["x", "w"], "y")],
      [
        Self.bytes("q", .int8, [4, 2], [1, 2, 3, 0xff, 0, 0, 1, 1]),
        TestModel.floats("scales", [2], [0.5, 2]),
      ])
    #expect(try model.run([1, 1, 7, 2]) == [3, 6])
    #expect(try model.imported().graph.nodes.count == 1)
  }

  /// One step of all, and steps of rows and of columns, each with its zero point; weights that nodes
  /// look at in another shape, turn round, or compute with.
  @Test func restoresBytesByTheirScales() throws {
    let tensors = [
      Self.bytes("q", .uint8, [2, 3], [1, 2, 3, 10, 20, 255]),
      TestModel.floats("one", [], [0.5]), Self.bytes("z", .uint8, [], [2]),
      TestModel.floats("rows", [2], [1, 2]), Self.bytes("zr", .uint8, [2], [1, 5]),
      TestModel.floats("columns", [3], [1, 2, 3]), Self.bytes("zc", .uint8, [3], [0, 1, 2]),
    ]
    let steps: [([String], Int64, [Double])] = [
      (["one"], 1, [0.5, 1, 1.5, 5, 10, 127.5]),
      (["one", "z"], 1, [-0.5, 0, 0.5, 4, 9, 126.5]),
      (["rows", "zr"], 0, [0, 1, 2, 10, 30, 500]),
      (["columns", "zc"], 1, [1, 2, 3, 10, 38, 759]),
      (["columns"], -1, [1, 4, 9, 10, 40, 765]),
    ]
    for (inputs, axis, expected) in steps {
      let restored = node("DequantizeLinear", ["q"] + inputs, "w", ["axis": .integer(axis)])
      let row = { (nodes: [ModelFile.Node]) in
        try TestModel(
          [.symbol("N"), .fixed(1)], [restored] + nodes + [node("MatMul", ["x", "v"], "y")],
          tensors + [TestModel.list("row", [1, 6])]
        ).run([1])
      }
      #expect(try row([node("Reshape", ["w", "row"], "v")]) == expected)
      #expect(
        try row([node("Neg", ["w"], "n"), node("Reshape", ["n", "row"], "v")])
          == expected.map { -$0 })
      let turned = [0, 3, 1, 4, 2, 5].map { expected[$0] }
      #expect(
        try row([node("Transpose", ["w"], "t"), node("Reshape", ["t", "row"], "v")]) == turned)
    }
  }

  @Test func refusesOtherTypesAndBlocks() {
    let cases: [(ModelFile.Node, String)] = [
      (
        node("QuantizeLinear", ["x", "scale"], "y", ["output_dtype": .integer(5)]),
        "supported are 8 bits"
      ),
      (
        node("QuantizeLinear", ["x", "scale"], "y", ["block_size": .integer(2)]),
        "a scale for each block"
      ),
      (node("QuantizeLinear", ["x", "matrix"], "y"), "a scale for each block"),
      (node("QuantizeLinear", ["x", "scales"], "y", ["axis": .integer(7)]), "names axis 7"),
      (node("QuantizeLinear", ["x"], "y"), "lacks input 1"),
      (
        node("DequantizeLinear", ["x", "scale"], "y", ["output_dtype": .integer(10)]),
        "another type than float32"
      ),
    ]
    for (node, word) in cases {
      let refusal = TestModel(
        row, [node],
        [
          ModelFile.Tensor("scale", [], floats: [2]),
          TestModel.floats("scales", [4], [1, 2, 4, 8]),
          TestModel.floats("matrix", [1, 4], [1, 2, 4, 8]),
        ]
      ).refusal()
      #expect(refusal.contains(word), "\(refusal)")
    }
  }
}
