import Formats
import Interchange
import Testing

/// Lengths that change, beside numbers by ONNX's formulas.
@Suite struct ResizeImportTests {
  private typealias Value = ModelFile.Attribute.Value

  private func text(_ word: String) -> Value { .text(Array(word.utf8)) }

  /// A row of four, along the last axis of an image or of what is none, resized to a length.
  private func resized(
    to count: Int64, _ told: [String: Value], x: [Double] = [1, 2, 3, 4], scale: Float? = nil,
    isImage: Bool
  ) throws -> [Double] {
    var attributes = told
    attributes["axes"] = .integers([-1])
    let sizes = scale == nil ? "sizes" : ""
    let resize = node(
      "Resize", ["d", "region", scale == nil ? "" : "scales", sizes], "y", attributes)
    let first =
      isImage
      ? node("MaxPool", ["x"], "d", ["kernel_shape": .integers([1, 1])])
      : node("Relu", ["x"], "d")
    let model = TestModel(
      [.fixed(1), .fixed(1), .fixed(1), .fixed(4)], [first, resize],
      [
        TestModel.list("sizes", [count]), TestModel.floats("scales", [1], [scale ?? 1]),
        TestModel.floats("region", [2], [0.5, 1.5]),
      ])
    return try model.run(x)
  }

  private func expect(_ own: [Double], _ expected: [Double]) {
    #expect(own.count == expected.count)
    for (own, expected) in zip(own, expected) { #expect(abs(own - expected) < 1e-6, "\(own)") }
  }

  @Test(arguments: [true, false])
  func takesNearestElements(isImage: Bool) throws {
    let cases: [(String, [Double])] = [
      ("round_prefer_floor", [1, 2, 4]), ("round_prefer_ceil", [1, 3, 4]), ("floor", [1, 2, 3]),
      ("ceil", [2, 3, 4]),
    ]
    for (mode, expected) in cases {
      let told = ["nearest_mode": text(mode)]
      expect(try resized(to: 3, told, isImage: isImage), expected)
    }
    let crop = [
      "coordinate_transformation_mode": text("tf_crop_and_resize"),
      "extrapolation_value": Value.float(10),
    ]
    expect(try resized(to: 3, crop, isImage: isImage), [2, 4, 10])
  }

  @Test(arguments: [true, false])
  func blendsNeighbours(isImage: Bool) throws {
    func linear(
      _ mode: String, _ count: Int64, scale: Float? = nil, _ more: [String: Value] = [:]
    ) throws -> [Double] {
      var told = more
      told["mode"] = text("linear")
      told["coordinate_transformation_mode"] = text(mode)
      return try resized(to: count, told, scale: scale, isImage: isImage)
    }
    expect(try linear("half_pixel", 8), [1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4])
    expect(try linear("align_corners", 7), [1, 1.5, 2, 2.5, 3, 3.5, 4])
    expect(try linear("asymmetric", 8), [1, 1.5, 2, 2.5, 3, 3.5, 4, 4])
    expect(try linear("pytorch_half_pixel", 1), [1])
    expect(try linear("half_pixel", 0, scale: 0.6), [4.0 / 3, 3])
    expect(try linear("half_pixel_symmetric", 0, scale: 0.6), [5.0 / 3, 10.0 / 3])
    expect(try linear("half_pixel", 0, scale: 0.6, ["antialias": .integer(1)]), [1.375, 3])
    let crop = ["extrapolation_value": Value.float(10)]
    expect(try linear("tf_crop_and_resize", 3, crop), [2.5, 4, 10])
  }

  @Test func blendsByCubics() throws {
    let x: [Double] = [1, 2, 4, 8]
    let told = ["mode": text("cubic")]
    let own = try resized(to: 8, told, x: x, isImage: true)
    #expect(abs(own[3] - 2.41796875) < 1e-6 && own.count == 8)
    let same = try resized(to: 8, told, x: [5, 5, 5, 5], isImage: true)
    expect(same, [Double](repeating: 5, count: 8))
    // At the edge the weights outside are those of the border's elements, or go to the others.
    let without = told.merging(["exclude_outside": .integer(1)]) { $1 }
    expect(
      try resized(to: 8, without, x: [5, 5, 5, 5], isImage: true), [Double](repeating: 5, count: 8))
    #expect(abs(try resized(to: 8, without, x: x, isImage: true)[0] - own[0]) > 1e-3)
  }

  /// Whole images, by scales of all four axes, as older versions name them.
  @Test func enlargesWholeImages() throws {
    let x: [Double] = [1, 2, 3, 4]
    let expected: [Double] = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]
    for operation in ["Upsample", "Resize"] {
      var model = TestModel(
        [.fixed(1), .fixed(1), .fixed(2), .fixed(2)], [node(operation, ["x", "scales"], "y")],
        [TestModel.floats("scales", [4], [1, 1, 2, 2])])
      model.version = 10
      #expect(try model.run(x) == expected)
    }
    let policy = TestModel(
      [.fixed(1), .fixed(1), .fixed(2), .fixed(2)],
      [
        node(
          "Resize", ["x", "", "", "sizes"], "y",
          ["axes": .integers([2, 3]), "keep_aspect_ratio_policy": text("not_larger")])
      ], [TestModel.list("sizes", [9, 4])])
    #expect(try policy.run(x) == expected)
  }
}
