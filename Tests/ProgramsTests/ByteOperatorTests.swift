import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Units of operators on bytes beside their references: not a bit may differ.
@Suite struct ByteOperatorTests {
  /// What is tried on the bytes of images of 6 x 6 x 5.
  struct Sample: Sendable, CustomTestStringConvertible {
    var op: any Operator
    /// What it reads behind the bytes.
    var parameters: [Parameter] = []
    /// Whether it reads the bytes once more behind all else.
    var readsTwice = false

    var testDescription: String { "\(op)" }
  }

  /// Steps of a half from 100, of an eighth from 128, and of a quarter from 9.
  private static let (half, eighth, quarter) = (
    Quantization(scale: 0.5, zeroPoint: 100), Quantization(scale: 0.125, zeroPoint: 128),
    Quantization(scale: 0.25, zeroPoint: 9)
  )

  private static func scales(_ count: Int) -> [Float] {
    [Float](repeating: 0x1p-6, count: count)
  }

  private static func filters(_ shape: [Int], area: Int = 1) -> Parameter {
    Parameter(name: "filters", shape: shape, role: .filters, area: area)
  }

  static let samples: [Sample] = [
    Sample(op: LinearDequantization(half)), Sample(op: ByteMapping(from: half, to: eighth)),
    Sample(op: ByteMapping(from: half, to: quarter, by: .sigmoid)),
    Sample(
      op: ByteAddition(half, half, total: QuantizedRange(quarter, least: 9)), readsTwice: true),
    Sample(
      op: ByteAveragePooling(
        .sliding(AveragePooling(window: 3, stride: 2, padding: 1)), input: half, output: eighth)),
    Sample(
      op: ByteAveragePooling(
        .parts(AdaptiveAveragePooling(side: 2)), input: half, output: quarter)),
    Sample(op: MaxPooling(window: 3, stride: 2, padding: 1)),
    Sample(op: Concatenation(), readsTwice: true),
    Sample(
      op: QuantizedConvolution(
        Convolution(filters: 7, window: 3, strides: 2, paddings: 1, hasBias: true), input: half,
        scales: scales(7), epilogue: .quantized(QuantizedRange(quarter, least: 9))),
      parameters: [
        filters([7, 5, 3, 3], area: 9), Parameter(name: "bias", shape: [7], role: .bias),
      ]),
    Sample(
      op: QuantizedConvolution(
        Convolution(filters: 5, window: 3, paddings: 1, groups: 5), input: half,
        scales: scales(5), epilogue: .sums),
      parameters: [filters([5, 1, 3, 3], area: 9)]),
    Sample(
      op: QuantizedConvolution(
        Convolution(filters: 5, window: 1), input: half, scales: scales(5),
        epilogue: .added(
          QuantizedRange(eighth), residual: half, total: QuantizedRange(quarter))),
      parameters: [filters([5, 5, 1, 1])], readsTwice: true),
    Sample(
      op: QuantizedConvolution(
        Convolution(filters: 5, window: 1), input: half, scales: scales(5),
        epilogue: .joined(residual: half, total: QuantizedRange(quarter))),
      parameters: [filters([5, 5, 1, 1])], readsTwice: true),
    Sample(
      op: QuantizedConvolution(
        Convolution.linear(outputs: 4, hasBias: false), input: half, scales: scales(4),
        epilogue: .real(least: 0)),
      parameters: [filters([4, 180], area: 36)]),
  ]

  @Test(arguments: samples, [1, 2])
  func givesTheBitsOfItsReference(_ sample: Sample, threads: Int) throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 5]))
    let bytes = try builder.append("bytes", LinearQuantization(Self.half), [images])[0]
    let parameters = sample.parameters.map { builder.parameter($0) }
    let inputs = [bytes] + parameters + (sample.readsTwice ? [bytes] : [])
    builder.output("y", try builder.append("op", sample.op, inputs)[0])
    let graph = try builder.graph()
    let (made, expected) = try ProgramTests().seeded(graph, threads: threads)
    #expect(!expected.isEmpty && made == expected)
    #expect(graph.hasExactReferences && Set(expected).count > 3)
  }

  /// What a layer adds may be its own image, which then stays while windows read it.
  @Test func addsItsOwnImage() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 5]))
    let bytes = try builder.append("bytes", LinearQuantization(Self.half), [images])[0]
    let filters = builder.parameter(Self.filters([5, 5, 3, 3], area: 9))
    let layer = QuantizedConvolution(
      Convolution(filters: 5, window: 3, paddings: 1), input: Self.half, scales: Self.scales(5),
      epilogue: .added(
        QuantizedRange(Self.eighth), residual: Self.half, total: QuantizedRange(Self.half)))
    let sum = try builder.append("sum", layer, [bytes, filters, bytes])
    builder.output("y", try builder.append("real", LinearDequantization(Self.half), sum)[0])
    let (made, expected) = try ProgramTests().seeded(builder.graph(), threads: 1)
    #expect(Set(expected).count > 3 && made == expected)
  }

  /// Scales whose quotient is beyond float32 leave zero where it is: it is no step times infinity.
  @Test func zeroStaysZeroWhateverTheScales() throws {
    let (huge, tiny) = (
      Quantization(scale: 0x1p100, zeroPoint: 100), Quantization(scale: 0x1p-100, zeroPoint: 9)
    )
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 6, 6, 5]))
    let bytes = try builder.append("bytes", LinearQuantization(huge), [images])[0]
    let sum = ByteAddition(huge, huge, total: QuantizedRange(tiny))
    builder.output("y", try builder.append("sum", sum, [bytes, bytes])[0])
    let (made, expected) = try ProgramTests().seeded(builder.graph(), threads: 1)
    #expect(Set(expected) == [9] && made == expected)
  }
}
