import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Attention over cached keys, token by token")
struct AttentionStepTests {
  static let layouts: [(heads: Int, layout: KeyValueLayout)] = [
    (1, KeyValueLayout(heads: 1, capacity: 1, depth: 1, width: 1)),
    (4, KeyValueLayout(heads: 4, capacity: 37, depth: 64, width: 64)),
    (6, KeyValueLayout(heads: 2, capacity: 50, depth: 7, width: 141)),
    (3, KeyValueLayout(heads: 3, capacity: 16, depth: 82, width: 24)),
  ]

  @Test("Equals its definition as the text grows", arguments: layouts, [1, 2])
  func grows(one: (heads: Int, layout: KeyValueLayout), threads: Int) {
    let (batch, heads, layout) = (2, one.heads, one.layout)
    let (capacity, depth, width) = (layout.capacity, layout.depth, layout.width)
    var random = SeededRandom(seed: 17)
    let queries = random.floats(batch * capacity * heads * depth)
    let keys = random.floats(batch * capacity * layout.heads * depth)
    let values = random.floats(batch * capacity * layout.heads * width)
    // What was there before does not matter.
    let cachedKeys = Tensor(
      count: batch * layout.heads * layout.panels * depth * VectorUnit.lanes, filledWith: 7)
    let cachedValues = Tensor(count: batch * layout.heads * capacity * width, filledWith: 7)
    let pool = ThreadPool(threads: threads)
    /// The rows of all items from a position on.
    func rows(_ all: [Float], _ row: Int, from position: Int, count: Int) -> Tensor {
      Tensor(
        (0..<batch).flatMap { item in
          let first = (item * capacity + position) * row
          return Array(all[first..<first + count * row])
        })
    }
    var position = 0
    while position < capacity {
      let count = min(position % 3 + 1, capacity - position)
      let step = AttentionStep(
        batch: batch, heads: heads, rows: count, layout: layout, scale: 0.3, threads: threads)
      let output = Tensor(count: batch * count * heads * width, filledWith: .nan)
      let workspace = Tensor(count: step.workspaceCount, filledWith: .nan)
      let newQueries = rows(queries, heads * depth, from: position, count: count)
      let newKeys = rows(keys, layout.heads * depth, from: position, count: count)
      let newValues = rows(values, layout.heads * width, from: position, count: count)
      step.run(
        AttentionStep.Operands(
          queries: newQueries.input, keys: newKeys.input, values: newValues.input,
          cachedKeys: cachedKeys.pointer, cachedValues: cachedValues.pointer,
          output: output.pointer),
        position: position, workspace: workspace.pointer, pool: pool)
      var expected: [Float] = []
      for item in 0..<batch {
        for own in position..<position + count {
          for head in 0..<heads {
            let keyHead = head / (heads / layout.heads)
            func row(_ all: [Float], _ place: Int, _ length: Int) -> ArraySlice<Float> {
              all[place * length..<(place + 1) * length]
            }
            let seen = (0...own).map { (item * capacity + $0) * layout.heads + keyHead }
            expected += Self.definition(
              row(queries, (item * capacity + own) * heads + head, depth),
              keys: seen.map { row(keys, $0, depth) }, values: seen.map { row(values, $0, width) },
              scale: 0.3)
          }
        }
      }
      #expect(relativeError(output.values, expected) < 1e-5, "position \(position)")
      position += count
    }
  }

  /// One query's mean of values, by plain loops in float64.
  static func definition(
    _ query: ArraySlice<Float>, keys: [ArraySlice<Float>], values: [ArraySlice<Float>],
    scale: Float
  ) -> [Float] {
    var shares: [Double] = []
    for key in keys {
      var sum = 0.0
      for (x, y) in zip(query, key) { sum += Double(x) * Double(y) }
      shares.append(sum * Double(scale))
    }
    let top = shares.max() ?? 0
    shares = shares.map { exp($0 - top) }
    let whole = shares.reduce(0, +)
    var result = [Double](repeating: 0, count: values.first?.count ?? 0)
    for (share, value) in zip(shares, values) {
      for (j, x) in value.enumerated() { result[j] += share / whole * Double(x) }
    }
    return result.map { Float($0) }
  }

  @Test("More threads and other pieces of a text give the same bits")
  func isDeterministic() {
    let layout = KeyValueLayout(heads: 3, capacity: 41, depth: 20, width: 20)
    var random = SeededRandom(seed: 18)
    let count = layout.capacity * 3 * 20
    let (queries, keys, values) = (
      Tensor(random.floats(count)), Tensor(random.floats(count)), Tensor(random.floats(count))
    )
    func outputs(rows: Int, threads: Int) -> [Float] {
      let step = AttentionStep(
        batch: 1, heads: 3, rows: rows, layout: layout, scale: 0.2, threads: threads)
      let cachedKeys = Tensor(count: 3 * layout.panels * 20 * VectorUnit.lanes)
      let (cachedValues, output) = (Tensor(count: count), Tensor(count: count))
      let workspace = Tensor(count: step.workspaceCount)
      for position in stride(from: 0, to: layout.capacity, by: rows) {
        let first = position * 3 * 20
        step.run(
          AttentionStep.Operands(
            queries: queries.input + first, keys: keys.input + first,
            values: values.input + first, cachedKeys: cachedKeys.pointer,
            cachedValues: cachedValues.pointer, output: output.pointer + first),
          position: position, workspace: workspace.pointer, pool: ThreadPool(threads: threads))
      }
      return output.values
    }
    let one = outputs(rows: 1, threads: 1)
    #expect(Set(one).count > count / 2)
    #expect(outputs(rows: 1, threads: 2) == one)
    #expect(outputs(rows: 41, threads: 3) == one)
  }
}
