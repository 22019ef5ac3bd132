import Formats
import Interchange
import Testing

/// Pools over one to three dimensions, beside ONNX's definitions as loops.
@Suite struct PoolImportTests {
  /// A window along one dimension.
  struct Axis: Sendable {
    var length: Int
    var size: Int
    var stride: Int
    var dilation: Int
    var before: Int
    var after: Int

    /// Indices under each window; those outside are on the border.
    func windows(roundsUp: Bool) -> [[Int]] {
      let room = length + before + after - dilation * (size - 1) - 1
      var count = room / stride + 1
      if roundsUp, room % stride > 0, count * stride < length + before { count += 1 }
      return (0..<count).map { index in
        (0..<size).map { index * stride - before + $0 * dilation }
      }
    }
  }

  static let axes: [[Axis]] = [
    [Axis(length: 7, size: 3, stride: 2, dilation: 1, before: 1, after: 0)],
    [
      Axis(length: 6, size: 3, stride: 2, dilation: 1, before: 0, after: 0),
      Axis(length: 6, size: 3, stride: 2, dilation: 1, before: 0, after: 0),
    ],
    [
      Axis(length: 5, size: 2, stride: 1, dilation: 2, before: 1, after: 2),
      Axis(length: 6, size: 3, stride: 4, dilation: 1, before: 2, after: 0),
    ],
    [
      Axis(length: 4, size: 3, stride: 1, dilation: 1, before: 1, after: 1),
      Axis(length: 4, size: 3, stride: 1, dilation: 1, before: 1, after: 1),
    ],
    [
      Axis(length: 3, size: 2, stride: 2, dilation: 1, before: 1, after: 0),
      Axis(length: 4, size: 2, stride: 1, dilation: 2, before: 0, after: 1),
      Axis(length: 5, size: 3, stride: 2, dilation: 1, before: 0, after: 0),
    ],
  ]

  /// A tap of a window.
  private struct Tap {
    var place: Int
    var isInside: Bool
    var isOnBorder: Bool
  }

  static let x = TestModel.pattern(2 * 3 * 60).map { Double($0) }

  static func integers(_ values: [Int]) -> ModelFile.Attribute.Value {
    .integers(values.map(Int64.init))
  }

  static func attributes(_ axes: [Axis]) -> [String: ModelFile.Attribute.Value] {
    [
      "kernel_shape": integers(axes.map(\.size)), "strides": integers(axes.map(\.stride)),
      "dilations": integers(axes.map(\.dilation)),
      "pads": integers(axes.map(\.before) + axes.map(\.after)),
    ]
  }

  /// What a pool gives for planes of images, by its definition.
  private func pooled(
    _ axes: [Axis], _ planes: Int, roundsUp: Bool, _ number: ([Double], _ border: Int) -> Double
  ) -> [Double] {
    let area = axes.reduce(1) { $0 * $1.length }
    var windows: [[Tap]] = [[Tap(place: 0, isInside: true, isOnBorder: true)]]
    for axis in axes {
      windows = windows.flatMap { outer in
        axis.windows(roundsUp: roundsUp).map { window in
          outer.flatMap { tap in
            window.map { index in
              Tap(
                place: tap.place * axis.length + index,
                isInside: tap.isInside && (0..<axis.length).contains(index),
                isOnBorder: tap.isOnBorder && index < axis.length + axis.after)
            }
          }
        }
      }
    }
    return (0..<planes).flatMap { plane in
      windows.map { window in
        number(
          window.filter(\.isInside).map { Self.x[plane * area + $0.place] },
          window.count { !$0.isInside && $0.isOnBorder })
      }
    }
  }

  @Test(arguments: axes, [true, false])
  func poolsByTheDefinition(axes: [Axis], roundsUp: Bool) throws {
    let count = axes.reduce(6) { $0 * $1.length }
    var length: [ModelFile.Length] = [.symbol("N"), .fixed(3)]
    length += axes.map { .fixed($0.length) }
    func check(
      _ operation: String, _ more: [String: ModelFile.Attribute.Value],
      _ number: ([Double], Int) -> Double
    ) throws {
      var told = Self.attributes(axes).merging(more) { $1 }
      told["ceil_mode"] = .integer(roundsUp ? 1 : 0)
      let model = TestModel(length, [node(operation, ["x"], "y", told)])
      let own = try model.run(Array(Self.x[..<count]), ModelSizes(batch: 2))
      let expected = pooled(axes, 6, roundsUp: roundsUp, number)
      #expect(own.count == expected.count, "\(operation)")
      #expect(zip(own, expected).allSatisfy { abs($0 - $1) < 1e-9 || $0 == $1 }, "\(operation)")
    }
    try check("MaxPool", [:]) { values, _ in values.max() ?? -.infinity }
    try check("AveragePool", [:]) { values, _ in
      values.reduce(0, +) / Double(max(values.count, 1))
    }
    try check("AveragePool", ["count_include_pad": .integer(1)]) { values, border in
      values.reduce(0, +) / Double(values.count + border)
    }
    try check("LpPool", ["p": .integer(1)]) { values, _ in values.reduce(0) { $0 + abs($1) } }
    try check("LpPool", [:]) { values, _ in
      values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  @Test(arguments: axes)
  func takesTheWholeImage(axes: [Axis]) throws {
    let count = axes.reduce(1) { $0 * $1.length }
    var length: [ModelFile.Length] = [.symbol("N"), .fixed(3)]
    length += axes.map { .fixed($0.length) }
    let x = Array(Self.x[..<(6 * count)])
    let planes = (0..<6).map { Array(x[$0 * count..<($0 + 1) * count]) }
    let all: [(String, ([Double]) -> Double)] = [
      ("GlobalMaxPool", { $0.max() ?? 0 }),
      ("GlobalAveragePool", { $0.reduce(0, +) / Double($0.count) }),
      ("GlobalLpPool", { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }),
    ]
    for (operation, number) in all {
      let own = try TestModel(length, [node(operation, ["x"], "y")]).run(x, ModelSizes(batch: 2))
      #expect(own.count == 6 && zip(own, planes).allSatisfy { abs($0 - number($1)) < 1e-9 })
    }
  }
}
