import Formats
import Foundation
import Graphs
import Interchange
import Testing

/// Operators along axes as ONNX has them.
@Suite struct RowImportTests {
  private typealias Attributes = [String: ModelFile.Attribute.Value]
  private let image: [ModelFile.Length] = [.symbol("N"), .fixed(3), .fixed(2), .fixed(2)]
  /// Two images of three channels, two rows and two columns.
  private let x = (0..<24).map { Double(($0 * 7) % 10) / 2 + 0.25 }
  private let pass = node("MaxPool", ["x"], "i", ["kernel_shape": .integers([1, 1])])

  /// What a node over `i`, an image that has its channels innermost, and over `x` gives.
  private func both(
    _ operation: String, _ attributes: Attributes = [:], _ inputs: [String] = [],
    _ tensors: [ModelFile.Tensor] = [], version: Int = 17
  ) throws -> [Double] {
    var results: [[Double]] = []
    for input in ["x", "i"] {
      var model = TestModel(image, [node(operation, [input] + inputs, "y", attributes), pass])
      (model.graph.initializers, model.version) = (tensors, version)
      results.append(try model.run(x, ModelSizes(batch: 2)))
    }
    #expect(Self.isClose(results[0], results[1]), "\(operation) \(attributes)")
    return results[0]
  }

  private static func isClose(_ a: [Double], _ b: [Double], _ bound: Double = 1e-6) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < bound }
  }

  /// The elements of `x` by the given axis: the lines and the elements of each.
  private func lines(_ axis: Int) -> [[Int]] {
    let lengths = [2, 3, 2, 2]
    let inner = lengths[(axis + 1)...].reduce(1, *)
    return (0..<24 / lengths[axis]).map { line in
      (0..<lengths[axis]).map { line / inner * lengths[axis] * inner + line % inner + $0 * inner }
    }
  }

  @Test(arguments: [1, 2, 3, -1])
  func sharesAlongAnyAxis(axis: Int) throws {
    let shares = try both("Softmax", ["axis": .integer(Int64(axis))])
    let logarithms = try both("LogSoftmax", ["axis": .integer(Int64(axis))])
    let marks = try both("Hardmax", ["axis": .integer(Int64(axis))])
    for line in lines(axis < 0 ? 3 : axis) {
      let sum = line.reduce(0) { $0 + exp(x[$1]) }
      let top = line.map { x[$0] }.max()
      for place in line {
        #expect(abs(shares[place] - exp(x[place]) / sum) < 1e-9)
        #expect(abs(logarithms[place] - log(shares[place])) < 1e-9)
        #expect(marks[place] == (place == line.first { x[$0] == top } ? 1 : 0))
      }
    }
  }

  /// Before version 13 what lies behind the axis is one row.
  @Test func sharesRowsInOldModels() throws {
    for (attributes, length) in [([:], 12), (["axis": .integer(2)], 4)] as [(Attributes, Int)] {
      let shares = try both("Softmax", attributes, version: 12)
      for start in stride(from: 0, to: 24, by: length) {
        let sum = x[start..<start + length].reduce(0) { $0 + exp($1) }
        for place in start..<start + length {
          #expect(abs(shares[place] - exp(x[place]) / sum) < 1e-9)
        }
      }
    }
  }

  @Test(arguments: [
    "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
    "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare",
  ])
  func reducesByAttributeAndByInput(operation: String) throws {
    for keeps in [0, 1] as [Int64] {
      for axis in 1..<4 {
        let attributes: Attributes = ["axes": .integers([Int64(axis) - 4])]
        let given = try both(
          operation, attributes.merging(["keepdims": .integer(keeps)]) { a, _ in a })
        let expected = lines(axis).map { value(operation, $0.map { x[$0] }) }
        #expect(Self.isClose(given, expected, 1e-4), "axis \(axis)")
        let other = try both(
          operation, ["keepdims": .integer(keeps)], ["axes"],
          [TestModel.list("axes", [Int64(axis)])], version: 18)
        #expect(Self.isClose(given, other))
      }
    }
    #expect(
      Self.isClose(try both(operation), [value(operation, x)], 1e-4 * value(operation, x) + 1e-4))
    let none = try both(operation, ["noop_with_empty_axes": .integer(1)], version: 18)
    #expect(Self.isClose(none, x.map { value(operation, [$0]) }))
  }

  private func value(_ operation: String, _ part: [Double]) -> Double {
    let squares = part.reduce(0) { $0 + $1 * $1 }
    switch operation {
    case "ReduceMean": return part.reduce(0, +) / Double(part.count)
    case "ReduceMax": return part.max() ?? 0
    case "ReduceMin": return part.min() ?? 0
    case "ReduceProd": return part.reduce(1, *)
    case "ReduceL2": return squares.squareRoot()
    case "ReduceLogSum": return log(part.reduce(0, +))
    case "ReduceLogSumExp": return log(part.reduce(0) { $0 + exp($1) })
    case "ReduceSumSquare": return squares
    default: return part.reduce(0, +)
    }
  }

  @Test(arguments: [1, 2, 3], [0, 1] as [Int64])
  func findsPlacesAndOrders(axis: Int, keeps: Int64) throws {
    let attributes: Attributes = ["axis": .integer(Int64(axis)), "keepdims": .integer(keeps)]
    let largest = try both("ArgMax", attributes)
    let last = try both(
      "ArgMin", attributes.merging(["select_last_index": .integer(1)]) { a, _ in a })
    for (line, places) in lines(axis).enumerated() {
      let values = places.map { x[$0] }
      #expect(Int(largest[line]) == values.firstIndex(of: values.max() ?? 0))
      #expect(Int(last[line]) == values.lastIndex(of: values.min() ?? 0))
    }
    let sorted = try both(
      "TopK", ["axis": .integer(Int64(axis)), "largest": .integer(0)], ["k"],
      [TestModel.list("k", [2])])
    #expect(sorted.count == 24 / [2, 3, 2, 2][axis] * 2)
    var expected = 0.0
    for line in lines(axis) {
      let values = line.map { x[$0] }.sorted()
      expected += values[0] + values[1]
    }
    #expect(sorted.reduce(0, +) == expected)
  }

  @Test func sumsUp() throws {
    let axis = TestModel.list("axis", [1])
    let sums = try both("CumSum", ["reverse": .integer(1)], ["axis"], [axis])
    let before = try both("CumSum", ["exclusive": .integer(1)], ["axis"], [axis])
    for line in lines(1) {
      let values = line.map { x[$0] }
      #expect(sums[line[0]] == values.reduce(0, +) && sums[line[2]] == values[2])
      #expect(before[line[0]] == 0 && before[line[2]] == values[0] + values[1])
    }
  }

  @Test func normalisesImages() throws {
    let tensors = [
      TestModel.floats("s", [3], [1, 2, 3]), TestModel.floats("b", [3], [0, 1, -1]),
      TestModel.floats("g", [1], [2]), TestModel.floats("h", [1], [1]),
    ]
    /// Elements less their mean, over the root of their variance and ε.
    func whitened(_ places: [Int], _ epsilon: Double) -> [Double] {
      let values = places.map { x[$0] }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return values.map { ($0 - mean) / (variance + epsilon).squareRoot() }
    }
    let instances = try both(
      "InstanceNormalization", ["epsilon": .float(0.5)], ["s", "b"], tensors)
    for part in 0..<6 {
      let places = Array(part * 4..<part * 4 + 4)
      let (scale, shift) = ([1.0, 2, 3][part % 3], [0.0, 1, -1][part % 3])
      for (place, value) in zip(places, whitened(places, 0.5)) {
        #expect(abs(instances[place] - value * scale - shift) < 1e-6)
      }
    }
    let one: Attributes = ["num_groups": .integer(1), "epsilon": .float(0.25)]
    let group = try both("GroupNormalization", one, ["g", "h"], tensors, version: 18)
    let channels = try both("GroupNormalization", one, ["s", "b"], tensors, version: 21)
    for start in [0, 12] {
      for (place, value) in zip(start..<start + 12, whitened(Array(start..<start + 12), 0.25)) {
        #expect(abs(group[place] - 2 * value - 1) < 1e-6)
        let c = place / 4 % 3
        #expect(abs(channels[place] - value * Double(c + 1) - [0.0, 1, -1][c]) < 1e-6)
      }
    }
    let spread = try both("MeanVarianceNormalization")
    for c in 0..<3 {
      let places = (0..<24).filter { $0 / 4 % 3 == c }
      for (place, value) in zip(places, whitened(places, 0)) {
        #expect(abs(spread[place] - value) < 1e-6)
      }
    }
    let lengths = try both("LpNormalization", ["axis": .integer(1), "p": .integer(1)])
    let near = try both("LRN", ["size": .integer(2), "alpha": .float(0.5), "bias": .float(2)])
    for line in lines(1) {
      let sum = line.reduce(0) { $0 + x[$1] }
      for (c, place) in line.enumerated() {
        #expect(abs(lengths[place] - x[place] / sum) < 1e-9)
        let squares = x[place] * x[place] + (c < 2 ? x[line[c + 1]] * x[line[c + 1]] : 0)
        #expect(abs(near[place] - x[place] / pow(2 + 0.25 * squares, 0.75)) < 1e-9)
      }
    }
  }
}
