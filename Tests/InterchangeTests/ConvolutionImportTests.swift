import Formats
import Interchange
import Testing

/// Convolutions over one to three dimensions, transposed or with computed filters, beside loops.
@Suite struct ConvolutionImportTests {
  /// A convolution with constant filters, and the same one with filters that are computed.
  @Test(arguments: PoolImportTests.axes)
  func convolvesByTheDefinition(axes: [PoolImportTests.Axis]) throws {
    let (area, taps) = (axes.reduce(1) { $0 * $1.length }, axes.reduce(1) { $0 * $1.size })
    let weights = TestModel.pattern(2 * 3 * taps, 3)
    var expected: [Double] = []
    for image in 0..<2 {
      for k in 0..<2 {
        var sums: [Double] = []
        for c in 0..<3 {
          var tap = 0
          let plane = image * 3 + c
          let filter = (k * 3 + c) * taps
          // Each window's taps in order, those on the border as 0.
          let products = windowed(axes).map { window in
            tap = 0
            return window.reduce(0.0) { sum, place in
              defer { tap += 1 }
              guard let place else { return sum }
              return sum + PoolImportTests.x[plane * area + place] * Double(weights[filter + tap])
            }
          }
          sums = sums.isEmpty ? products : zip(sums, products).map(+)
        }
        expected += sums.map { $0 + Double(k + 1) }
      }
    }
    var length: [ModelFile.Length] = [.symbol("N"), .fixed(3)]
    length += axes.map { .fixed($0.length) }
    let w = TestModel.floats("w", [2, 3] + axes.map(\.size), weights)
    let conv = node("Conv", ["x", "w", "b"], "y", PoolImportTests.attributes(axes))
    let model = TestModel(length, [conv], [w, TestModel.floats("b", [2], [1, 2])])
    let x = Array(PoolImportTests.x[..<(6 * area)])
    #expect(try model.run(x, ModelSizes(batch: 2)) == expected)
    var computed = TestModel(length, [conv], [TestModel.floats("b", [2], [1, 2])])
    computed.graph.inputs.append(
      ModelFile.Port("w", .tensor(.float32, w.dimensions.map { .fixed($0) })))
    let outputs = try computed.imported(ModelSizes(batch: 2)).run([
      "x": x, "w": weights.map(Double.init),
    ])
    #expect(outputs["y"] == expected)
  }

  private func windowed(_ axes: [PoolImportTests.Axis]) -> [[Int?]] {
    var windows: [[Int?]] = [[0]]
    for axis in axes {
      windows = windows.flatMap { outer in
        axis.windows(roundsUp: false).map { window in
          outer.flatMap { place in
            window.map { index -> Int? in
              guard let place, (0..<axis.length).contains(index) else { return nil }
              return place * axis.length + index
            }
          }
        }
      }
    }
    return windows
  }

  /// Each element of the input spreads over a window; borders take off, longer outputs add.
  @Test func spreadsElementsOverWindows() throws {
    let size: [ModelFile.Length] = [.fixed(1), .fixed(1), .fixed(1), .fixed(3)]
    let w = TestModel.floats("w", [1, 2, 1, 3], [1, 2, 4, 10, 20, 40])
    let cases: [([String: ModelFile.Attribute.Value], [Double])] = [
      ([:], [1, 4, 11, 14, 12]), (["pads": .integers([0, 1, 0, 1])], [4, 11, 14]),
      (["strides": .integers([1, 2])], [1, 2, 6, 4, 11, 6, 12]),
      (
        ["strides": .integers([1, 2]), "output_padding": .integers([0, 1])],
        [1, 2, 6, 4, 11, 6, 12, 0]
      ),
      (
        ["strides": .integers([1, 2]), "output_shape": .integers([1, 8])],
        [1, 2, 6, 4, 11, 6, 12, 0]
      ),
      (["strides": .integers([1, 2]), "output_shape": .integers([1, 6])], [2, 6, 4, 11, 6, 12]),
      (
        ["strides": .integers([1, 2]), "auto_pad": .text(Array("SAME_UPPER".utf8))],
        [1, 2, 6, 4, 11, 6]
      ),
      (["dilations": .integers([1, 2])], [1, 2, 5, 4, 10, 8, 12]),
    ]
    for (told, expected) in cases {
      let model = TestModel(size, [node("ConvTranspose", ["x", "w"], "y", told)], [w])
      #expect(try model.run([1, 2, 3]) == expected + expected.map { 10 * $0 })
    }
  }
}
