import Basics
import Formats
import Graphs
import Models
import Testing

/// Sizes of the networks against the published ones.
@Suite struct NetworkTests {
  /// Multiply-accumulates at the usual size and trainable parameters, both with 1000 classes:
  /// torchvision's metadata for the parameters; convolutions and fully connected layers counted from
  /// the layer tables.
  static let sizes: [(name: String, macs: Int, parameters: Int)] = [
    ("alexnet", 714_188_480, 61_100_840),
    ("resnet18", 1_814_073_344, 11_689_512),
    ("resnet34", 3_663_761_408, 21_797_672),
    ("resnet50", 4_089_184_256, 25_557_032),
    ("resnet101", 7_801_405_440, 44_549_160),
    ("resnet152", 11_513_626_624, 60_192_808),
  ]

  @Test(arguments: sizes)
  func hasThePublishedSize(name: String, macs: Int, parameters: Int) throws {
    let network = try Network.named(name)
    let size = network.usualInputSize
    #expect(network.macs(batch: 1, inputSize: size).count == macs)
    #expect(network.macs(batch: 3, inputSize: size).count == 3 * macs)
    #expect(network.parameterCount == parameters)
  }

  /// The same at the size that each was made for, counted by PyTorch; Inception without the 3 326 696
  /// parameters of its auxiliary classifier.
  static let usualSizes: [(name: String, macs: Int, parameters: Int)] = [
    ("inception_v3", 5_713_216_096, 27_161_264 - 3_326_696),
    ("alphago-zero-20", 8_105_976_564, 22_827_877),
    ("alphago-zero-40", 16_623_035_124, 46_441_317),
    ("alphazero-chess", 1_500_545_280, 23_483_212),
  ]

  @Test(arguments: usualSizes)
  func hasTheCountedSize(name: String, macs: Int, parameters: Int) throws {
    let network = try Network.named(name)
    #expect(network.macs(batch: 1, inputSize: network.usualInputSize).count == macs)
    #expect(network.macs(batch: 2, inputSize: network.usualInputSize).count == 2 * macs)
    #expect(network.parameterCount == parameters)
  }

  @Test func inceptionHasItsConvolutionsUnderTorchvisionsNames() throws {
    let network = try Network.named("inception_v3")
    let convolutions = network.convolutions(batch: 1, inputSize: 299)
    #expect(convolutions.count == 43)
    #expect(convolutions.reduce(0) { $0 + $1.layers.count } == 94)
    let layers = Dictionary(
      uniqueKeysWithValues: network.filterLayers(batch: 1, inputSize: 299).map {
        ($0.name, $0.shape.description)
      })
    #expect(layers["Mixed_6b.branch7x7_2.conv"] == "n1c128h17w17k128r1s7u1p0x3")
    #expect(layers["Mixed_6e.branch7x7dbl_4.conv"] == "n1c192h17w17k192r7s1u1p3x0")
    #expect(layers["Mixed_7c.branch3x3dbl_3b.conv"] == "n1c384h8w8k384r3s1u1p1x0")
    #expect(layers["fc"] == "n1c2048h1w1k1000r1s1u1p0")
    let graph = network.graph(inputSize: 299)
    let norms = graph.nodes.compactMap { $0.op as? BatchNormalization }
    #expect(norms.count == 94 && norms.allSatisfy { $0.epsilon == 0.001 })
    let names = Set(network.parameters.map(\.name))
    #expect(names.contains("Mixed_5b.branch_pool.bn.running_var"))
    #expect(!names.contains { $0.hasPrefix("AuxLogits") })
  }

  @Test func towersJudgePositions() throws {
    for (name, moves) in [("alphago-zero-20", 362), ("alphazero-chess", 73 * 64)] {
      let network = try Network.named(name)
      #expect(network.item == .position && network.classes == moves)
      #expect(!network.takesClasses && !network.readsLabels)
      #expect(network.outputs.map(\.name) == ["policy", "value"])
      #expect(network.outputs.map(\.width) == [moves, 1])
      #expect(throws: Never.self) { try Network.named(name, classes: moves) }
      let classes = #expect(throws: Problem.self) { try Network.named(name, classes: 10) }
      #expect(classes?.description.contains("\(moves) numbers") == true)
      let side = #expect(throws: Problem.self) { try network.refuse(inputSize: 20) }
      #expect(side?.description.contains("plays on a board") == true)
      #expect(throws: Never.self) { try network.refuseTraining() }
      let labels = #expect(throws: Problem.self) { try network.refuseLabels() }
      #expect(labels?.description.contains("learns from positions") == true)
      #expect(network.shallow?().parameters.count ?? 0 < network.parameters.count)
      #expect(network.checkInputSize == network.usualInputSize)
    }
    let names = Set(try Network.named("alphago-zero-40").parameters.map(\.name))
    for name in [
      "stem.conv.weight", "blocks.38.bn2.running_mean", "policy.fc.bias", "value.fc2.bias",
    ] {
      #expect(names.contains(name))
    }
    #expect(!names.contains("blocks.39.conv1.weight"))
    let chess = try Network.named("alphazero-chess").parameters.map(\.name)
    #expect(chess.contains("policy.conv2.bias") && !chess.contains("policy.fc.weight"))
  }

  @Test func listsEveryDistinctConvolutionWithItsLayers() throws {
    let network = try Network.named("resnet50")
    let convolutions = network.convolutions(batch: 1, inputSize: 224)
    #expect(convolutions.count == 23)
    #expect(convolutions.reduce(0) { $0 + $1.layers.count } == 53)
    let second = try #require(convolutions.first { $0.layers.contains("layer2.1.conv2") })
    #expect(second.shape.description == "n1c128h28w28k128r3s3u1p1")
    #expect(second.layers == ["layer2.1.conv2", "layer2.2.conv2", "layer2.3.conv2"])
  }

  @Test func stridesInTheThreeByThree() throws {
    let network = try Network.named("resnet50")
    let layers = network.filterLayers(batch: 1, inputSize: 224)
    let strided = layers.filter { $0.shape.stride == 2 }.map(\.name)
    let blocks = ["layer2.0", "layer3.0", "layer4.0"]
    #expect(strided == ["conv1"] + blocks.flatMap { ["\($0).downsample.0", "\($0).conv2"] })
  }

  @Test func takesTheSmallestImages() throws {
    for name in Network.names {
      let usual = try Network.named(name)
      guard usual.item != .sequence else { continue }
      let network = usual.takesClasses ? try Network.named(name, classes: 7) : usual
      let graph = network.graph(inputSize: network.minimumInputSize)
      let shapes = try graph.shapes(["batch": 2])
      #expect(shapes[graph.outputs[0].value.index].description == "2x\(network.classes)")
    }
  }

  @Test func aSecondHeadIsNoLogits() throws {
    let two = Network(name: "two", classes: 5, minimumInputSize: 8, usualInputSize: 8) {
      (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      [
        Graph.Port("logits", try builder.linear("first", images, outputs: 5)),
        Graph.Port("value", try builder.linear("second", images, outputs: 1)),
      ]
    }
    #expect(two.outputs.map(\.name) == ["logits", "value"])
    #expect(two.outputs.map(\.width) == [5, 1])
    #expect(two.logitParameters == ["first.weight", "first.bias"])
    let error = #expect(throws: Problem.self) { try two.requireOneHead() }
    #expect(error?.description.contains("two has 2 outputs, logits and value") == true)
    let one = try Network.named("alexnet-small")
    try one.requireOneHead()
    #expect(one.logitParameters == ["classifier.6.weight", "classifier.6.bias"])
  }

  @Test func smallNetworksTakeGreyImages() throws {
    for name in ["resnet18", "resnet20", "alexnet", "alexnet-small"] {
      let network = try Network.named(name)
      #expect(network.isSmall == (network.usualInputSize == 28), "\(name)")
    }
  }

  @Test func namesItsParametersAsTorchvisionDoes() throws {
    let names = Set(try Network.named("resnet18").parameters.map(\.name))
    #expect(names.count == 102)
    for name in ["conv1.weight", "layer1.0.bn1.running_mean", "layer2.0.downsample.0.weight"] {
      #expect(names.contains(name))
    }
    let last = try Network.named("alexnet", classes: 10).parameters.suffix(2)
    #expect(last.map(\.name) == ["classifier.6.weight", "classifier.6.bias"])
    #expect(last.map(\.shape) == [[10, 4096], [10]])
  }

  @Test func refusesAnUnknownName() {
    let error = #expect(throws: Problem.self) { try Network.named("resnet51") }
    #expect(error?.kind == .absent)
    #expect(error?.description.contains("resnet50") == true)
  }
}
