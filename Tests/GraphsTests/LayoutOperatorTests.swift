import Basics
import Graphs
import Kernels
import Tensors
import TestSupport
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

  /// Each derivative against the difference of two losses.
  @Test func differentiateAsDifferencesSay() throws {
    var (builder, random) = (GraphBuilder(), SeededRandom(seed: 5))
    var inputs: [String: ReferenceTensor] = [:]
    func parameter(_ name: String, _ shape: [Int]) throws -> Graph.Value {
      inputs[name] = ReferenceTensor(try #require(Shape(shape))) { _ in
        Double(random.next() % 1000) / 500 - 1
      }
      return builder.parameter(Parameter(name: name, shape: shape, role: .filters))
    }
    var value = builder.input("images", TensorType(.f32, [.batch, 2, 3, 2]))
    inputs["images"] = ReferenceTensor([2, 2, 3, 2]) { Double($0 % 7) / 4 - 1 }
    let weight = try parameter("conv", [4, 2, 1, 1])
    value = try builder.append("conv", Convolution(filters: 4, window: 1), [value, weight])[0]
    let border = ImageBorder(top: 1, left: 0, bottom: 0, right: 2)
    value = try builder.append("pad", ImagePadding(border), [value])[0]
    value = try builder.append("turn", Transpose([0, 3, 2, 1]), [value])[0]
    value = try builder.append("flat", Reshape([.batch, 60]), [value])[0]
    let last = try parameter("fc", [3, 60])
    value = try builder.append(
      "fc", Convolution.linear(outputs: 3, hasBias: false), [value, last])[
        0]
    builder.output("logits", value)
    let forward = try builder.graph().preparedForTraining(seed: 1).withCrossEntropy()
    inputs["labels"] = ReferenceTensor([2], [0, 2])
    let given = try forward.differentiated().evaluate(inputs)
    for index in 0..<8 {
      var (up, down) = (inputs, inputs)
      up["conv"]?.values[index] += 1e-6
      down["conv"]?.values[index] -= 1e-6
      let losses = try [up, down].map { try forward.evaluate($0)["loss"]?.values[0] ?? 0 }
      let difference = (losses[0] - losses[1]) / 2e-6
      let gradient = try #require(given["gradient/conv"]?.values[index])
      #expect(abs(gradient - difference) < 1e-6 * max(1, abs(difference)))
    }
  }
}
