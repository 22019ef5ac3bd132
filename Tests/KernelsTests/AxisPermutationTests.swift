import Basics
import Kernels
import TestSupport
import Testing

@Suite("Dimensions in another order")
struct AxisPermutationTests {
  static let orders: [(lengths: [Int], permutation: [Int])] = [
    ([], []), ([5], [0]), ([7, 9], [1, 0]), ([130, 66], [1, 0]), ([1, 3], [1, 0]),
    ([2, 5, 7, 11], [0, 3, 1, 2]), ([2, 11, 5, 7], [0, 2, 3, 1]), ([3, 16, 1, 1], [0, 2, 3, 1]),
    ([2, 3, 4, 5], [0, 1, 2, 3]), ([2, 3, 4, 5], [3, 2, 1, 0]), ([2, 3, 4, 5], [0, 2, 1, 3]),
    ([3, 64, 73], [0, 2, 1]), ([1, 200, 5], [0, 2, 1]), ([4, 3, 1, 6, 2], [3, 1, 4, 2, 0]),
    ([2, 70, 3, 8], [1, 0, 3, 2]),
  ]

  @Test("Equal the definition", arguments: orders, [1, 2])
  func exact(order: (lengths: [Int], permutation: [Int]), threads: Int) {
    let (lengths, permutation) = order
    let count = lengths.reduce(1, *)
    let input = (0..<count).map { Float($0) }
    var output = [Float](repeating: -1, count: count)
    let kernel = AxisPermutation(lengths, permutation: permutation)
    kernel.run(input: input, output: &output, pool: ThreadPool(threads: threads))
    var place = 0
    /// Goes through the output in order; `index` is where in the input.
    func check(_ dimension: Int, _ index: Int) {
      guard dimension < permutation.count else {
        #expect(output[place] == input[index])
        place += 1
        return
      }
      let stride = lengths[(permutation[dimension] + 1)...].reduce(1, *)
      for step in 0..<lengths[permutation[dimension]] {
        check(dimension + 1, index + step * stride)
      }
    }
    check(0, 0)
    #expect(place == count)
  }
}
