import Formats
import Graphs
import Interchange
import Testing

/// Values whose elements have to be brought into another order, and those that need not.
@Suite struct LayoutImportTests {
  private let image: [ModelFile.Length] = [.symbol("N"), .fixed(3), .fixed(2), .fixed(2)]
  private let x = (0..<24).map { Double($0) }
  private let pass = node("MaxPool", ["x"], "i", ["kernel_shape": .integers([1, 1])])

  private func turns(_ model: TestModel) throws -> Int {
    try model.imported(ModelSizes(batch: 2)).graph.nodes.count {
      $0.op is Transpose || $0.op is Flattening
    }
  }

  @Test func givesImagesInTheModelsOrder() throws {
    let model = TestModel(image, [node("Relu", ["i"], "y"), pass])
    #expect(try model.run(x, ModelSizes(batch: 2)) == x)
    let imported = try model.imported(ModelSizes(batch: 2))
    #expect(
      imported.inputs == [
        ImportedModel.Port(
          name: "x", lengths: [2, 3, 2, 2], isBatched: true, element: .f32, isChannelsLast: true,
          place: 0)
      ])
    #expect(
      imported.outputs == [
        ImportedModel.Port(
          name: "y", lengths: [2, 3, 2, 2], isBatched: true, element: .f32, place: 0)
      ])
    #expect(imported.graph.inputs.map(\.name) == ["x"] && imported.batch == 2)
  }

  @Test func seesWhatNeedNotMoveOtherwise() throws {
    let flat = TestModel(image, [pass, node("Flatten", ["i"], "y")])
    #expect(try flat.run(x, ModelSizes(batch: 2)) == x)
    #expect(try turns(flat) == 1)
    let pooled = TestModel(
      image, [node("GlobalAveragePool", ["x"], "a"), node("Flatten", ["a"], "y")])
    #expect(try pooled.run(x, ModelSizes(batch: 2)) == [1.5, 5.5, 9.5, 13.5, 17.5, 21.5])
    #expect(try turns(pooled) == 0)
  }

  /// An exporter's own `N H W C` around an image, as TensorFlow's writes it.
  @Test func turnsNothingThatLiesRightAlready() throws {
    let model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(2), .fixed(3)],
      [
        node("Transpose", ["x"], "a", ["perm": .integers([0, 3, 1, 2])]),
        node("GlobalAveragePool", ["a"], "b"),
        node("Transpose", ["b"], "y", ["perm": .integers([0, 2, 3, 1])]),
      ])
    #expect(try turns(model) == 0)
    #expect(try model.run(x, ModelSizes(batch: 2)) == [4.5, 5.5, 6.5, 16.5, 17.5, 18.5])
  }

  @Test func transposesAndReshapes() throws {
    let model = TestModel(
      [.fixed(1), .fixed(6)],
      [
        node("Reshape", ["x", "shape"], "a"),
        node("Transpose", ["a"], "b", ["perm": .integers([0, 2, 1])]),
        node("Flatten", ["b"], "y"),
      ], [TestModel.list("shape", [0, 2, -1])])
    #expect(try model.run([0, 1, 2, 3, 4, 5]) == [0, 3, 1, 4, 2, 5])
  }

  @Test func addsAnImageToWhatIsNone() throws {
    let model = TestModel(
      image,
      [
        pass, node("Flatten", ["i"], "f"), node("Reshape", ["f", "shape"], "r"),
        node("Reshape", ["r", "image"], "j"), node("Add", ["j", "i"], "y"),
      ], [TestModel.list("shape", [2, 4, 3]), TestModel.list("image", [2, 3, 2, 2])])
    #expect(try model.run(x, ModelSizes(batch: 2)) == x.map { 2 * $0 })
  }

  @Test(arguments: [1, 2, 3, -1])
  func joinsAlongAnyAxis(axis: Int) throws {
    let model = TestModel(
      image, [pass, node("Concat", ["i", "x"], "y", ["axis": .integer(Int64(axis))])])
    let lengths = [2, 3, 2, 2]
    let inner = lengths[(axis < 0 ? 3 : axis)...].reduce(1, *)
    let expected = stride(from: 0, to: 24, by: inner).flatMap { start in
      let part = x[start..<start + inner]
      return Array(part) + Array(part)
    }
    #expect(try model.run(x, ModelSizes(batch: 2)) == expected)
  }

  @Test func copiesWhatIsTwoOutputsOrAnInput() throws {
    var model = TestModel([.fixed(1), .fixed(2)], [node("Relu", ["x"], "y")])
    model.graph.nodes += [node("Identity", ["y"], "z"), node("Identity", ["x"], "w")]
    model.graph.outputs += ["z", "w"].map { ModelFile.Port($0, .tensor(.float32, nil)) }
    let outputs = try model.imported().run(["x": [-1, 2]])
    #expect(outputs == ["y": [0, 2], "z": [0, 2], "w": [-1, 2]])
    #expect(Set(try model.imported().graph.outputs.map(\.value)).count == 3)
  }
}
