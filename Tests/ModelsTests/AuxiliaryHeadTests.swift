import Basics
import Graphs
import Models
import Testing

/// The auxiliary classifier of Inception v3: its size and names, and what training refuses for its sake.
@Suite struct AuxiliaryHeadTests {
  private let network = InceptionV3.network(classes: 1000)

  /// A 1x1 from 768 channels to 128 on 5 x 5 pixels, a 5x5 from these to 768 on the one pixel that is
  /// left, and a fully connected layer; the sums are PyTorch's counts.
  @Test func hasTheCountedSize() {
    let (first, second, last) = (768 * 128, 128 * 768 * 25, 768 * 1000)
    let parameters = first + second + last + 2 * 128 + 2 * 768 + 1000
    #expect(parameters == 3_326_696)
    #expect(network.parameterCount == 23_834_568)
    let trained = network.trainingParameters.filter(\.isTrainable).reduce(0) { $0 + $1.count }
    #expect(trained == 27_161_264 && trained == network.parameterCount + parameters)
    let macs = network.macs(batch: 1, inputSize: 299).count
    #expect(macs == 5_713_216_096)
    let withHead = network.trainedGraph(inputSize: 299).macs(batch: 1).count
    #expect(withHead == 5_718_899_296 && withHead == macs + 25 * first + second + last)
    // No derivative by the images: the first layer, 32 filters of 3x3x3 on 149 x 149 pixels.
    let step = network.trainingGraph(inputSize: 299).macs(batch: 2).count
    #expect(step == 2 * (3 * withHead - 149 * 149 * 27 * 32))
  }

  @Test func namesItsParametersAsTorchvisionDoes() throws {
    let all = network.trainingParameters
    let own = all.filter { $0.name.hasPrefix("AuxLogits.") }
    let norms = ["weight", "bias", "running_mean", "running_var"]
    let layers = ["conv0", "conv1"].flatMap { layer in
      ["\(layer).conv.weight"] + norms.map { "\(layer).bn.\($0)" }
    }
    #expect(own.map(\.name) == (layers + ["fc.weight", "fc.bias"]).map { "AuxLogits.\($0)" })
    func shape(_ name: String) -> [Int]? { own.first { $0.name == "AuxLogits.\(name)" }?.shape }
    #expect(shape("conv0.conv.weight") == [128, 768, 1, 1])
    #expect(shape("conv1.conv.weight") == [768, 128, 5, 5])
    #expect(shape("fc.weight") == [1000, 768] && shape("fc.bias") == [1000])
    let first = try #require(all.firstIndex { $0.name.hasPrefix("AuxLogits.") })
    #expect(all[first - 1].name.hasPrefix("Mixed_6e."))
    #expect(all[first + own.count].name.hasPrefix("Mixed_7a."))
    let norm = network.trainedGraph(inputSize: 299).nodes.compactMap {
      $0.op as? BatchNormalization
    }
    #expect(norm.count == 96 && norm.allSatisfy { $0.epsilon == 0.001 })
  }

  @Test func isNoPartOfInference() throws {
    #expect(network.outputs.map(\.name) == ["logits"])
    #expect(network.ignoredPrefixes == ["AuxLogits."])
    #expect(!network.parameters.contains { $0.name.hasPrefix("AuxLogits") })
    let graph = network.inferenceGraph(inputSize: 299)
    #expect(!graph.nodes.contains { $0.name.hasPrefix("AuxLogits") })
    #expect(network.minimumInputSize == 75 && network.minimumTrainingSize == 299)
    // What has no such head trains as it infers.
    for name in ["resnet18", "alphazero-chess", "gpt2-bytes"] {
      let network = try Network.named(name)
      #expect(network.trainingParameters == network.parameters && network.ignoredPrefixes == [])
      #expect(network.minimumTrainingSize == network.minimumInputSize && network.checkBatch == 2)
    }
  }

  /// As torchvision does: 17 pixels of what it reads, and more than one number for each batch-norm.
  @Test func refusesWhatItCannotLearnFrom() throws {
    let small = #expect(throws: Problem.self) {
      try network.refuseTraining(batch: 2, inputSize: 298)
    }
    #expect(small?.kind == .usage && small?.description.contains("299 pixels") == true)
    #expect(small?.description.contains("'predict' and 'infer' take those of 75") == true)
    let one = #expect(throws: Problem.self) {
      try network.refuseTraining(batch: 1, inputSize: 299)
    }
    let words = "2 or more images a step, on each rank,"
    #expect(one?.kind == .usage && one?.description.contains(words) == true)
    #expect(!network.canTrain(batch: 2, inputSize: 298))
    try network.refuseTraining(batch: 2, inputSize: 299)
    // 20 pixels of what it reads leave 6, and those 2.
    try network.refuseTraining(batch: 1, inputSize: 347)
    // A step that is timed learns nothing; one on given images does what PyTorch would do.
    let other = try Network.named("resnet50")
    try other.refuseTraining(batch: 1, inputSize: 32)
    try other.refuseTraining(batch: 2, inputSize: 32, heedsEveryNorm: true)
    let single = #expect(throws: Problem.self) {
      try other.refuseTraining(batch: 1, inputSize: 32, heedsEveryNorm: true)
    }
    #expect(single?.description.contains("batch-norm of resnet50 a single pixel") == true)
  }

  /// Both layers of logits begin small, as last layers do.
  @Test func beginsAsOtherLayersDo() throws {
    let weights = FreshWeights(for: network, seed: 1)
    for (name, bound) in [
      ("AuxLogits.conv0.conv.weight", 6 / Float(768)), ("AuxLogits.fc.weight", 1 / Float(768)),
      ("fc.weight", 1 / Float(2048)),
    ] {
      let parameter = try #require(network.trainingParameters.first { $0.name == name })
      let found = try weights.values(parameter).reduce(0) { max($0, abs($1)) }
      let most = bound.squareRoot()
      #expect(found <= most && found > 0.95 * most, "\(found) of \(most) in \(name)")
    }
  }
}
