import Basics
import Formats
import Graphs
import Interchange
import Testing

/// What translated models compute, beside ONNX's definitions written out as loops.
@Suite struct ImportTests {
  private typealias Value = ModelFile.Attribute.Value

  @Test func flattensImagesInTheModelsOrder() throws {
    let (x, w) = (TestModel.pattern(2 * 12).map(Double.init), TestModel.pattern(36, 7))
    for (transB, last) in [(1, "Gemm"), (0, "Gemm"), (0, "MatMul")] {
      let matrix = transB == 1 ? w : (0..<36).map { w[$0 % 3 * 12 + $0 / 3] }
      let image: [ModelFile.Length] = [.symbol("N"), .fixed(2), .fixed(2), .fixed(3)]
      let attributes: [String: Value] =
        last == "Gemm" ? ["transB": .integer(Int64(transB))] : [:]
      let model = TestModel(
        image,
        [
          node("MaxPool", ["x"], "a", ["kernel_shape": .integers([1, 1])]),
          node("Flatten", ["a"], "b"), node("Relu", ["b"], "c"), node("Dropout", ["c"], "d"),
          node(last, ["d", "w"], "y", attributes),
        ], [TestModel.floats("w", transB == 1 ? [3, 12] : [12, 3], matrix)])
      let expected = (0..<6).map { index in
        (0..<12).reduce(0.0) {
          $0 + max(x[index / 3 * 12 + $1], 0) * Double(w[index % 3 * 12 + $1])
        }
      }
      #expect(try model.run(x, ModelSizes(batch: 2)) == expected)
      // Nothing is turned round for that: the weights are.
      let graph = try model.imported(ModelSizes(batch: 2)).graph
      #expect(
        !graph.nodes.contains { $0.op is Transpose || $0.op is Reshape || $0.op is Flattening })
    }
  }

  @Test func takesAnAddedRowIntoTheProduct() throws {
    let model = TestModel(
      [.fixed(1), .fixed(2)],
      [node("MatMul", ["x", "w"], "a"), node("Add", ["b", "a"], "y")],
      [
        TestModel.floats("w", [2, 3], [1, 2, 3, 4, 5, 6]),
        TestModel.floats("b", [3], [10, 20, 30]),
      ])
    #expect(try model.run([1, 2]) == [19, 32, 45])
    #expect(try model.imported().graph.nodes.count == 1)
  }

  @Test func scalesAndRepeatsWhatGemmAdds() throws {
    let model = TestModel(
      [.fixed(1), .fixed(2)],
      [
        node(
          "Gemm", ["x", "w", "b"], "y",
          ["alpha": .float(2), "beta": .float(0.5), "transB": .integer(1)])
      ], [TestModel.floats("w", [2, 2], [1, 2, 3, 4]), TestModel.floats("b", [1], [6])])
    #expect(try model.run([1, 2]) == [13, 25])
  }

  @Test func normalisesWithAnotherEpsilon() throws {
    for epsilon: Float in [1e-5, 1e-3, 1] {
      let model = TestModel(
        [.fixed(1), .fixed(2), .fixed(1), .fixed(2)],
        [
          node(
            "BatchNormalization", ["x", "g", "b", "m", "v"], "y", ["epsilon": .float(epsilon)])
        ],
        [
          TestModel.floats("g", [2], [2, 3]), TestModel.floats("b", [2], [1, -1]),
          TestModel.floats("m", [2], [0.5, 0]), TestModel.floats("v", [2], [3, 0.25]),
        ])
      let expected = [1.0, 2, 3, 4].enumerated().map { index, x in
        let (g, b, m, v) = [(2.0, 1.0, 0.5, 3.0), (3, -1, 0, 0.25)][index / 2]
        return (x - m) / (v + Double(epsilon)).squareRoot() * g + b
      }
      for (own, other) in zip(try model.run([1, 2, 3, 4]), expected) {
        #expect(abs(own - other) < 1e-6 * abs(other))
      }
    }
  }
}
