import Formats
import Interchange
import Testing

/// What slides over images, beside ONNX's definitions written out as loops.
@Suite struct WindowImportTests {
  private typealias Value = ModelFile.Attribute.Value

  /// A convolution by its definition, everything `N C H W`.
  private func convolved(
    _ x: [Double], _ size: (C: Int, H: Int, W: Int), _ w: [Float], _ shape: [Int], groups: Int = 1,
    strides: (Int, Int) = (1, 1), pads: (Int, Int) = (0, 0), dilations: (Int, Int) = (1, 1)
  ) -> [Double] {
    let P = (size.H + 2 * pads.0 - dilations.0 * (shape[2] - 1) - 1) / strides.0 + 1
    let Q = (size.W + 2 * pads.1 - dilations.1 * (shape[3] - 1) - 1) / strides.1 + 1
    var result: [Double] = []
    for n in 0..<x.count / (size.C * size.H * size.W) {
      for k in 0..<shape[0] {
        for p in 0..<P {
          for q in 0..<Q {
            var sum = 0.0
            for c in 0..<shape[1] {
              for r in 0..<shape[2] {
                for s in 0..<shape[3] {
                  let h = p * strides.0 + r * dilations.0 - pads.0
                  let v = q * strides.1 + s * dilations.1 - pads.1
                  guard (0..<size.H).contains(h), (0..<size.W).contains(v) else { continue }
                  let channel = k / (shape[0] / groups) * shape[1] + c
                  sum +=
                    x[((n * size.C + channel) * size.H + h) * size.W + v]
                    * Double(w[((k * shape[1] + c) * shape[2] + r) * shape[3] + s])
                }
              }
            }
            result.append(sum)
          }
        }
      }
    }
    return result
  }

  @Test func convolvesInGroupsWithDilation() throws {
    let (shape, x) = ([4, 2, 3, 2], TestModel.pattern(2 * 4 * 6 * 5).map(Double.init))
    let w = TestModel.pattern(48, 3)
    let model = TestModel(
      [.symbol("N"), .fixed(4), .fixed(6), .fixed(5)],
      [
        node(
          "Conv", ["x", "w", "b"], "y",
          [
            "group": .integer(2), "strides": .integers([1, 2]), "pads": .integers([2, 1, 2, 1]),
            "dilations": .integers([2, 1]), "kernel_shape": .integers([3, 2]),
          ])
      ], [TestModel.floats("w", shape, w), TestModel.floats("b", [4], [1, 2, 3, 4])])
    let bare = convolved(
      x, (4, 6, 5), w, shape, groups: 2, strides: (1, 2), pads: (2, 1), dilations: (2, 1))
    let area = bare.count / 8
    let expected = bare.enumerated().map { $0.element + Double($0.offset / area % 4 + 1) }
    #expect(try model.run(x, ModelSizes(batch: 2)) == expected)
  }

  @Test func padsAsTheRuleSays() throws {
    let (x, w) = (TestModel.pattern(20).map(Double.init), TestModel.pattern(9, 3))
    func model(_ rule: String, stride: Int64) -> TestModel {
      let attributes: [String: Value] = [
        "auto_pad": .text(Array(rule.utf8)), "strides": .integers([stride, stride]),
      ]
      return TestModel(
        [.fixed(1), .fixed(1), .fixed(5), .fixed(4)], [node("Conv", ["x", "w"], "y", attributes)],
        [TestModel.floats("w", [1, 1, 3, 3], w)])
    }
    let padded = convolved(x, (1, 5, 4), w, [1, 1, 3, 3], pads: (1, 1))
    #expect(try model("SAME_UPPER", stride: 1).run(x) == padded)
    #expect(try model("SAME_LOWER", stride: 1).run(x) == padded)
    #expect(
      try model("VALID", stride: 2).run(x)
        == convolved(x, (1, 5, 4), w, [1, 1, 3, 3], strides: (2, 2)))
    // Of four columns, two windows of three at a distance of two need one zero, on one side.
    for (rule, left) in [("SAME_UPPER", 0), ("SAME_LOWER", 1)] {
      let wide = (0..<25).map { $0 % 5 - left }.enumerated().map { index, w in
        (0..<4).contains(w) ? x[index / 5 * 4 + w] : 0
      }
      let expected = convolved(wide, (1, 5, 5), w, [1, 1, 3, 3], strides: (2, 2), pads: (1, 0))
      #expect(try model(rule, stride: 2).run(x) == expected)
    }
    #expect(model("SOME", stride: 1).refusal().contains("auto_pad SOME"))
  }

  @Test func putsZerosAround() throws {
    let pads: [Int64] = [0, 0, 1, 0, 0, 0, 0, 2]
    let expected: [Double] = [
      0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0,
    ]
    let size: [ModelFile.Length] = [.fixed(1), .fixed(2), .fixed(2), .fixed(2)]
    for models in [
      TestModel(size, [node("Pad", ["x"], "y", ["pads": .integers(pads)])]),
      TestModel(size, [node("Pad", ["x", "p"], "y")], [TestModel.list("p", pads)]),
    ] {
      #expect(try models.run([1, 2, 3, 4, 5, 6, 7, 8]) == expected)
    }
  }

  @Test func poolsTilesAndWholeImages() throws {
    let x = TestModel.pattern(2 * 4 * 4).map(Double.init)
    func mean(_ channel: Int, _ rows: Range<Int>, _ columns: Range<Int>) -> Double {
      let values = rows.flatMap { row in columns.map { x[channel * 16 + row * 4 + $0] } }
      return values.reduce(0, +) / Double(values.count)
    }
    let size: [ModelFile.Length] = [.fixed(1), .fixed(2), .fixed(4), .fixed(4)]
    let tiles = (0..<8).map {
      mean($0 / 4, $0 / 2 % 2 * 2..<$0 / 2 % 2 * 2 + 2, $0 % 2 * 2..<$0 % 2 * 2 + 2)
    }
    let whole = (0..<2).map { mean($0, 0..<4, 0..<4) }
    let padded = (0..<32).map { index in
      let (c, h, w) = (index / 16, index / 4 % 4, index % 4)
      let (rows, columns) = (max(h - 1, 0)..<min(h + 2, 4), max(w - 1, 0)..<min(w + 2, 4))
      return mean(c, rows, columns) * Double(rows.count * columns.count) / 9
    }
    let two: Value = .integers([2, 2])
    let cases: [(ModelFile.Node, [Double])] = [
      (node("AveragePool", ["x"], "y", ["kernel_shape": two, "strides": two]), tiles),
      (node("AveragePool", ["x"], "y", ["kernel_shape": .integers([4, 4])]), whole),
      (node("GlobalAveragePool", ["x"], "y"), whole),
      (
        node(
          "AveragePool", ["x"], "y",
          [
            "kernel_shape": .integers([3, 3]), "pads": .integers([1, 1, 1, 1]),
            "count_include_pad": .integer(1),
          ]), padded
      ),
      (
        node("ReduceMean", ["x"], "y", ["axes": .integers([-1, 2]), "keepdims": .integer(0)]), whole
      ),
      (
        node(
          "MaxPool", ["x"], "y",
          ["kernel_shape": .integers([4, 4]), "auto_pad": .text(Array("VALID".utf8))]),
        (0..<2).map { x[$0 * 16..<$0 * 16 + 16].max() ?? 0 }
      ),
    ]
    for (node, expected) in cases {
      for (own, other) in zip(try TestModel(size, [node]).run(x), expected) {
        #expect(abs(own - other) < 1e-12)
      }
      #expect(try TestModel(size, [node]).run(x).count == expected.count)
    }
  }
}
