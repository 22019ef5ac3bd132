import Basics
import Graphs
import Kernels
import Tensors
import Testing

/// Operators that leave the elements as they are and change where they stand.
@Suite struct LayoutOperatorTests {
  @Test func transposesByTheDefinition() {
    let input = ReferenceTensor([2, 3, 2]) { Double($0) }
    let output = Transpose([2, 0, 1]).reference([input])[0]
    #expect(output.shape == [2, 2, 3])
    #expect(output.values == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
    #expect(Transpose([1, 2, 0]).reference([output])[0] == input)
  }

  @Test func putsZerosAround() throws {
    let border = ImageBorder(top: 1, left: 0, bottom: 0, right: 2)
    let image = ReferenceTensor([1, 1, 2, 2]) { Double($0 + 1) }
    let padded = ImagePadding(border).reference([image])[0]
    #expect(padded.shape == [1, 2, 4, 2])
    #expect(padded.values == [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0])
    let rows = TensorType(.f32, [.batch, 4])
    #expect(throws: Problem.self) { try ImagePadding(border).outputs([rows]) }
    let less = ImageBorder(top: -1, left: 0, bottom: 0, right: 0)
    let type = TensorType(.f32, [.batch, 4, 4, 1])
    #expect(throws: Problem.self) { try ImagePadding(less).outputs([type]) }
  }

  @Test func saysWhatTheyGive() throws {
    let images = TensorType(.f32, [.batch, 4, 5, 3])
    #expect(
      try Transpose([0, 3, 1, 2]).outputs([images]) == [TensorType(.f32, [.batch, 3, 4, 5])])
    #expect(try Reshape([.batch, 60]).outputs([images]) == [TensorType(.f32, [.batch, 60])])
    #expect(Transpose([0, 2, 1]).isPerImage && !Transpose([1, 0]).isPerImage)
    for permutation in [[0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 4]] {
      #expect(throws: Problem.self) { try Transpose(permutation).outputs([images]) }
    }
    let wrong: [[Dimension]] = [[.batch, 61], [60], [60, .batch], [.batch, .symbol("s")]]
    for dimensions in wrong {
      #expect(throws: Problem.self) { try Reshape(dimensions).outputs([images]) }
    }
    let turned = TensorType(.f32, [4, .batch])
    #expect(throws: Problem.self) { try Reshape([4, 1]).outputs([turned]) }
  }
}
