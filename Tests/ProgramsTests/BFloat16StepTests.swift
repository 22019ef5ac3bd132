import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing
import Workloads

/// Training steps in bfloat16: what units compute, and what learning makes of it.
@Suite struct BFloat16StepTests {
  private static func resNet() throws -> Network { try Network.named("resnet20", classes: 10) }

  /// One operator of a step on bfloat16, beside its reference.
  struct Sample: Sendable, CustomTestStringConvertible {
    var op: any Operator
    /// Lengths of what it reads; the first is a batch of three.
    var inputs: [[Int]]
    /// Which of them are bfloat16; the others are float32.
    var rounded: Set<Int>
    /// Between what an input's numbers are drawn, where that is not −2 and 2.
    var ranges: [Int: ClosedRange<Float>] = [:]

    var testDescription: String { "\(op)" }
  }

  private static let image = [3, 6, 6, 5]

  /// The gradients of an operator, as a training pass appends them.
  private static func gradients(
    of op: any Operator, image: [Int] = BFloat16StepTests.image, parameters: [Parameter] = []
  ) throws -> [any Operator] {
    var builder = GraphBuilder()
    let type = TensorType(.f32, [.batch] + image.dropFirst().map { .fixed($0) })
    let images = builder.input("images", type)
    let stem = builder.parameter(
      Parameter(name: "stem", shape: [image[3], image[3], 1, 1], role: .filters))
    let values = try builder.append(
      "stem", Convolution(filters: image[3], window: 1), [images, stem])
    let made = try builder.append(
      "op", op, values + parameters.map { builder.parameter($0) })[0]
    let logits = try builder.linear("fc", made, outputs: 3)
    builder.output("logits", logits)
    let graph = try builder.graph().preparedForTraining(seed: 1).withCrossEntropy()
      .differentiated()
    return graph.nodes.filter { $0.name == "op" }.map(\.op)
  }

  static var samples: [Sample] {
    get throws {
      var samples: [Sample] = []
      let channels = [[5], [5], [5], [5]]
      for (adds, rectifies) in [(false, false), (false, true), (true, false), (true, true)] {
        let trained = BatchNormalization(epsilon: 0.1).trainingForm(seed: 1)
        var norm = try #require(trained as? TrainedBatchNormalization)
        norm.epilogue = Epilogue(addsResidual: adds, activation: rectifies ? .relu : nil)
        samples.append(
          Sample(
            op: norm, inputs: [image] + channels + (adds ? [image] : []),
            rounded: adds ? [0, 5] : [0], ranges: [4: 0.5...1]))
      }
      for op in try gradients(of: BatchNormalization(epsilon: 0.1), parameters: norm)
      where op is BatchNormalizationGradient {
        samples.append(
          Sample(op: op, inputs: [image, image, [5], [5], [2, 5]], rounded: [0, 1]))
      }
      for op in try gradients(of: MaxPooling(window: 3, stride: 2, padding: 1))
      where op is MaxPooling {
        samples.append(Sample(op: op, inputs: [image], rounded: [0]))
      }
      let means: [(any Operator, [Int])] = [
        (AveragePooling(window: 3, stride: 2, padding: 1), [3, 3, 3, 5]),
        (AdaptiveAveragePooling(side: 4), [3, 4, 4, 5]),
      ]
      for (pool, output) in means {
        for var op in try gradients(of: pool) {
          switch op {
          case var gradient as AveragePoolingGradient:
            gradient.image.element = .bf16
            op = gradient
          case var gradient as AdaptiveAveragePoolingGradient:
            gradient.image.element = .bf16
            op = gradient
          default: continue
          }
          samples.append(Sample(op: op, inputs: [output], rounded: [0]))
        }
      }
      for function in [PointwiseFunction.gelu, .geluByTanh] {
        for op in try gradients(of: Pointwise(function)) {
          let count = op is Pointwise ? 1 : 2
          samples.append(
            Sample(
              op: op, inputs: [[Int]](repeating: image, count: count),
              rounded: Set(0..<count)))
        }
      }
      for op in try gradients(of: ReLU()) where !(op is ReLU) {
        samples.append(Sample(op: op, inputs: [image, image], rounded: [0, 1]))
      }
      // Windows of one pixel, whose filters lie in one order everywhere; bfloat16 and float32.
      let filters = Parameter(name: "filters", shape: [7, 5, 1, 1], role: .filters)
      for stride in [1, 2] {
        let layer = Convolution(filters: 7, window: 1, strides: PerAxis(stride))
        let output = [3, 6 / stride, 6 / stride, 7]
        for op in try gradients(of: layer, parameters: [filters]) {
          switch op {
          case var gradient as ImageGradient:
            samples.append(
              Sample(
                op: BFloat16ImageGradient(gradient, output: .f32),
                inputs: [output, [7, 5, 1, 1]], rounded: [0]))
            gradient.accumulates = true
            samples.append(
              Sample(
                op: BFloat16ImageGradient(gradient, output: .bf16),
                inputs: [output, [7, 5, 1, 1], image], rounded: [0, 2]))
          case let gradient as FilterGradient:
            samples.append(
              Sample(
                op: BFloat16FilterGradient(gradient), inputs: [image, output], rounded: [0, 1]))
          default: continue
          }
        }
      }
      return samples
    }
  }

  private static let norm = [
    Parameter(name: "scale", shape: [5], role: .normScale),
    Parameter(name: "shift", shape: [5], role: .normShift),
    Parameter(name: "mean", shape: [5], role: .runningMean),
    Parameter(name: "variance", shape: [5], role: .runningVariance),
  ]

  private struct NoWeights: WeightSource {
    func read(
      _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
    ) throws(Problem) {}
  }

  /// Floats that an input reads.
  private final class Memory {
    let buffer: AlignedBuffer

    init(_ values: [Float]) {
      buffer = AlignedBuffer(count: values.count)
      for (index, value) in values.enumerated() { buffer.pointer[index] = value }
    }
  }

  /// Every operator's kernel on bfloat16 gives what its reference does, but for roundings.
  @Test(arguments: [1, 2])
  func computesWhatItsReferencesDo(threads: Int) throws {
    let samples = try Self.samples
    #expect(samples.count >= 18)
    for sample in samples { try compare(sample, threads: threads) }
  }

  private func compare(_ sample: Sample, threads: Int) throws {
    var builder = GraphBuilder()
    var random = SeededRandom(seed: 21)
    var (read, memory) = ([Graph.Value](), [Memory]())
    var given: [String: ReferenceTensor] = [:]
    for (index, lengths) in sample.inputs.enumerated() {
      let isBatch = lengths.count == 4 && lengths[0] == 3
      let dimensions = lengths.enumerated().map { place, length in
        isBatch && place == 0 ? Dimension.batch : .fixed(length)
      }
      let value = builder.input("v\(index)", TensorType(.f32, dimensions))
      let isRounded = sample.rounded.contains(index)
      read.append(
        isRounded
          ? try builder.append("cast\(index)", ElementCast(to: .bf16), [value])[0] : value)
      let shape = try #require(Shape(lengths))
      let values = random.floats(shape.count, in: sample.ranges[index] ?? -2...2)
      memory.append(Memory(values))
      given["v\(index)"] = ReferenceTensor(shape, values.map(Double.init))
    }
    for (index, value) in try builder.append("op", sample.op, read).enumerated() {
      let isFloat = builder[value].type.element == .f32
      builder.output(
        "y\(index)",
        try isFloat
          ? value : builder.append("float\(index)", ElementCast(to: .f32), [value])[0])
    }
    let graph = try builder.graph()
    let program = try Program(
      graph, parameters: .frozen(NoWeights()), batch: 3, pool: ThreadPool(threads: threads)
    ) { _, _, _ in .direct }
    for (index, port) in graph.inputs.enumerated() {
      program.bind(index, to: memory[Int(port.name.dropFirst()) ?? 0].buffer.bytes)
    }
    withExtendedLifetime(memory) { program.run() }
    let expected = try graph.evaluate(on: .alone, keepsTypes: true) {
      (name: String, _: Parameter?) throws(Problem) -> ReferenceTensor? in given[name]
    }
    for (index, port) in graph.outputs.enumerated() {
      let right = try #require(expected[port.name]).values
      let found = program.numbers(index).map(Double.init)
      let most = right.map(abs).max() ?? 0
      let wrong = zip(found, right).filter { a, b in
        !(abs(a - b) <= 0x1p-7 * abs(b) + 2e-5 * most)
      }
      #expect(
        found.count == right.count && wrong.isEmpty && most > 0,
        "\(sample.op) \(port.name): \(wrong.prefix(3))")
    }
  }

  static let networks: [Network] = [
    Network(
      name: "plain", classes: 5, channels: 2, minimumInputSize: 8, maximumInputSize: 10,
      usualInputSize: 10
    ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      // Biases, ReLU in the layers, an odd number of filters, pools, dropout, a layer in groups.
      var value = try builder.convolution(
        "a", images, filters: 17, window: 3, paddings: 1, hasBias: true)
      value = try builder.maxPool(
        "pool", builder.relu("relu1", value), window: 3, stride: 2, padding: 1)
      value = try builder.convolution(
        "b", value, filters: 16, window: PerAxis(1, 3), hasBias: true)
      value = try builder.convolution("c", value, filters: 16, window: 3, paddings: 1, groups: 2)
      value = try builder.relu("relu2", value)
      let left = try builder.convolution("d", value, filters: 8, window: 1, strides: 2)
      let right = try builder.averagePool("means", value, window: 1, stride: 2)
      value = try builder.concatenation("both", [left, right])
      value = try builder.dropout("dropout", value, probability: 0.25)
      value = try builder.linear("e", value, outputs: 24)
      value = try builder.relu("relu3", value)
      return [Graph.Port("logits", try builder.linear("f", value, outputs: 5))]
    },
    InceptionV3.network(classes: 10, narrowing: 16),
  ]

  /// Whole steps unit by unit beside plain loops on the same numbers.
  @Test(arguments: ["resnet20", "resnet50"], [1, 2])
  func everyUnitOfAStepIsRight(name: String, threads: Int) throws {
    let result = try SelfCheck.stepOnBFloat16(
      Network.named(name, classes: 10), pool: ThreadPool(threads: threads))
    #expect(result.passed && result.error > 0, "\(result)")
  }

  @Test(arguments: networks + SequenceTrainingTests.networks)
  func everyUnitOfOtherStepsIsRight(network: Network) throws {
    let result = try SelfCheck.stepOnBFloat16(network, pool: ThreadPool(threads: 2))
    #expect(result.passed, "\(network.name): \(result)")
  }

  /// What a check of units is for: a unit that gives something else is found.
  @Test func findsAUnitThatIsWrong() throws {
    let network = try Self.resNet()
    let (own, other) = (try rig(network, .bf16, batch: 2), try rig(network, .bf16, batch: 2))
    func distance(_ labels: [Int32], _ others: [Int32]) -> Double {
      labels.withUnsafeBufferPointer { labels -> Double in
        others.withUnsafeBufferPointer { others -> Double in
          own.images.withUnsafeBufferPointer { images -> Double in
            guard let labels = labels.baseAddress, let others = others.baseAddress,
              let images = images.baseAddress
            else { return .nan }
            own.step.bind(labels: labels)
            other.step.bind(labels: others)
            return LockstepCheck.distance(
              of: own.step, beside: other.step, images: images, optimizer: SGD(learningRate: 0.1))
          }
        }
      }
    }
    #expect(distance([1, 2], [1, 2]) == 0)
    #expect(distance([1, 2], [2, 1]) > LockstepCheck.bound)
    // Programs of other graphs have no units in common.
    let float = try rig(network, .f32, batch: 2)
    let error = own.images.withUnsafeBufferPointer { images -> Double in
      guard let images = images.baseAddress else { return .nan }
      return LockstepCheck.distance(
        of: own.step, beside: float.step, images: images, optimizer: SGD(learningRate: 0.1))
    }
    #expect(error == .infinity)
  }

  private struct Rig {
    var step: TrainingStep
    var images: [Float]
    var labels: [Int32]
  }

  private func rig(
    _ network: Network, _ precision: TrainingPrecision, batch: Int = 8, threads: Int = 2
  ) throws -> Rig {
    let step = try TrainingStep(
      network, state: try TrainingState(network, weights: SeededWeights(for: network, seed: 1)),
      batch: batch, inputSize: network.usualInputSize, precision: precision,
      pool: ThreadPool(threads: threads)
    ) { _, shape, _ in shape.isPlain ? .direct : .reference }
    var images = [Float](repeating: 0, count: step.program.imageShape.count)
    images.withUnsafeMutableBufferPointer {
      SeededImages.fill(step.program.imageShape, seed: 2, into: $0)
    }
    let labels = (0..<batch).map { Int32((7 * $0 + 3) % network.classes) }
    return Rig(step: step, images: images, labels: labels)
  }

  /// Losses of steps on the same images.
  private func losses(_ rig: Rig, _ steps: Int, rate: Float) -> [Double] {
    (0..<steps).map { _ in
      rig.step.run(
        rig.images, labels: rig.labels, optimizer: SGD(learningRate: rate, momentum: 0.9))
    }
  }

  @Test func losesAsMuchAsInFloat32AndRepeatsItsBits() throws {
    let network = try Self.resNet()
    let (rounded, again) = (try rig(network, .bf16), try rig(network, .bf16))
    let float = try rig(network, .f32)
    let (own, others) = (
      losses(rounded, 30, rate: 0.01), losses(float, 30, rate: 0.01)
    )
    #expect(losses(again, 30, rate: 0.01) == own)
    #expect(Array(again.step.state.elements) == Array(rounded.step.state.elements))
    // The first loss is that of the same weights.
    #expect(abs(own[0] - others[0]) <= PeerTolerance.bf16(layers: 22) * others[0])
    #expect(own[0] != others[0])
    let (fall, expected) = (own[0] - own[29], others[0] - others[29])
    #expect(expected > 0.2 && abs(fall - expected) < 0.3 * expected, "\(own) \(others)")
  }

  @Test func sequencesAreLearnedAsInFloat32() throws {
    for network in SequenceTrainingTests.networks.prefix(3) {
      func losses(_ precision: TrainingPrecision) throws -> [Double] {
        let step = try SequenceStep(
          network, weights: SeededWeights(for: network, seed: 3), batch: 2, tokens: 6,
          optimizer: Optimizer(.adamw, learningRate: 0.02), precision: precision,
          pool: ThreadPool(threads: 2)
        ) { _, _, _ in .direct }
        step.fill(seed: 3)
        return (0...150).map { _ in step.run() }
      }
      let (own, float) = (try losses(.bf16), try losses(.f32))
      #expect(own[150] < 0.8 * own[0], "\(network.name)")
      #expect(abs(own[0] - float[0]) < 0.05 * float[0], "\(network.name)")
    }
  }

  /// A step takes less than two thirds of the memory; small inputs are mostly weights.
  @Test(arguments: [("resnet50", 16), ("resnet20", 128)])
  func takesLessMemory(name: String, batch: Int) throws {
    let network = try Network.named(name)
    func bytes(_ precision: TrainingPrecision) -> Double {
      Double(
        MemoryEstimate.training(
          network, batch: batch, inputSize: network.usualInputSize, precision: precision,
          threads: 1
        ).bytes - 16 << 20)
    }
    let ratio = bytes(.bf16) / bytes(.f32)
    #expect(ratio <= 0.65, "\(ratio)")
  }
}
