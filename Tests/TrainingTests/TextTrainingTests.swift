import Basics
import Foundation
import Kernels
import Models
import TestSupport
import Testing
import Training

/// Training on a text that stops and goes on, by both kinds of networks.
@Suite struct TextTrainingTests {
  static let networks: [Network] = [
    GPT2(name: "gpt", layers: 1, width: 16, heads: 2, vocabulary: 256, positions: 16).network,
    ByteLSTM(name: "lstm", layers: 2, width: 13).network,
  ]

  /// Words in an order that is drawn.
  static func text(seed: UInt64 = 1) -> ByteText {
    var random = SeededRandom(seed: seed)
    let words = ["let ", "var ", "return ", "self.", "value\n", "if "].map { Array($0.utf8) }
    var bytes: [UInt8] = []
    while bytes.count < 50_000 { bytes += words[Int.random(in: 0..<words.count, using: &random)] }
    return ByteText(Array(bytes.prefix(50_000)))
  }

  static func training(
    _ network: Network, _ text: ByteText = text(), epochs: Int = 2
  ) throws -> TextTraining {
    try TextTraining(
      network, text: text,
      recipe: TextRecipe(batch: 16, tokens: 16, epochs: epochs, peakRate: 0.01, seed: 3),
      pool: ThreadPool(threads: 2)
    ) { _, _ in .direct }
  }

  static func run(_ training: TextTraining, epochs: Int) throws {
    for _ in 0..<epochs {
      training.history.append(try #require(try training.runEpoch { false }))
    }
  }

  @Test(arguments: networks)
  func learnsAndGoesOnFromACheckpointAsIfItHadNeverStopped(network: Network) throws {
    let directory = try TemporaryDirectory()
    let whole = try Self.training(network)
    let before = try whole.test()
    #expect(abs(before - log(256)) < 1, "\(before)")
    try Self.run(whole, epochs: 2)
    #expect(whole.history[1].test < 0.5 * before, "\(whole.history)")

    let first = try Self.training(network)
    try Self.run(first, epochs: 1)
    try TextCheckpoint.write(first, to: directory.path("c"))
    // What was lost after the checkpoint must not matter.
    _ = try first.runEpoch { false }
    let second = try Self.training(network)
    try TextCheckpoint.restore(directory.path("c"), into: second)
    try Self.run(second, epochs: 1)
    #expect(second.history == whole.history)
    for parameter in whole.state.parameters {
      #expect(try second.state.values(parameter) == whole.state.values(parameter))
      #expect(second.state.momentum(parameter) == whole.state.momentum(parameter))
      #expect(second.state.square(parameter) == whole.state.square(parameter))
    }
  }

  @Test func stopsAtTheFirstLookThatIsGoodEnough() throws {
    let training = try Self.training(Self.networks[0])
    var looks: [TrainingLook] = []
    let found = try training.train(
      until: 4, looksPerEpoch: 8, shouldStop: { false }, note: { looks.append($0) })
    let reached = try #require(found)
    #expect(looks.last == reached && reached.test <= 4)
    #expect(looks.dropLast().allSatisfy { $0.test > 4 })
    #expect(reached.items == 256 * reached.steps)
    #expect(reached.work == training.directFLOPs(ofSteps: reached.steps))
    #expect(
      training.directFLOPs(ofSteps: 1).count
        == 3 * Self.networks[0].macs(batch: 16, inputSize: 16).flops.count)

    // Looking more often changes nothing about the training itself.
    let (whole, looked) = (
      try Self.training(Self.networks[0], epochs: 1), try Self.training(Self.networks[0], epochs: 1)
    )
    try Self.run(whole, epochs: 1)
    _ = try looked.train(until: 0, looksPerEpoch: 3, shouldStop: { false }, note: { _ in })
    #expect(looked.history.map(\.test) == whole.history.map(\.test))
    #expect(Array(looked.state.elements) == Array(whole.state.elements))
    #expect(try whole.runEpoch { true } == nil)
  }

  @Test func refusesTheCheckpointOfAnotherRun() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("c")
    try TextCheckpoint.write(try Self.training(Self.networks[0]), to: path)
    let others: [(TextTraining, String)] = [
      (try Self.training(Self.networks[0], epochs: 3), "other flags or of another text"),
      (try Self.training(Self.networks[0], Self.text(seed: 2)), "other flags or of another text"),
      (try Self.training(Self.networks[1]), "not a checkpoint of lstm"),
    ]
    for (other, word) in others {
      let error = #expect(throws: Problem.self) { try TextCheckpoint.restore(path, into: other) }
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
    let network = GPT2(name: "g", layers: 1, width: 8, heads: 2, vocabulary: 257, positions: 16)
    let refused = #expect(throws: Problem.self) { try Self.training(network.network) }
    #expect(refused?.description.contains("choose one of gpt2-bytes, lstm-bytes") == true)
  }

  /// Up in a line over a twentieth of the steps, then down half a cosine to a tenth.
  @Test func theLearningRateRisesOverATwentiethOfTheSteps() {
    let recipe = TextRecipe(peakRate: 2)
    let rates = (0..<100).map { recipe.rate(step: $0, of: 100) }
    #expect(abs(rates[0] - 0.4) < 1e-12 && rates[4] == 2 && abs(rates[99] - 0.2) < 1e-12)
    #expect(rates.firstIndex(of: rates.max() ?? 0) == 4)
    #expect(recipe.optimizer.kind == .adamw && recipe.optimizer.learningRate == 2)
  }
}

/// How a text is read and cut.
@Suite struct ByteTextTests {
  @Test func everyTenthBlockIsForTheTest() {
    let bytes = (0..<25).flatMap { [UInt8](repeating: UInt8($0), count: ByteText.blockBytes) }
    let text = ByteText(bytes)
    #expect(Set(text.test) == [9, 19] && text.test.count == 2 * ByteText.blockBytes)
    #expect(text.count == bytes.count && !text.train.contains(9))
    #expect(text.train == text.train.sorted(), "blocks keep their order")
    var other = bytes
    other[1] = 1
    #expect(ByteText(other).digest != text.digest && ByteText(bytes).digest == text.digest)
  }

  @Test func aFolderIsReadInTheOrderOfItsNames() throws {
    let directory = try TemporaryDirectory()
    let empty = #expect(throws: Problem.self) { try ByteText(path: directory.root) }
    #expect(empty?.kind == .absent && empty?.description.contains(".swift or .md") == true)
    for (name, content) in [
      ("b.md", "three"), ("a/z.swift", "two"), ("a/b.swift", "one"), ("c.txt", "no"),
      (".hidden/a.md", "no"), ("folder.md/inside.txt", "no"),
    ] {
      let path = directory.path(name)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    }
    // Names alone make no text of a folder, of a link that leads nowhere, or of a pipe.
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("nowhere.swift"), withDestinationPath: directory.path("none"))
    #expect(mkfifo(directory.path("pipe.md"), 0o600) == 0)
    let text = try ByteText(path: directory.root)
    #expect(String(decoding: text.train, as: UTF8.self) == "onetwothree" && text.files == 3)
    let one = try ByteText(path: directory.path("c.txt"))
    #expect(one.files == 1 && one.count == 2)
    let absent = #expect(throws: Problem.self) { try ByteText(path: directory.path("none")) }
    #expect(absent?.kind == .absent)
    // Eleven bytes take twice as many while they are cut.
    #expect(try ByteText(path: directory.root, available: 22).count == 11)
    let large = #expect(throws: Problem.self) { try ByteText(path: directory.root, available: 21) }
    #expect(large?.kind == .malformed && large?.description.contains("a part of it") == true)
  }

  @Test func aShortTextIsRefused() throws {
    let whole = ByteText([UInt8](repeating: 1, count: 10 * ByteText.blockBytes))
    try whole.refuse(batch: 8, tokens: 128)
    for (text, batch) in [
      (ByteText([UInt8](repeating: 1, count: 9 * ByteText.blockBytes)), 8), (whole, 1000),
    ] {
      let error = #expect(throws: Problem.self) { try text.refuse(batch: batch, tokens: 128) }
      #expect(error?.description.hasPrefix("the text has \(text.count) bytes; ") == true)
    }
  }

  /// 8 sequences of 128 need the first bytes of the tenth block for the test, 128 and one behind them;
  /// 1000 need 128 129 to learn from, behind three blocks for the test.
  @Test(arguments: [(8, 9 * 4096 + 129), (1000, 128_129 + 3 * 4096)])
  func theSentenceNamesTheShortestTextThatWouldDo(batch: Int, least: Int) throws {
    try ByteText([UInt8](repeating: 1, count: least)).refuse(batch: batch, tokens: 128)
    let error = #expect(throws: Problem.self) {
      try ByteText([UInt8](repeating: 1, count: least - 1)).refuse(batch: batch, tokens: 128)
    }
    #expect(error?.description.hasSuffix("at least \(least) bytes") == true, "\(error as Any)")
  }

  @Test func anEvaluationTells64KiB() {
    let recipe = TextRecipe()
    let blocks = [UInt8](repeating: 1, count: 1000 * ByteText.blockBytes)
    #expect(recipe.testBytes(of: ByteText(blocks)) == 65_536)
    // One block of 4096 has 31 sequences with a byte behind each.
    #expect(recipe.testBytes(of: ByteText(Array(blocks.prefix(10 * 4096)))) == 31 * 128)
  }
}
