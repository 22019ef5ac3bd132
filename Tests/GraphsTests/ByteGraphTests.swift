import Basics
import Graphs
import Kernels
import Tensors
import TestSupport
import Testing

/// Graphs with quantized values, and the operators on bytes that take the place of floats in them.
@Suite struct ByteGraphTests {
  /// Scales that are powers of two, so that floats and whole numbers give the same bits.
  private let image = Quantization(scale: 0x1p-5, zeroPoint: 100)
  private let middle = Quantization(scale: 0x1p-3, zeroPoint: 7)

  /// A graph in the making, and the elements of what it reads.
  private struct Making {
    var builder = GraphBuilder()
    var given: [String: ReferenceTensor] = [:]
    var random = SeededRandom(seed: 11)

    mutating func images() throws -> Graph.Value {
      given["images"] = ReferenceTensor([2, 5, 5, 3]) { _ in Double(random.next() % 64) / 8 - 4 }
      return builder.input("images", TensorType(.f32, [.batch, 5, 5, 3]))
    }

    /// Quantized and restored.
    mutating func bytes(_ value: Graph.Value, _ quantization: Quantization) throws -> Graph.Value {
      let name = builder[value].name
      let bytes = try builder.append("\(name).q", LinearQuantization(quantization), [value])
      return try builder.append("\(name).r", LinearDequantization(quantization), bytes)[0]
    }

    /// A convolution whose filters are whole multiples of 1/64, with a bias.
    mutating func conv(
      _ name: String, _ input: Graph.Value, from channels: Int, to filters: Int, window: Int = 3
    ) throws -> Graph.Value {
      let shape = [filters, channels, window, window]
      var weight = Parameter(
        name: "\(name).weight", shape: shape, role: .filters, area: window * window)
      weight.scales = [Float](repeating: 0x1p-6, count: filters)
      let bias = Parameter(name: "\(name).bias", shape: [filters], role: .bias)
      given[weight.name] = ReferenceTensor(try #require(Shape(shape))) { _ in
        Double(random.next() % 255) / 64 - 127.0 / 64
      }
      given[bias.name] = ReferenceTensor([filters]) { _ in Double(random.next() % 64) / 16 - 2 }
      let op = Convolution(
        filters: filters, window: PerAxis(window), paddings: PerAxis(window / 2), hasBias: true)
      return try builder.append(
        name, op, [input, builder.parameter(weight), builder.parameter(bias)])[0]
    }
  }

  /// Names of the operators of a graph, in order.
  private func kinds(_ graph: Graph) -> [String] { graph.nodes.map { "\(type(of: $0.op))" } }

  @Test func coversARangeAndZero() {
    let plain = Quantization(covering: 0...255)
    #expect(plain.scale == 1 && plain.zeroPoint == 0)
    let both = Quantization(covering: -1...3)
    #expect(both.scale == Float(4.0 / 255) && both.zeroPoint == 64)
    #expect(Quantization(covering: 2...5).real(0) == 0)
    #expect(Quantization(covering: -5 ... -2).real(255) == 0)
    #expect(Quantization(covering: 0...0) == Quantization(scale: 1, zeroPoint: 0))
  }

  @Test func takesFiltersInWholeSteps() {
    let input = Quantization(scale: 0.5, zeroPoint: 3)
    let steps = FilterSteps(covering: [1, -0.25, 0, 0], bias: [0.5, 4], count: 2, input: input)
    #expect(steps.scales == [Float(1.0 / 127), 0x1p-19])
    #expect(steps.filters([1, -0.25, 0, 0]) == [127, -32, 0, 0])
    #expect(steps.bias([0.5, 4], input: input) == [127, 1 << 22])
    // Of 7 bits the largest is 64, on either side: two of them and bytes of 255 fit 16 bits.
    let narrow = FilterSteps(
      covering: [1, -0.25, 0.3, -2], bias: [0.5, 4], count: 2, input: input, weightBits: .seven)
    #expect(narrow.scales == [0x1p-6, 0x1p-5])
    #expect(narrow.filters([1, -0.25, 0.3, -2]) == [64, -16, 10, -64])
    #expect(narrow.bias([0.5, 4], input: input) == [64, 256])
    let (most, limit) = (WeightBits.seven.most, Int(Int16.max))
    #expect(2 * 255 * most <= limit && 2 * 255 * (most + 1) > limit)
    let wide = FilterSteps(scales: [1])
    #expect(wide.filters([200, -200, 2.5, 3.5]) == [127, -128, 2, 4])
    #expect(wide.bias([.nan], input: input) == [0])
  }

  /// Two convolutions, a sum, a pool: all on bytes, the sum done by the convolution before it, which
  /// is rounded by itself only where an activation bounds it.
  @Test(arguments: [false, true])
  func recognisesAResidualBlock(isBounded: Bool) throws {
    var making = Making()
    let images = try making.images()
    let start = try making.bytes(images, image)
    var value = try making.conv("conv1", start, from: 3, to: 4)
    value = try making.builder.append("relu1", ReLU(), [value])[0]
    let short = try making.bytes(value, middle)
    value = try making.conv("conv2", short, from: 4, to: 4)
    if isBounded { value = try making.builder.append("relu", ReLU(), [value])[0] }
    let own = Quantization(scale: 0x1p-2, zeroPoint: isBounded ? 0 : 128)
    value = try making.bytes(value, own)
    value = try making.builder.append("add", Addition(), [value, short])[0]
    value = try making.builder.append("relu2", ReLU(), [value])[0]
    let sum = Quantization(scale: 0x1p-2, zeroPoint: 0)
    value = try making.bytes(value, sum)
    value = try making.builder.append("pool", MaxPooling(window: 2, stride: 2), [value])[0]
    value = try making.bytes(value, sum)
    value = try making.builder.append("mean", AdaptiveAveragePooling(side: 1), [value])[0]
    value = try making.bytes(value, Quantization(scale: 0x1p-4, zeroPoint: 1))
    making.builder.output("y", try making.conv("last", value, from: 4, to: 2, window: 1))
    let graph = try making.builder.graph()
    let bytes = try graph.recognisingBytes()
    #expect(
      kinds(bytes) == [
        "LinearQuantization", "QuantizedConvolution", "QuantizedConvolution", "MaxPooling",
        "ByteAveragePooling", "QuantizedConvolution",
      ])
    let ends = bytes.nodes.compactMap { ($0.op as? QuantizedConvolution)?.epilogue }
    #expect(ends.map(\.addsResidual) == [false, true, false])
    #expect(ends[0] == .quantized(QuantizedRange(middle, least: 7)))
    #expect(ends[2] == .real())
    let total = QuantizedRange(sum, least: 0)
    #expect(
      ends[1]
        == (isBounded
          ? .added(QuantizedRange(own), residual: middle, total: total)
          : .joined(residual: middle, total: total)))
    let (floats, whole) = (try graph.evaluate(making.given), try bytes.evaluate(making.given))
    let (a, b) = (floats["y"]?.values ?? [], whole["y"]?.values ?? [])
    // A step of the sum and one of the mean, by filters of at most 2 over 4 channels.
    let most = isBounded ? 1e-4 : 8 * (0.25 + 0x1p-4)
    #expect(a.count == 4 && zip(a, b).allSatisfy { abs($0 - $1) <= most }, "\(a) \(b)")
  }

  /// What is not quantized on all sides, or whose filters are any numbers, computes in floats.
  @Test func leavesTheRestInFloats() throws {
    var making = Making()
    let images = try making.images()
    let start = try making.bytes(images, image)
    var value = try making.conv("conv1", start, from: 3, to: 4)
    value = try making.builder.append("tanh", Tanh(), [value])[0]
    let plain = Parameter(name: "plain", shape: [2, 4, 1, 1], role: .filters)
    making.given["plain"] = ReferenceTensor([2, 4, 1, 1]) { Double($0) / 3 }
    value = try making.builder.append(
      "conv2", Convolution(filters: 2, window: 1),
      [making.bytes(value, middle), making.builder.parameter(plain)])[0]
    making.builder.output("y", value)
    let graph = try making.builder.graph()
    let bytes = try graph.recognisingBytes()
    #expect(
      kinds(bytes) == [
        "LinearQuantization", "QuantizedConvolution", "Tanh", "LinearQuantization",
        "LinearDequantization", "Convolution",
      ])
    #expect(bytes.layerCounts.onBytes == 1 && bytes.layerCounts.all == 2 && graph.isQuantized)
    let same = try graph.evaluate(making.given)["y"]?.values ?? []
    let other = try bytes.evaluate(making.given)["y"]?.values ?? []
    #expect(!same.isEmpty && zip(same, other).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// A pool between a layer and its bytes passes them on, and parts of other scales become bytes of
  /// one.
  @Test func movesQuantizationBeforeSelections() throws {
    var making = Making()
    let images = try making.images()
    let start = try making.bytes(images, image)
    let left = try making.conv("left", start, from: 3, to: 4)
    let pool = try making.builder.append(
      "pool", MaxPooling(window: 3, stride: 1, padding: 1), [left])[0]
    let right = try making.bytes(making.conv("right", start, from: 3, to: 2), image)
    var value = try making.builder.append("join", Concatenation(), [pool, right])[0]
    value = try making.bytes(value, middle)
    making.builder.output("y", try making.conv("last", value, from: 6, to: 2, window: 1))
    let graph = try making.builder.graph()
    let bytes = try graph.recognisingBytes()
    #expect(
      Set(kinds(bytes)) == [
        "LinearQuantization", "QuantizedConvolution", "MaxPooling", "ByteMapping", "Concatenation",
      ])
    #expect(bytes.nodes.count { $0.op is LinearQuantization } == 1)
    let same = try graph.evaluate(making.given)["y"]?.values ?? []
    let other = try bytes.evaluate(making.given)["y"]?.values ?? []
    #expect(!same.isEmpty && zip(same, other).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  /// Without roundings values are only bounded, and bytes move where sums of floats are moved.
  @Test func roundingsCanBeTakenOutOrMoved() throws {
    var making = Making()
    let images = try making.images()
    let start = try making.bytes(images, image)
    var value = try making.conv("conv1", start, from: 3, to: 4)
    value = try making.bytes(value, middle)
    making.builder.output("y", try making.conv("last", value, from: 4, to: 2, window: 1))
    let graph = try making.builder.graph()
    let plain = try graph.withoutRounding()
    #expect(kinds(plain) == ["Pointwise", "Convolution", "Pointwise", "Convolution"])
    let rounded = try graph.evaluate(making.given)["y"]?.values ?? []
    let free = try plain.evaluate(making.given)["y"]?.values ?? []
    // Half a step of 1/8 in each of 4 channels, times weights below 2.
    let worst = zip(rounded, free).map { abs($0 - $1) }.max() ?? 0
    #expect(rounded.count == 100 && worst > 0 && worst < 4 * 0.0625 * 2 + 1, "\(worst)")
    // The images are given, so that their bytes are known; conv1 in floats leaves its bytes in doubt.
    let moved = try #require(try graph.movingRoundings(by: 1e-3))
    #expect(moved.nodes.count { $0.op is Pairwise } == 1)
    #expect(try graph.recognisingBytes().movingRoundings(by: 1e-3) == nil)
  }

  @Test func refusesBytesOfAnotherScale() throws {
    var making = Making()
    let images = try making.images()
    let bytes = try making.builder.append("q", LinearQuantization(image), [images])
    let error = #expect(throws: Problem.self) {
      try making.builder.append("r", LinearDequantization(middle), bytes)
    }
    #expect(error?.description.contains("are no bytes of") == true)
    #expect(throws: Problem.self) {
      try making.builder.append(
        "add", ByteAddition(image, middle, total: QuantizedRange(image)), bytes + bytes)
    }
    #expect("\(making.builder[bytes[0]].type)" == "u8[batch, 5, 5, 3] of 0.03125 from 100")
  }

  /// Which values become bytes, and which of them by one scale.
  @Test func findsTheValuesThatBecomeBytes() throws {
    let sample = try PassTests.Sample(joins: true)
    let graph = try sample.graph.withoutDropout().foldingNorms().withPlainFilters().graph
    let sites = QuantizationSites(graph)
    let names = sites.values.map { graph[$0].name }
    #expect(names.first == "images" && names.contains("relu1") && !names.contains("add"))
    #expect(sites.layers.map { graph.nodes[$0].name }.contains("fc0"))
    let kept = QuantizationSites(graph, keeping: ["fc0"])
    #expect(kept.layers.count == sites.layers.count - 1)
    var ranges: [Graph.Value: ClosedRange<Float>] = [:]
    for (index, value) in sites.values.enumerated() { ranges[value] = -1...Float(index + 1) }
    let bytes = sites.quantizations(ranges)
    let joined = graph.nodes.first { $0.op is Concatenation }
    let parts = Set((joined?.inputs ?? []).compactMap { bytes[$0] })
    #expect(parts.count == 1 && bytes.count == sites.values.count)
  }
}
