import Kernels
import TestSupport
import Testing

@Suite("Sums of what indices name")
struct IndexedSumTests {
  static let kinds: [(lengths: [Int], indices: [Int], kind: IndexedPlaces.Kind)] = [
    ([7, 5], [3, 4], .slices(axis: 0)), ([31, 1], [200], .slices(axis: 0)),
    ([3, 6, 9], [2], .slices(axis: 1)), ([2, 5, 3], [2, 4, 1], .rows(shared: 1)),
    ([4, 6], [4, 3], .elements(axis: 1)), ([1000, 40], [50], .slices(axis: 0)),
  ]

  /// Whole numbers, so that any order gives the same sums.
  @Test("Equal plain loops over what a reading of the same names gives", arguments: kinds, [1, 3])
  func exact(
    one: (lengths: [Int], indices: [Int], kind: IndexedPlaces.Kind), threads: Int
  ) {
    let places = IndexedPlaces(one.lengths, indices: one.indices, kind: one.kind)
    let total = one.lengths.reduce(1, *)
    var random = SeededRandom(seed: 5)
    let most = one.lengths.min() ?? 1
    let indices = (0..<one.indices.reduce(1, *)).map { _ in
      Int64(Int.random(in: -most..<most, using: &random))
    }
    let updates = Tensor(random.integers(places.count * places.block))
    let before = random.integers(total)
    // A reading of places tells which elements the indices name.
    let numbers = Tensor((0..<total).map { Float($0) })
    let named = Tensor(count: places.count * places.block)
    let pool = ThreadPool(threads: threads)
    indices.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      let list = IndexList(first, isWide: true)
      IndexedCopy.read(
        places, indices: list, width: 4, isFloat: true, input: numbers.input,
        output: named.pointer, pool: pool)
      for accumulates in [false, true] {
        let output = Tensor(accumulates ? before : [Float](repeating: .nan, count: total))
        IndexedSum.add(
          places, indices: list, total: total, accumulates: accumulates, updates: updates.input,
          output: output.pointer, pool: pool)
        var expected = accumulates ? before : [Float](repeating: 0, count: total)
        for (place, update) in zip(named.values, updates.values) {
          expected[Int(place)] += update
        }
        #expect(output.values == expected)
      }
    }
  }

  @Test("An index that names nothing adds nothing")
  func outOfRange() {
    let places = IndexedPlaces([3, 2], indices: [3], kind: .slices(axis: 0))
    let indices: [Int32] = [1, 3, -4]
    let (updates, output) = (Tensor([1, 2, 3, 4, 5, 6]), Tensor(count: 6, filledWith: 9))
    indices.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      IndexedSum.add(
        places, indices: IndexList(first, isWide: false), total: 6, accumulates: false,
        updates: updates.input, output: output.pointer, pool: ThreadPool(threads: 2))
    }
    #expect(output.values == [0, 0, 1, 2, 0, 0])
  }
}
