import Foundation
import Graphs
import Kernels
import Tensors
import Testing

/// The references of all operators of inference on cases that are worked out by hand.
@Suite struct PlainReferenceTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var op: any Operator
    var inputs: [ReferenceTensor]
    /// Elements of the first outputs.
    var outputs: [[Double]]

    init(_ op: any Operator, _ inputs: [ReferenceTensor], _ outputs: [[Double]]) {
      (self.op, self.inputs, self.outputs) = (op, inputs, outputs)
    }

    var testDescription: String { "\(op)" }
  }

  private static func tensor(_ shape: Shape, _ values: Double...) -> ReferenceTensor {
    ReferenceTensor(shape, values)
  }

  /// An operator of which something is changed.
  private static func with<Op: Operator>(_ op: Op, _ change: (inout Op) -> Void) -> Op {
    var op = op
    change(&op)
    return op
  }

  static let convolutions: [Sample] = [
    Sample(
      Convolution(filters: 1, window: 2),
      [tensor([1, 2, 3, 1], 1, 2, 3, 4, 5, 6), tensor([1, 1, 2, 2], 1, 0, 0, 1)], [[6, 8]]),
    Sample(
      Convolution(filters: 2, window: 1, hasBias: true),
      [tensor([1, 1, 2, 2], 1, 2, 3, 4), tensor([2, 2, 1, 1], 1, 1, 2, -1), tensor([2], 10, 0)],
      [[13, 0, 17, 2]]),
    Sample(
      Convolution(filters: 2, window: 1, groups: 2),
      [tensor([1, 1, 1, 4], 1, 2, 3, 4), tensor([2, 2, 1, 1], 1, 2, 3, 4)], [[5, 25]]),
    Sample(
      Convolution(
        filters: 2, window: PerAxis(1, 2), paddings: PerAxis(0, 1), dilations: PerAxis(1, 2),
        groups: 2),
      [tensor([1, 1, 2, 2], 1, 10, 2, 20), tensor([2, 1, 1, 2], 3, 5, 7, 9)],
      [[10, 180, 3, 70]]),
    Sample(
      with(Convolution(filters: 1, window: 1)) {
        $0.normEpsilon = 1
        $0.epilogue = Epilogue(addsResidual: true, activation: .relu)
      },
      [
        tensor([1, 1, 2, 1], 2, -9), tensor([1, 1, 1, 1], 3), tensor([1], 2), tensor([1], 1),
        tensor([1], 2), tensor([1], 3), tensor([1, 1, 2, 1], 0.5, 1),
      ], [[5.5, 0]]),
    Sample(
      Convolution.linear(outputs: 1),
      [tensor([1, 1, 2, 2], 1, 2, 3, 4), tensor([1, 4], 1, 10, 100, 1000), tensor([1], 0.5)],
      [[4231.5]]),
    Sample(
      Convolution.rows(outputs: 1, hasBias: false),
      [tensor([1, 2, 2], 1, 2, 5, 3), tensor([1, 2], 1, -1)], [[-1, 2]]),
    Sample(
      LoopConvolution(axes: [LoopConvolution.Axis(stride: 2, before: 1)]),
      [tensor([1, 1, 3], 1, 2, 3), tensor([1, 1, 2], 1, 10)], [[10, 32]]),
    Sample(
      LoopConvolution(axes: [LoopConvolution.Axis(stride: 2)], isTransposed: true),
      [tensor([1, 1, 2], 1, 2), tensor([1, 1, 2], 1, 10), tensor([1], 0.5)],
      [[1.5, 10.5, 2.5, 20.5]]),
  ]

  static let pools: [Sample] = [
    Sample(MaxPooling(window: 2, stride: 2), [tensor([1, 2, 2, 1], 1, -2, 5, 3)], [[5]]),
    Sample(
      AveragePooling(window: 3, stride: 2, padding: 1), [tensor([1, 2, 2, 1], 1, 2, 3, 12)],
      [[2]]),
    Sample(
      AdaptiveAveragePooling(side: 2), [tensor([1, 3, 2, 1], 1, 2, 3, 4, 5, 6)], [[2, 3, 4, 5]]),
    Sample(
      WindowPooling(
        .mean(countsBorder: false), axes: [WindowPooling.Axis(size: 2, before: 1)]),
      [tensor([1, 2, 1], 4, 8)], [[4, 6]]),
    Sample(
      WindowPooling(.mean(countsBorder: true), axes: [WindowPooling.Axis(size: 2, before: 1)]),
      [tensor([1, 2, 1], 4, 8)], [[2, 6]]),
    Sample(
      WindowPooling(.maximum, axes: [WindowPooling.Axis(size: 2, before: 1)]),
      [tensor([1, 2, 2], -4, 1, -8, 3)], [[-4, 1, -4, 3]]),
  ]

  static let layouts: [Sample] = [
    Sample(Flattening(), [tensor([1, 1, 2, 2], 1, 2, 3, 4)], [[1, 3, 2, 4]]),
    Sample(
      Concatenation(), [tensor([2, 1], 1, 2), tensor([2, 2], 3, 4, 5, 6)], [[1, 3, 4, 2, 5, 6]]),
    Sample(Transpose([1, 0]), [tensor([2, 2], 1, 2, 3, 4)], [[1, 3, 2, 4]]),
    Sample(Reshape([.batch, 4]), [tensor([1, 2, 2], 1, 2, 3, 4)], [[1, 2, 3, 4]]),
    Sample(
      ImagePadding(ImageBorder(top: 1, left: 0, bottom: 0, right: 1)), [tensor([1, 1, 1, 1], 7)],
      [[0, 0, 7, 0]]),
    Sample(RandomDropout(probability: 0.5, stream: 1), [tensor([1, 2], 3, 4)], [[3, 4]]),
    Sample(GradientSum(count: 2), [tensor([1], 3), tensor([2], 4, 5)], [[3], [4, 5]]),
    Sample(Joining(axis: 0), [tensor([1, 1], 1), tensor([2, 1], 2, 3)], [[1, 2, 3]]),
    Sample(
      Literal(TensorType(.f32, [2]), [0, 0, 128, 63, 0, 0, 0, 64]), [], [[1, 2]]),
    Sample(
      AxisSelection([nil, [1, -1, 0]], filling: 9), [tensor([1, 2], 5, 6)], [[6, 9, 5]]),
    Sample(
      AxisBlending(
        axis: 1,
        taps: [
          [AxisBlend.Tap(index: 0, weight: 0.5), AxisBlend.Tap(index: 1, weight: 0.5)],
          [AxisBlend.Tap(index: 1, weight: 1)], [],
        ], filling: 7), [tensor([1, 2], 2, 4)], [[3, 4, 7]]),
    Sample(
      GridReading(.linear, border: .zeros, alignsCorners: true),
      [tensor([1, 1, 1, 2], 2, 4), tensor([1, 1, 1, 2], 0, 0)], [[3]]),
    Sample(
      IndexedReading(IndexedAccess(.slices(axis: 0))),
      [tensor([2, 2], 1, 2, 3, 4), tensor([2], 1, -2)], [[3, 4, 1, 2]]),
    Sample(
      IndexedWriting(IndexedAccess(.rows(shared: 0)), reduction: .add),
      [tensor([3], 1, 2, 3), tensor([1, 1], 2), tensor([1], 10)], [[1, 2, 13]]),
    Sample(
      OneHotCoding(axis: 1, depth: 3, element: .f32, values: [0, 1]), [tensor([2], 2, 0)],
      [[0, 0, 1, 1, 0, 0]]),
    Sample(
      TriangularPart(diagonal: 0, isUpper: true), [tensor([2, 2], 1, 2, 3, 4)], [[1, 2, 0, 4]]),
  ]

  static let elements: [Sample] = [
    Sample(ReLU(), [tensor([1, 3], -1, 0, 2)], [[0, 0, 2]]),
    Sample(Tanh(), [tensor([1, 2], 0, 0.5 * log(3))], [[0, 0.5]]),
    Sample(Pointwise(.sigmoid), [tensor([1, 2], 0, log(3))], [[0.5, 0.75]]),
    Sample(Addition(), [tensor([1, 2], 1, 2), tensor([1, 2], 3, 5)], [[4, 7]]),
    Sample(
      Pairwise(.subtract), [tensor([2, 1], 5, 7), tensor([2], 1, 2)], [[4, 3, 6, 5]]),
    Sample(Pairwise(.divide, constant: 6, isConstantFirst: true), [tensor([2], 2, 3)], [[3, 2]]),
    Sample(
      Choice(.f32), [tensor([2], 1, 0), tensor([2], 1, 2), tensor([2], 8, 9)], [[1, 9]]),
    Sample(ElementCast(to: .i32), [tensor([2], -2.5, 3)], [[-2, 3]]),
  ]

  static let rows: [Sample] = [
    Sample(
      BatchNormalization(epsilon: 1),
      [
        tensor([1, 2], 3, 5), tensor([2], 2, 1), tensor([2], 1, 0), tensor([2], 1, 5),
        tensor([2], 3, 0),
      ], [[3, 0]]),
    Sample(
      GroupNormalization(groups: 1, epsilon: 0, isChannelsLast: true),
      [tensor([1, 1, 2], 1, 3), tensor([2], 1, 2), tensor([2], 0, 1)], [[-1, 3]]),
    Sample(
      LayerNormalization(axis: 1, epsilon: 0, givesStatistics: true),
      [tensor([1, 2], 1, 5), tensor([2], 1, 2), tensor([2], 0, 1)], [[-1, 3], [3], [0.5]]),
    Sample(
      LineExtreme(axis: 1, isSmallest: false, takesLast: true, keepsDimensions: false),
      [tensor([2, 3], 5, 5, 1, 0, -1, -1)], [[1, 0]]),
    Sample(
      LineSelection(axis: 1, count: 2, isSmallest: false), [tensor([1, 3], 2, 9, 5)],
      [[9, 5], [1, 2]]),
    Sample(
      Reduction(.sum, axes: [0], keepsDimensions: false), [tensor([2, 2], 1, 2, 3, 4)],
      [[4, 6]]),
    Sample(
      Reduction(.logSumExp, axes: [2, 0], keepsDimensions: true),
      [tensor([2, 2, 1], 0, log(2), log(3), 0)], [[log(4), log(3)]]),
    Sample(
      ResponseNormalization(axis: 1, size: 3, alpha: 3, beta: 1, bias: 1),
      [tensor([1, 2], 1, 2)], [[1 / 6.0, 1 / 3.0]]),
    Sample(
      RunningSum(axis: 1, isExclusive: true, isReversed: false), [tensor([1, 3], 1, 2, 3)],
      [[0, 1, 3]]),
    Sample(Softmax(axis: 1), [tensor([1, 2], 0, log(3))], [[0.25, 0.75]]),
    Sample(SpreadDivision(.l2, axes: [1]), [tensor([1, 2], 3, 4)], [[0.6, 0.8]]),
  ]

  static let sequences: [Sample] = [
    Sample(
      MatrixProduct(), [tensor([2, 2], 1, 2, 3, 4), tensor([2, 1], 5, 6)], [[17, 39]]),
    Sample(
      MatrixProduct(isTransposed: true, alpha: 0.5, beta: 2),
      [tensor([1, 2], 1, 2), tensor([2, 2], 3, 4, 5, 6), tensor([1, 1], 1)], [[7.5, 10.5]]),
    Sample(
      with(HeadAttention()) { $0.rule.scale = 1 },
      [tensor([1, 1, 1, 1], 1), tensor([1, 1, 2, 1], 0, log(3)), tensor([1, 1, 2, 1], 4, 8)],
      [[7]]),
    Sample(
      with(HeadAttention()) { $0.rule.isCausal = true },
      [tensor([1, 1, 2, 1], 0, 0), tensor([1, 1, 2, 1], 3, 5), tensor([1, 1, 2, 1], 4, 8)],
      [[4, 6]]),
    Sample(
      with(HeadAttention()) { ($0.rule.scale, $0.heads, $0.keyHeads) = (1, 2, 1) },
      [tensor([1, 1, 2], 0, 1), tensor([1, 2, 1], 0, log(3)), tensor([1, 2, 1], 4, 8)],
      [[6, 7]]),
    Sample(
      ShareCrossEntropy(), [tensor([1, 2], 0, log(3)), tensor([1, 2], 0.25, 0.75)],
      [[log(4) - 0.75 * log(3)], [0, 0]]),
    Sample(
      SquaredError(), [tensor([2, 1], 1, 5), tensor([2, 1], 2, 2)], [[5], [-1, 3]]),
    Sample(
      TokenCrossEntropy(), [tensor([1, 2], 0, log(3)), tensor([1], 1)],
      [[log(4) - log(3)], [0.25, -0.25]]),
    Sample(
      TokenCrossEntropy(ignored: 0),
      [tensor([2, 2], 5, 9, 0, log(3)), tensor([2], 0, 1)],
      [[log(4) - log(3)], [0, 0, 0.25, -0.25]]),
    Sample(
      RecurrentLayer(.plain(isRectified: true), .forward, isBatchFirst: false),
      [tensor([2, 1, 1], 1, 2), tensor([1, 1, 1], 3), tensor([1, 1, 1], 1)], [[3, 9], [9]]),
    Sample(
      with(RecurrentLayer(.gru(resetsAfterProduct: false), .forward, isBatchFirst: true)) {
        $0.hasState = true
      },
      [
        tensor([1, 1, 1], 1), tensor([1, 3, 1], 0, 0, 0), tensor([1, 3, 1], 0, 0, 1),
        tensor([1, 1, 1], 4),
      ], [[0.5 * tanh(2) + 2]]),
    Sample(
      with(RecurrentLayer(.lstm, .forward, isBatchFirst: false)) {
        ($0.hasBias, $0.hasState, $0.hasCell) = (true, true, true)
      },
      [
        tensor([1, 1, 1], 1), tensor([1, 4, 1], 0, 0, 0, 0), tensor([1, 4, 1], 0, 0, 0, 0),
        tensor([1, 8], 0, log(3), 0, 0, 0, 0, 0, 0), tensor([1, 1, 1], 9), tensor([1, 1, 1], 2),
      ], [[0.75 * tanh(1)], [0.75 * tanh(1)], [1]]),
    Sample(
      CachedAttention(
        with(HeadAttention()) { ($0.heads, $0.keyHeads) = (1, 1) }, capacity: 2,
        readsPositions: true),
      [
        tensor([1, 1, 1], 1), tensor([1, 1, 1], log(3)), tensor([1, 1, 1], 8), tensor([1], 1),
        ReferenceTensor([1, VectorUnit.lanes]) { _ in 0 }, tensor([1, 2], 4, 0),
      ], [[7]]),
    Sample(
      RotaryPositions(),
      [tensor([1, 1, 1, 2], 3, 4), tensor([1, 1, 1], 0), tensor([1, 1, 1], 1)], [[-4, 3]]),
  ]

  /// Steps of a half from 10, of 1 from 3, and of 2 from 1.
  private static let (half, one, two) = (
    Quantization(scale: 0.5, zeroPoint: 10), Quantization(scale: 1, zeroPoint: 3),
    Quantization(scale: 2, zeroPoint: 1)
  )

  /// Of numbers between two bytes the even one is the nearest.
  static let bytes: [Sample] = [
    Sample(
      LinearQuantization(half), [tensor([1, 4], 0.25, 0.75, -100, 200)], [[10, 12, 0, 255]]),
    Sample(LinearDequantization(half), [tensor([1, 3], 10, 12, 0)], [[0, 1, -5]]),
    Sample(
      ByteMapping(from: half, to: one, by: .relu), [tensor([1, 3], 4, 16, 13)], [[3, 6, 5]]),
    Sample(
      ByteAddition(half, one, total: QuantizedRange(two, least: 1)),
      [tensor([1, 3], 14, 10, 11), tensor([1, 3], 5, 0, 7)], [[3, 1, 3]]),
    Sample(
      ByteAveragePooling(
        .sliding(AveragePooling(window: 2, stride: 2)), input: half, output: one),
      [tensor([1, 2, 2, 1], 10, 18, 20, 10)], [[5]]),
    Sample(
      ByteAveragePooling(.parts(AdaptiveAveragePooling(side: 1)), input: half, output: two),
      [tensor([1, 2, 2, 1], 10, 26, 26, 10)], [[3]]),
    Sample(
      QuantizedConvolution(
        Convolution(filters: 2, window: 1, hasBias: true), input: half, scales: [0.25, 0.5],
        epilogue: .quantized(QuantizedRange(one))),
      [
        tensor([1, 1, 2, 2], 12, 10, 14, 13), tensor([2, 2, 1, 1], 0.5, -0.25, 1, 0.5),
        tensor([2], 0.25, -1),
      ], [[4, 3, 4, 5]]),
    Sample(
      QuantizedConvolution(
        Convolution(filters: 1, window: 3, paddings: 1), input: half, scales: [1],
        epilogue: .sums),
      [tensor([1, 1, 1, 1], 12), tensor([1, 1, 3, 3], 5, 5, 5, 5, 3, 5, 5, 5, 5)], [[6]]),
    Sample(
      QuantizedConvolution(
        Convolution(filters: 1, window: 1), input: one, scales: [1],
        epilogue: .added(QuantizedRange(two), residual: one, total: QuantizedRange(half))),
      [tensor([1, 1, 1, 1], 6), tensor([1, 1, 1, 1], 1), tensor([1, 1, 1, 1], 6)], [[24]]),
    Sample(
      QuantizedConvolution(
        Convolution(filters: 1, window: 1), input: one, scales: [1],
        epilogue: .joined(residual: one, total: QuantizedRange(half))),
      [tensor([1, 1, 1, 1], 6), tensor([1, 1, 1, 1], 1), tensor([1, 1, 1, 1], 6)], [[22]]),
    // The filter 1 + 2⁻⁹ lies in the middle of two bfloat16, of which 1 is even.
    Sample(
      BFloat16Convolution(Convolution(filters: 2, window: 1), output: .f32),
      [tensor([1, 1, 1, 2], 3, 0.5), tensor([2, 2, 1, 1], 1 + 0x1p-9, 2, -1, 4)], [[4, -1]]),
    Sample(
      QuantizedConvolution(
        Convolution.rows(outputs: 1, hasBias: false), input: half, scales: [0.25],
        epilogue: .real(least: 0)),
      [tensor([1, 2, 2], 12, 10, 6, 12), tensor([1, 2], 0.5, 0.25)], [[0.5, 0]]),
  ]

  static let all: [Sample] = [convolutions, pools, layouts, elements, rows, sequences, bytes]
    .flatMap { $0 }

  @Test(arguments: all)
  func givesWhatIsWorkedOutByHand(_ sample: Sample) {
    let results = sample.op.reference(sample.inputs)
    #expect(results.count >= sample.outputs.count)
    for (result, expected) in zip(results, sample.outputs) {
      #expect(result.values.count == expected.count)
      for (own, right) in zip(result.values, expected) {
        #expect(abs(own - right) <= 1e-12 * max(1, abs(right)), "\(result.values)")
      }
    }
    #expect(sample.op.reference(sample.inputs, on: ThreadPool(threads: 3)) == results)
  }

  /// Of the operators only those are left that a step of training alone has; `OperatorTests` holds
  /// them to finite differences and to their kernels.
  @Test func leavesNoOperatorOfInferenceOut() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Graphs/Operators").standardizedFileURL
    let files = try #require(
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var names = Set<String>()
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      names.formUnion(text.matches(of: /struct (\w+): \w*Operator/).map { String($0.1) })
    }
    let tried = Set(Self.all.map { "\(type(of: $0.op))" })
    let untried = names.subtracting(tried).filter { !$0.hasSuffix("Gradient") }
    #expect(
      untried == [
        "BiasSum", "ChannelSlice", "CrossEntropy", "DropoutMask", "ImageCropping",
        "MomentumDescent", "ParameterUpdate", "TrainedBatchNormalization",
        "TrainedRecurrentLayer",
      ])
    #expect(tried.count > 35)
  }

  /// Filters, channels, groups, strides and paddings: more filters than are done at a time, several
  /// groups, and each channel by itself.
  static let shapes: [(K: Int, C: Int, groups: Int, stride: PerAxis, padding: PerAxis)] = [
    (70, 3, 1, 1, 1), (70, 10, 5, PerAxis(2, 1), PerAxis(0, 2)), (6, 6, 6, 2, 1),
    (130, 2, 1, 3, 0), (8, 4, 4, 1, 2),
  ]

  @Test(arguments: shapes, [1, 3])
  func convolvesBlockByBlock(
    _ shape: (K: Int, C: Int, groups: Int, stride: PerAxis, padding: PerAxis), threads: Int
  ) throws {
    let (N, H, W, R, S) = (2, 7, 9, 3, 2)
    let op = Convolution(
      filters: shape.K, window: PerAxis(R, S), strides: shape.stride, paddings: shape.padding,
      groups: shape.groups)
    let (depth, width) = (shape.C / shape.groups, shape.K / shape.groups)
    let images = ReferenceTensor([N, H, W, shape.C]) { Double($0 * 7 % 23) / 8 - 1 }
    let filters = ReferenceTensor([shape.K, depth, R, S]) { Double($0 * 5 % 17) / 4 - 2 }
    let result = op.reference([images, filters], on: ThreadPool(threads: threads))[0]
    let (P, Q) = (result.shape.H, result.shape.W)
    #expect(P == (H + 2 * shape.padding.vertical - R) / shape.stride.vertical + 1)
    #expect(Q == (W + 2 * shape.padding.horizontal - S) / shape.stride.horizontal + 1)
    for index in 0..<result.shape.count {
      let (k, pixel) = (index % shape.K, index / shape.K)
      let (q, p, n) = (pixel % Q, pixel / Q % P, pixel / Q / P)
      var sum = 0.0
      for r in 0..<R {
        for s in 0..<S {
          let h = p * shape.stride.vertical + r - shape.padding.vertical
          let w = q * shape.stride.horizontal + s - shape.padding.horizontal
          guard (0..<H).contains(h), (0..<W).contains(w) else { continue }
          for c in 0..<depth {
            let channel = k / width * depth + c
            sum +=
              images.values[((n * H + h) * W + w) * shape.C + channel]
              * filters.values[((k * depth + c) * R + r) * S + s]
          }
        }
      }
      // Quarters and eighths: every sum is exact, in whatever order.
      if result.values[index] != sum {
        Issue.record("\(index): \(result.values[index]) and not \(sum)")
        return
      }
    }
  }
}
