import Kernels
import TestSupport
import Testing

@Suite("Chosen elements of tensors of any type")
struct SelectionTests {
  static let choices: [(lengths: [Int], picks: [[Int]?])] = [
    ([5], [[4, 0, -1, 0]]), ([3, 4], [nil, [1, 2]]), ([3, 4], [[2, -1], nil]),
    ([2, 3, 5, 7], [nil, [2, 1, 0], nil, [0, 1, 2, 3, 4, 5, 6, -1, -1]]),
    ([2, 3, 5, 7], [[1], nil, [4, 4, 2], nil]), ([300, 3], [Array((0..<300).reversed()), nil]),
    ([1, 1], [[0, 0, 0], [0, 0]]), ([], []), ([64, 100], [nil, nil]),
  ]

  /// The index in the input of each element of the output, by the definition.
  private func expected(_ lengths: [Int], _ picks: [[Int]?]) -> [Int] {
    var result = [0]
    for (length, picks) in zip(lengths, picks) {
      result = result.flatMap { index in
        (picks ?? Array(0..<length)).map { index < 0 || $0 < 0 ? -1 : index * length + $0 }
      }
    }
    return result
  }

  @Test("Equal the definition", arguments: choices, [1, 2])
  func copies(choice: (lengths: [Int], picks: [[Int]?]), threads: Int) {
    let (lengths, picks) = choice
    let places = expected(lengths, picks)
    let pool = ThreadPool(threads: threads)
    func run<Element: FixedWidthInteger>(_ filling: Element) {
      let input = (0..<lengths.reduce(1, *)).map { Element(truncatingIfNeeded: $0) }
      var output = [Element](repeating: 77, count: places.count)
      let copy = AxisCopy(
        lengths, picks: picks, width: Element.bitWidth / 8, filling: UInt64(filling))
      copy.run(input: input, output: &output, pool: pool)
      #expect(output == places.map { $0 < 0 ? filling : input[$0] })
    }
    run(UInt8(9))
    run(UInt32(1 << 31))
    run(UInt64(1 << 40))
  }

  @Test("Dimensions of other types in another order", arguments: [1, 2])
  func permutes(threads: Int) {
    let pool = ThreadPool(threads: threads)
    for (lengths, order) in AxisPermutationTests.orders {
      let count = lengths.reduce(1, *)
      let floats = (0..<count).map { Float($0) }
      var expected = [Float](repeating: -1, count: count)
      AxisPermutation(lengths, permutation: order).run(
        input: floats, output: &expected, pool: pool)
      let wide = (0..<count).map { Int64($0) << 33 | 5 }
      var turned = [Int64](repeating: -1, count: count)
      wide.withUnsafeBytes { from in
        turned.withUnsafeMutableBytes { to in
          guard let from = from.baseAddress, let to = to.baseAddress else { return }
          AxisPermutation(lengths, permutation: order, width: 8).run(
            input: from.assumingMemoryBound(to: Float.self),
            output: to.assumingMemoryBound(to: Float.self), pool: pool)
        }
      }
      #expect(turned == expected.map { Int64($0) << 33 | 5 })
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      var narrow = [UInt8](repeating: 0, count: count)
      AxisPermutation(lengths, permutation: order).runBytes(
        input: bytes, output: &narrow, pool: pool)
      #expect(narrow == expected.map { UInt8(truncatingIfNeeded: Int($0)) })
    }
  }

  @Test("No index reads or writes out of bounds")
  func keepsInside() {
    let indices: [Int64] = [1, .max, -3, .min, 2, -1]
    let places = IndexedPlaces([2, 3], indices: [2, 3], kind: .elements(axis: 1))
    let pool = ThreadPool(threads: 1)
    var read = [Int64](repeating: 7, count: 6)
    IndexedCopy.read(
      places, indices: IndexList(indices, isWide: true), width: 8, isFloat: false,
      input: [10, 11, 12, 20, 21, 22] as [Int64], output: &read, pool: pool)
    #expect(read == [11, 0, 10, 0, 22, 22])
    var written: [Float] = [0, 0, 0, 0, 0, 0]
    IndexedCopy.reduce(
      places, indices: IndexList(indices, isWide: true), reduction: .add,
      updates: [1, 2, 4, 8, 16, 32], output: &written)
    #expect(written == [4, 1, 0, 0, 0, 48])
    IndexedCopy.write(
      places, indices: IndexList(indices, isWide: true), width: 4,
      updates: [1, 2, 4, 8, 16, 32] as [Float], output: &written)
    #expect(written == [4, 1, 0, 0, 0, 32])
  }

  @Test("Smallest and largest keep a NaN")
  func reduces() {
    for reduction in [IndexedCopy.Reduction.min, .max] {
      #expect(IndexedCopy.joined(Float.nan, 1, reduction).isNaN)
      #expect(IndexedCopy.joined(1, Float.nan, reduction).isNaN)
    }
    #expect(IndexedCopy.joined(2.0, 3.0, .min) == 2 && IndexedCopy.joined(2.0, 3.0, .max) == 3)
  }

  @Test("Triangles and marked elements")
  func marks() {
    let input: [UInt8] = [1, 2, 3, 4, 5, 6]
    let pool = ThreadPool(threads: 2)
    for (diagonal, isUpper, expected) in [
      (0, true, [1, 2, 3, 0, 5, 6]), (2, true, [0, 0, 3, 0, 0, 0]),
      (-1, false, [0, 0, 0, 4, 0, 0]),
      (9, false, [1, 2, 3, 4, 5, 6]), (9, true, [0, 0, 0, 0, 0, 0]),
    ] as [(Int, Bool, [UInt8])] {
      var output = [UInt8](repeating: 9, count: 6)
      Triangle.keep(
        matrices: 1, rows: 2, columns: 3, diagonal: diagonal, isUpper: isUpper, width: 1,
        input: input, output: &output, pool: pool)
      #expect(output == expected)
    }
    var rows = [Int64](repeating: 9, count: 12)
    let given = [0, -1, 3, -4]
    OneHotRows.write(
      outer: 2, depth: 3, inner: 2, width: 8, index: { given[$0] }, values: [5, 6] as [Int64],
      output: &rows)
    #expect(rows == [6, 5, 5, 5, 5, 6, 5, 5, 5, 5, 5, 5])
  }

  @Test("A NaN under a window is what it gives")
  func pools() {
    let axis = WindowShape.Axis(
      length: 3, window: 2, stride: 1, dilation: 1, before: 0, after: 0, count: 2)
    let shape = WindowShape(images: 1, channels: 1, axes: [axis])
    for summary in [WindowPool.Summary.maximum, .mean(countsBorder: true), .norm(p: 1)] {
      var output: [Float] = [0, 0]
      WindowPool.forward(
        shape, summary, input: [.nan, 1, 2], output: &output, pool: ThreadPool(threads: 1))
      #expect(output[0].isNaN && !output[1].isNaN)
    }
    let beyond = WindowShape.Axis(
      length: 1, window: 2, stride: 1, dilation: 2, before: 1, after: 1, count: 1)
    var output: [Float] = [5]
    WindowPool.forward(
      WindowShape(images: 1, channels: 1, axes: [beyond]), .maximum, input: [3], output: &output,
      pool: ThreadPool(threads: 1))
    #expect(output == [-.infinity])
  }
}
