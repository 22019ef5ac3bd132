import Formats
import Interchange
import Testing

/// Uses of operators that take, join or pool parts of values, and cannot be.
@Suite struct SelectionRefusalTests {
  /// Nodes over an image `x` with `w`, `b` and a list, and a word of the sentence.
  static let uses: [(node: ModelFile.Node, word: String)] = [
    (node("Conv", ["x", "w", "x"], "y"), "do not fit in 1 groups"),
    (node("Conv", ["x", "x"], "y", ["group": .integer(2)]), "do not fit in 2 groups"),
    (node("Conv", ["x", "x"], "y", ["group": .integer(0)]), "cannot be convolved"),
    (node("Pad", ["x", "i"], "y"), "two pads for each axis"),
    (
      node("Pad", ["x"], "y", ["pads": .integers([0, 0, 0, 0, 0, 0, 0, -6])]), "off 5"
    ),
    (
      node("Pad", ["x"], "y", ["pads": .integers([0, 0, 0, -3, 0, 0, 0, -2])]),
      "gives no elements"
    ),
    (
      node(
        "Pad", ["x"], "y",
        ["mode": .text(Array("odd".utf8)), "pads": .integers([Int64](repeating: 1, count: 8))]),
      "the mode odd"
    ),
    (
      node("Pad", ["x"], "y", ["pads": .integers([0, 1 << 30, 0, 0, 0, 0, 0, 0])]), "at most"
    ),
    (
      node(
        "MaxPool", ["x"], "y",
        ["kernel_shape": .integers([2, 2]), "pads": .integers([0, 0, 2, 2])]),
      "no window of 2"
    ),
    (node("MaxPool", ["x"], "y", ["kernel_shape": .integers([6, 1])]), "no window of 6"),
    (
      node("LpPool", ["x"], "y", ["kernel_shape": .integers([2, 2]), "p": .integer(0)]),
      "the norm 0"
    ),
    (node("Concat", ["x", "b"], "y", ["axis": .integer(0)]), "different ranks"),
    (node("Concat", ["x", "w"], "y", ["axis": .integer(0)]), "cannot stand beside"),
    (node("Reshape", ["x", "b"], "y"), "makes [1, 2] of"),
    (node("Gather", ["x", "i"], "y"), "gathers element 25 of 1"),
    (node("Gather", ["i", "x"], "y"), "name nothing"),
    (node("Gather", ["w", "x"], "y"), "name nothing"),
    (node("GatherND", ["x", "i"], "y"), "name nothing"),
    (node("ScatterND", ["x", "i", "x"], "y"), "name nothing"),
    (node("Slice", ["x", "i"], "y"), "lacks its bounds"),
    (node("Slice", ["x", "i", "i"], "y"), "gives no elements"),
    (node("Expand", ["x", "i"], "y"), "makes [25, 2] of"),
    (node("Tile", ["x", "i"], "y"), "repeats for each axis"),
    (node("Split", ["x"], "y", ["split": .integers([2])]), "splits 1 elements"),
    (node("Split", ["x"], "y", ["num_outputs": .integer(2)]), "should 2"),
    (node("Resize", ["x", "b"], "y"), "a scale or a size"),
    (node("Upsample", ["x", "w"], "y", ["mode": .text(Array("odd".utf8))]), "resizes by odd"),
    (node("DepthToSpace", ["x"], "y", ["blocksize": .integer(3)]), "blocks of 3"),
    (node("DepthToSpace", ["x"], "y"), "blocks of 0"),
    (node("SpaceToDepth", ["x"], "y", ["blocksize": .integer(2)]), "blocks of 2"),
    (node("OneHot", ["x", "i", "b"], "y"), "lacks its depth"),
    (node("NonZero", ["x"], "y"), "supported are constants"),
    (node("ReverseSequence", ["x", "i"], "y"), "reverses sequences"),
    (node("GridSample", ["x", "x"], "y"), "no coordinates"),
    (node("GridSample", ["x", "x"], "y", ["mode": .text(Array("odd".utf8))]), "samples by odd"),
    (node("Col2Im", ["x", "i", "i"], "y"), "lacks the lengths"),
    (node("CenterCropPad", ["x", "i"], "y"), "a length for each axis"),
    (node("Compress", ["x", "i"], "y", ["axis": .integer(0)]), "2 conditions for 1"),
    (
      node("ConvTranspose", ["x", "w"], "y", ["output_shape": .integers([1])]), "the output_shape"
    ),
    (node("ConvTranspose", ["x", "w"], "y", ["pads": .integers([9, 9, 9, 9])]), "no windows"),
  ]

  @Test(arguments: uses)
  func refusesUsesThatAreNotSupported(node: ModelFile.Node, word: String) {
    let model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(5), .fixed(5)], [node],
      [
        TestModel.floats("w", [2, 2, 1, 1], [1, 2, 3, 4]), TestModel.floats("b", [2], [1, 2]),
        TestModel.list("i", [25, 2]),
      ])
    let refusal = model.refusal()
    #expect(refusal.contains(word), "\(refusal)")
  }
}
