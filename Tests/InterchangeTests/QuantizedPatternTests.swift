import Formats
import Graphs
import Interchange
import Testing

/// A whole network as ONNX Runtime's quantization and NNCF write it: all of it runs on bytes, and
/// gives what the file says.
///
/// Scales are powers of two, so that floats and whole numbers give the same bits.
@Suite struct QuantizedPatternTests {
  /// What tools do differently.
  struct Style: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Activations are signed bytes.
    var isSigned = false
    /// Filters have a scale each.
    var isPerChannel = true
    /// Filters are unsigned bytes around 128.
    var hasUnsignedFilters = false
    /// Biases are floats.
    var hasFloatBias = false
    /// Dimensions of what is one number.
    var scalar: [Int] = []
  }

  static let styles = [
    Style(testDescription: "U8S8 per channel"),
    Style(testDescription: "U8S8 per tensor", isPerChannel: false),
    Style(testDescription: "S8S8 per channel", isSigned: true),
    Style(testDescription: "S8S8 per tensor", isSigned: true, isPerChannel: false),
    Style(testDescription: "U8U8", isPerChannel: false, hasUnsignedFilters: true),
    Style(testDescription: "float biases, scales in lists", hasFloatBias: true, scalar: [1]),
  ]

  /// A model in the making.
  private struct Making {
    let style: Style
    var nodes: [ModelFile.Node] = []
    var tensors: [ModelFile.Tensor] = []

    /// Scales and zero points of the network's values, and its filters.
    init(_ style: Style) {
      self.style = style
      let steps: [(name: String, scale: Float, zero: Int)] = [
        ("x", 0.125, 32), ("one", 0.5, 0), ("two", 1, 100), ("sum", 0.5, 64), ("join", 1, 100),
        ("mean", 0.5, 60), ("y", 2, 128),
      ]
      for (name, scale, zero) in steps {
        tensors.append(TestModel.floats("\(name).s", style.scalar, [scale]))
        let byte = UInt8(truncatingIfNeeded: style.isSigned ? zero - 128 : zero)
        bytes("\(name).z", style.isSigned ? .int8 : .uint8, style.scalar, [byte])
      }
      filters("conv1", [4, 2, 3, 3], input: 0.125)
      filters("conv2", [4, 4, 1, 1], input: 0.5)
      filters("fc", [3, 8], input: 0.5)
    }

    private mutating func bytes(
      _ name: String, _ element: ModelFile.Element, _ dimensions: [Int], _ bytes: [UInt8]
    ) {
      tensors.append(ModelFile.Tensor(name, element, dimensions, .bytes(bytes)))
    }

    private mutating func filters(_ name: String, _ dimensions: [Int], input: Float) {
      let count = dimensions[0]
      var scales: [Float] = [0.5]
      if style.isPerChannel { scales = (0..<count).map { $0 % 2 == 0 ? 0.5 : 0.25 } }
      let own = style.isPerChannel ? [count] : style.scalar
      let (element, zero): (ModelFile.Element, Int) =
        style.hasUnsignedFilters ? (.uint8, 128) : (.int8, 0)
      let steps = TestModel.pattern(dimensions.reduce(1, *)).map { Int($0) + zero }
      bytes("\(name).w", element, dimensions, steps.map { UInt8(truncatingIfNeeded: $0) })
      tensors.append(TestModel.floats("\(name).w.s", own, scales))
      bytes("\(name).w.z", element, own, scales.map { _ in UInt8(zero) })
      let bias = (0..<count).map { Int32(7 * $0 - 9) }
      let products = scales.map { $0 * input }
      guard !style.hasFloatBias else {
        let numbers = bias.enumerated().map { Float($1) * products[$0 % products.count] }
        tensors.append(TestModel.floats("\(name).b.d", [count], numbers))
        return
      }
      let stored = bias.flatMap { number in
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
      }
      bytes("\(name).b", .int32, [count], stored)
      // Of one scale ONNX Runtime makes a list, but not of its zero point.
      tensors.append(TestModel.floats("\(name).b.s", own.isEmpty ? [1] : own, products))
      bytes("\(name).b.z", .int32, own, [UInt8](repeating: 0, count: 4 * scales.count))
    }

    /// Quantized and restored.
    mutating func quantized(_ value: String, as name: String, _ steps: String? = nil) -> String {
      let own = ["\(steps ?? name).s", "\(steps ?? name).z"]
      nodes.append(node("QuantizeLinear", [value] + own, "\(name).q"))
      nodes.append(node("DequantizeLinear", ["\(name).q"] + own, "\(name).d"))
      return "\(name).d"
    }

    /// A layer of restored filters.
    mutating func layer(
      _ operation: String, _ name: String, _ input: String,
      _ attributes: [String: ModelFile.Attribute.Value]
    ) -> String {
      for part in style.hasFloatBias ? ["w"] : ["w", "b"] {
        let stored = "\(name).\(part)"
        nodes.append(
          node(
            "DequantizeLinear", [stored, "\(stored).s", "\(stored).z"], "\(stored).d",
            ["axis": .integer(0)]))
      }
      nodes.append(node(operation, [input, "\(name).w.d", "\(name).b.d"], name, attributes))
      return name
    }

    /// The whole network with QuantizeLinear and DequantizeLinear between its operators.
    mutating func network() {
      let image = quantized("x", as: "x")
      let first = layer("Conv", "conv1", image, Self.window)
      nodes.append(node("Relu", [first], "relu"))
      nodes.append(node("MaxPool", [quantized("relu", as: "one")], "max", Self.pool))
      let pool = quantized("max", as: "pool", "one")
      let second = quantized(layer("Conv", "conv2", pool, [:]), as: "two")
      nodes.append(node("Add", [second, pool], "plus"))
      let sum = quantized("plus", as: "sum")
      nodes.append(node("Concat", [sum, second], "both", ["axis": .integer(1)]))
      nodes.append(node("GlobalAveragePool", [quantized("both", as: "join")], "average"))
      nodes.append(node("Flatten", [quantized("average", as: "mean")], "row"))
      let row = quantized("row", as: "flat", "mean")
      let last = layer("Gemm", "fc", row, ["transB": .integer(1)])
      let own = ["y.s", "y.z"]
      nodes.append(node("QuantizeLinear", [last] + own, "y.q"))
      nodes.append(node("DequantizeLinear", ["y.q"] + own, "y"))
    }

    /// The same with operators on whole numbers.
    mutating func operators() {
      func steps(_ name: String) -> [String] { ["\(name).s", "\(name).z"] }
      func filters(_ name: String) -> [String] { ["\(name).w"] + steps("\(name).w") }
      func contributed(
        _ operation: String, _ inputs: [String], _ output: String,
        _ attributes: [String: ModelFile.Attribute.Value] = [:]
      ) -> ModelFile.Node {
        var own = node(operation, inputs, output, attributes)
        own.domain = "com.microsoft"
        return own
      }
      func joined(_ parts: [String]...) -> [String] { parts.flatMap { $0 } }
      let one = joined(["pool.q"], steps("one"))
      let two = joined(["two.q"], steps("two"))
      let first = joined(["x.q"], steps("x"), filters("conv1"), steps("one"), ["conv1.b"])
      let second = joined(one, filters("conv2"), steps("two"), ["conv2.b"])
      let last = joined(["flat.q"], steps("mean"), filters("fc"), ["fc.b"], steps("y"))
      let transposed: [String: ModelFile.Attribute.Value] = [
        "transB": .integer(1), "alpha": .float(1),
      ]
      nodes = [
        node("QuantizeLinear", joined(["x"], steps("x")), "x.q"),
        node("QLinearConv", first, "one.q", Self.window),
        node("MaxPool", ["one.q"], "pool.q", Self.pool),
        node("QLinearConv", second, "two.q"),
        contributed("QLinearAdd", joined(two, one, steps("sum")), "sum.q"),
        contributed(
          "QLinearConcat", joined(steps("join"), ["sum.q"], steps("sum"), two), "join.q",
          ["axis": .integer(1)]),
        contributed(
          "QLinearGlobalAveragePool", joined(["join.q"], steps("join"), steps("mean")), "mean.q",
          ["channels_last": .integer(0)]),
        node("Flatten", ["mean.q"], "flat.q"),
        contributed("QGemm", last, "y.q", transposed),
        node("DequantizeLinear", joined(["y.q"], steps("y")), "y"),
      ]
    }

    static let window: [String: ModelFile.Attribute.Value] = [
      "kernel_shape": .integers([3, 3]), "pads": .integers([1, 1, 1, 1]),
    ]
    private static let pool: [String: ModelFile.Attribute.Value] = [
      "kernel_shape": .integers([2, 2]), "strides": .integers([2, 2]),
    ]

    var model: TestModel {
      TestModel([.symbol("N"), .fixed(2), .fixed(4), .fixed(4)], nodes, tensors)
    }
  }

  private static let images = (0..<32).map { Double($0 * 11 % 64) / 8 - 4 }

  /// What a file gives in floats, once it was seen that bytes give the same and do all of the work.
  private func numbers(_ model: TestModel) throws -> [Double] {
    let imported = try model.imported()
    let bytes = try imported.graph.onBytes()
    let given = ["x": Self.images]
    let floats = try imported.run(given)["y"] ?? []
    #expect(try imported.run(given, by: bytes)["y"] == floats)
    #expect(bytes.layerCounts.onBytes == 3 && bytes.layerCounts.all == 3)
    #expect(bytes.nodes.count { $0.op is LinearQuantization } == 1)
    #expect(bytes.nodes.count { $0.op is LinearDequantization } == 1)
    return floats
  }

  @Test(arguments: styles)
  func everyStyleRunsOnBytes(_ style: Style) throws {
    var making = Making(style)
    making.network()
    let floats = try numbers(making.model)
    #expect(floats.count == 3 && Set(floats).count > 1, "\(floats)")
  }

  @Test(arguments: styles.filter { !$0.hasFloatBias })
  func operatorsOnWholeNumbersAreTheSame(_ style: Style) throws {
    var (plain, whole) = (Making(style), Making(style))
    plain.network()
    whole.operators()
    #expect(try numbers(plain.model) == numbers(whole.model))
  }

  /// A branch that nobody quantized, and an operator that has no form on bytes, stay floats; what is
  /// between quantized values still runs on bytes.
  @Test func theRestComputesInFloats() throws {
    var making = Making(Self.styles[0])
    let image = making.quantized("x", as: "x")
    let first = making.layer("Conv", "conv1", image, Making.window)
    making.nodes.append(node("Softmax", [first], "soft", ["axis": .integer(1)]))
    making.nodes.append(node("Mul", ["soft", first], "gate"))
    let one = making.quantized("gate", as: "one")
    let second = making.layer("Conv", "conv2", one, [:])
    making.nodes.append(node("Add", [second, "gate"], "y"))
    let imported = try making.model.imported()
    let bytes = try imported.graph.onBytes()
    #expect(bytes.layerCounts.onBytes == 2 && bytes.layerCounts.all == 2)
    let given = ["x": Self.images]
    let (floats, whole) = (try imported.run(given)["y"] ?? [], try imported.run(given, by: bytes))
    #expect(floats.count == 64 && whole["y"]?.count == 64)
    #expect(zip(floats, whole["y"] ?? []).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  /// Filters alone may be stored as bytes, and restored by Microsoft's operator of the same name.
  @Test func restoresFiltersWhereNothingIsRounded() throws {
    var making = Making(Self.styles[0])
    let sums = making.layer("Conv", "conv1", "x", Making.window)
    making.nodes.append(node("Identity", [sums], "y"))
    let expected = try making.model.imported().run(["x": Self.images])["y"] ?? []
    for index in making.nodes.indices where making.nodes[index].operation == "DequantizeLinear" {
      making.nodes[index].domain = "com.microsoft"
    }
    let own = try making.model.imported().run(["x": Self.images])["y"]
    #expect(expected.count == 64 && own == expected)
  }

  /// Views between bytes move bytes.
  @Test func viewsMoveBytes() throws {
    var making = Making(Self.styles[0])
    making.tensors.append(TestModel.list("halves", [0, 1, 2, 4, 4]))
    making.tensors.append(TestModel.list("whole", [0, 2, 4, 4]))
    let image = making.quantized("x", as: "x")
    making.nodes += [
      node("Reshape", [image, "halves"], "cut"),
      node("Transpose", ["cut"], "turned", ["perm": .integers([0, 2, 1, 3, 4])]),
      node("Reshape", ["turned", "whole"], "back"),
    ]
    let shuffled = making.quantized("back", as: "shuffled", "x")
    let sums = making.layer("Conv", "conv1", shuffled, ["pads": .integers([1, 1, 1, 1])])
    making.nodes.append(node("Identity", [sums], "y"))
    let imported = try making.model.imported()
    let bytes = try imported.graph.onBytes()
    #expect(bytes.layerCounts.onBytes == 1)
    #expect(bytes.nodes.count { $0.op is LinearDequantization } == 0)
    let given = ["x": Self.images]
    #expect(try imported.run(given)["y"] == imported.run(given, by: bytes)["y"])
  }

  /// What is wrong with an operator on whole numbers, and a word of the refusal.
  @Test func refusesOperatorsThatAreNotSound() {
    func refusal(_ change: (inout Making) -> Void) -> String {
      var making = Making(Self.styles[0])
      making.operators()
      change(&making)
      return making.model.refusal()
    }
    func scaled(_ name: String, _ dimensions: [Int], _ numbers: [Float]) -> String {
      refusal { making in
        making.tensors.removeAll { $0.name == name }
        making.tensors.append(TestModel.floats(name, dimensions, numbers))
      }
    }
    #expect(scaled("one.s", [], [0]).contains("the scale 0.0"))
    #expect(scaled("x.s", [], [-1]).contains("the scale -1.0"))
    #expect(scaled("conv1.w.s", [3], [1, 1, 1]).contains("3 scales along axis 0, which is 4 long"))
    #expect(scaled("fc.w.s", [3], [1, .nan, 1]).contains("the scale nan"))
    let mixed = refusal { making in
      making.tensors.removeAll { $0.name == "conv1.w.z" }
      making.tensors.append(ModelFile.Tensor("conv1.w.z", .uint8, [4], .bytes([0, 0, 0, 0])))
    }
    #expect(mixed.contains("a zero point of uint8 for whole numbers of int8"), "\(mixed)")
    let few = refusal { $0.nodes[1].inputs.removeLast(3) }
    #expect(few.contains("not supported: QLinearConv"), "\(few)")
    let images = refusal { making in
      making.nodes[6].attributes = [ModelFile.Attribute("channels_last", .integer(1))]
    }
    #expect(images.contains("com.microsoft.QLinearGlobalAveragePool"), "\(images)")
    let dynamic = refusal { $0.nodes[4].operation = "QAttention" }
    #expect(dynamic.contains("com.microsoft.QAttention"), "\(dynamic)")
  }
}
