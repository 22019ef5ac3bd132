import Basics
import Formats
import Foundation
import Models
import TestSupport
import Testing

/// Weight files and commands on a network with a head that only training has.
@Suite struct AuxiliaryHeadCommandTests {
  private typealias Tensors = [(name: String, shape: [Int])]

  private let network = InceptionV3.network(classes: 10)
  /// What inference reads.
  private var plain: Tensors { network.parameters.map { ($0.name, $0.shape) } }
  /// What only training reads.
  private var head: Tensors {
    network.trainingParameters.filter { $0.name.hasPrefix("AuxLogits.") }
      .map { ($0.name, $0.shape) }
  }

  private func file(_ tensors: Tensors, _ files: ArrayFiles) throws -> WeightFile {
    try WeightFile(path: files.weights(tensors), network: InceptionV3.name)
  }

  private func values(_ name: String, of source: some WeightSource) throws -> [Float] {
    try source.values(try #require(network.trainingParameters.first { $0.name == name }))
  }

  @Test func readsTheHeadWhereItIsThere() throws {
    let files = try ArrayFiles()
    let filters = "AuxLogits.conv0.conv.weight"
    // The file is of zeros, which fresh filters are not.
    let whole = try file(plain + head, files)
    #expect(!whole.lacksAuxiliary && whole.network.classes == 10)
    #expect(try values(filters, of: whole).allSatisfy { $0 == 0 })
    let counted = plain + [(name: "AuxLogits.conv0.bn.num_batches_tracked", shape: [1])]
    for tensors in [plain, counted] {
      let lacking = try file(tensors, files)
      #expect(lacking.lacksAuxiliary)
      let fresh = try values(filters, of: FreshWeights(for: network, seed: 1))
      let own = try values(filters, of: lacking)
      #expect(own == fresh && fresh.contains { $0 != 0 })
    }
    let prefixed = (plain + head).map { (name: "module.\($0.name)", shape: $0.shape) }
    let module = try file(prefixed, files)
    #expect(module.prefix == "module." && !module.lacksAuxiliary)
    #expect(try values(filters, of: module).allSatisfy { $0 == 0 })
  }

  /// `--seed` is heard, and the sentence names it.
  @Test func drawsTheHeadThatIsNotThereFromTheSeed() throws {
    let files = try ArrayFiles()
    let path = try files.weights(plain)
    let filters = "AuxLogits.conv0.conv.weight"
    let own = try values(
      filters, of: WeightFile(path: path, network: InceptionV3.name, freshSeed: 7))
    #expect(try own == values(filters, of: FreshWeights(for: network, seed: 7)))
    #expect(try own != values(filters, of: FreshWeights(for: network, seed: 1)))
    let run = try CommandProcess([
      "train", "--network", InceptionV3.name, "--weights", path, "--seed", "7", "--input",
      files.images([2, 3, 75, 75], of: 0.5), "--labels", files.labels([1, 2]),
    ])
    PredictTests.expectRefusal(run, 1, "begins with fresh weights of seed 7", files)
  }

  /// Inference takes such files; training says what is wrong.
  @Test func refusesHalfAHead() throws {
    let files = try ArrayFiles()
    let some = try file(plain + head.dropLast(), files)
    let lacking = #expect(throws: Problem.self) {
      try values("AuxLogits.fc.bias", of: some)
    }
    #expect(
      lacking?.description.contains("lacks tensor AuxLogits.fc.bias") == true, "\(lacking as Any)")
    let other = head.map { (name: $0.name, shape: $0.shape == [10] ? [1000] : $0.shape) }
    let classes = try file(plain + other, files)
    let wrong = #expect(throws: Problem.self) {
      try values("AuxLogits.fc.bias", of: classes)
    }
    #expect(wrong?.description.contains("has shape [1000]") == true, "\(wrong as Any)")
    #expect(try values("fc.bias", of: classes).count == 10)
  }

  @Test func refusesStepsThatTheHeadCannotTake() throws {
    let files = try ArrayFiles()
    let step = ["train", "--network", InceptionV3.name, "--quick", "--no-save"]
    for (more, word) in [
      (["--input-size", "128", "--batch-size", "2"], "299 pixels"), ([], "2 or more images a step"),
    ] {
      let run = try CommandProcess(step + more)
      #expect(run.status == 64 && run.errors.contains(word), "\(run.errors)")
    }
    let images = try files.images([2, 3, 75, 75], of: 0.5)
    let small = try CommandProcess([
      "train", "--network", InceptionV3.name, "--input", images, "--labels", files.labels([1, 2]),
    ])
    PredictTests.expectRefusal(small, 1, "299 pixels", files)
    let releases = try CommandProcess([
      "peers", "--train", "--versions", "--network", InceptionV3.name,
    ])
    #expect(releases.status == 64 && releases.errors.contains("dropout"), "\(releases.errors)")
  }

  /// Nothing is computed first: there is not even an output to compare with.
  @Test func refusesLossesThatCannotBeComparedAtOnce() throws {
    let files = try ArrayFiles()
    _ = try files.weights(plain, named: "weights.safetensors")
    _ = try files.images([2, 3, 75, 75], of: 0.5, named: "input.npy")
    _ = try files.images([1], of: 2, named: "losses.npy")
    let run = try CommandProcess([
      "verify", "--network", InceptionV3.name, "--reference", files.directory.root, "--threads",
      "1",
    ])
    PredictTests.expectRefusal(run, 1, "draws other masks", files)
  }
}
