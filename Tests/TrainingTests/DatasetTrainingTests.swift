import Basics
import Formats
import Foundation
import Kernels
import Models
import TestSupport
import Testing
import Training

/// The data set's files, and training that stops and goes on.
@Suite struct DatasetTrainingTests {
  /// Images of two kinds, bright above or bright below, in as many as ten classes' files.
  static func data(_ train: Int, _ test: Int) -> FashionMNIST {
    func set(_ count: Int, _ seed: UInt64) -> ImageSet {
      let images = IDXFiles.twoKinds(count, size: 12, seed: seed)
      return ImageSet(size: 12, pixels: images.pixels, labels: images.labels)
    }
    return FashionMNIST(train: set(train, 1), test: set(test, 2))
  }

  static func training(
    _ data: FashionMNIST, epochs: Int, sharing: Sharing = .alone,
    precision: TrainingPrecision = .f32
  ) throws -> DatasetTraining {
    try DatasetTraining(
      try Network.named("resnet20", classes: 10), data: data,
      recipe: TrainingRecipe(batch: 16, epochs: epochs, peakRate: 0.05, seed: 3),
      sharing: sharing, precision: precision, pool: ThreadPool(threads: 2)
    ) { _, _ in .im2col }
  }

  static func run(_ training: DatasetTraining, epochs: Int) throws {
    for _ in 0..<epochs {
      training.history.append(try #require(try training.runEpoch { false }))
    }
  }

  @Test(arguments: TrainingPrecision.allCases)
  func learnsAndGoesOnFromACheckpointAsIfItHadNeverStopped(
    precision: TrainingPrecision
  ) throws {
    let directory = try TemporaryDirectory()
    let data = Self.data(128, 100)
    let whole = try Self.training(data, epochs: 3, precision: precision)
    try Self.run(whole, epochs: 3)
    #expect(whole.history[2].test > 0.9, "\(whole.history)")

    let first = try Self.training(data, epochs: 3, precision: precision)
    try Self.run(first, epochs: 1)
    try Checkpoint.write(first, to: directory.path("c"))
    // What was lost after the checkpoint must not matter.
    _ = try first.runEpoch { false }
    let second = try Self.training(data, epochs: 3, precision: precision)
    try Checkpoint.restore(directory.path("c"), into: second)
    try Self.run(second, epochs: 2)
    #expect(second.history == whole.history)
    for parameter in whole.state.parameters {
      #expect(try second.state.values(parameter) == whole.state.values(parameter))
    }
  }

  /// A step in two parts learns as well, counts as much work, and goes on with both parts' statistics.
  @Test func learnsAndGoesOnInShards() throws {
    let directory = try TemporaryDirectory()
    let data = Self.data(128, 100)
    let whole = try Self.training(data, epochs: 3, sharing: .inTurn(2))
    try Self.run(whole, epochs: 3)
    #expect(whole.history[2].test > 0.8, "\(whole.history)")
    #expect(whole.history.allSatisfy { $0.shards == 2 })
    let alone = try Self.training(data, epochs: 3)
    #expect(whole.directFLOPs(ofSteps: 3) == alone.directFLOPs(ofSteps: 3))

    let first = try Self.training(data, epochs: 3, sharing: .inTurn(2))
    try Self.run(first, epochs: 1)
    first.history[0].machines = 4
    try Checkpoint.write(first, to: directory.path("c"))
    let second = try Self.training(data, epochs: 3, sharing: .inTurn(2))
    try Checkpoint.restore(directory.path("c"), into: second)
    #expect(second.history.map(\.machines) == [4])
    second.history[0].machines = 1
    try Self.run(second, epochs: 2)
    #expect(second.history == whole.history)
    for parameter in whole.state.parameters {
      #expect(try second.state.values(parameter) == whole.state.values(parameter))
    }
    // Another number of shards is taken, and told from the first.
    let other = try Self.training(data, epochs: 3)
    try Checkpoint.restore(directory.path("c"), into: other)
    #expect(other.history.map(\.shards) == [2])
    try Self.run(other, epochs: 1)
    #expect(other.history.map(\.shards) == [2, 1])
  }

  @Test func stopsAtTheFirstLookThatIsGoodEnough() throws {
    let data = Self.data(128, 100)
    let training = try Self.training(data, epochs: 3)
    var looks: [TrainingLook] = []
    let found = try training.train(
      until: 0.9, looksPerEpoch: 2, shouldStop: { false }, note: { looks.append($0) })
    let reached = try #require(found)
    #expect(looks.last == reached && reached.test >= 0.9)
    #expect(looks.dropLast().allSatisfy { $0.test < 0.9 })
    #expect(looks.map(\.steps) == (1...looks.count).map { 4 * $0 })
    #expect(reached.items == 16 * reached.steps)
    #expect(reached.work == training.directFLOPs(ofSteps: reached.steps))

    // Looking more often changes nothing about the training itself.
    let (whole, looked) = (try Self.training(data, epochs: 2), try Self.training(data, epochs: 2))
    try Self.run(whole, epochs: 2)
    _ = try looked.train(until: 2, looksPerEpoch: 3, shouldStop: { false }, note: { _ in })
    #expect(looked.history.map(\.test) == whole.history.map(\.test))
    #expect(Array(looked.state.elements) == Array(whole.state.elements))
  }

  /// Up in a line over three tenths of the steps, then down half a cosine.
  @Test func theLearningRateRisesOverThreeTenthsOfTheSteps() {
    let recipe = TrainingRecipe(peakRate: 2)
    let rates = (0..<100).map { recipe.optimizer(step: $0, of: 100).learningRate }
    let expected: [(step: Int, rate: Float)] = [(0, 0.08), (15, 1.04), (30, 2), (65, 1.0001)]
    for (step, rate) in expected {
      #expect(abs(rates[step] - rate) < 1e-5, "\(rates[step]) at step \(step)")
    }
    #expect(rates.firstIndex(of: rates.max() ?? 0) == 30)
  }

  @Test func meanAndDeviationOfPixelsAreOnTheScaleOfOne() {
    let black = [UInt8](repeating: 0, count: 32)
    let white = [UInt8](repeating: 255, count: 32)
    let images = ImageSet(size: 8, pixels: black + white, labels: [0])
    #expect(images.statistics.mean == 0.5 && images.statistics.deviation == 0.5)
  }

  /// Each epoch sees every image once, in an order and with crops that are its own.
  @Test func everyEpochHasAnOrderOfItsOwn() {
    let draws = (0..<4).map { EpochDraw(images: 200, epoch: $0, seed: 3) }
    for (index, draw) in draws.enumerated() {
      #expect(draw.order.sorted() == Array(0..<200))
      for other in draws[(index + 1)...] {
        let fixed = zip(draw.order, other.order).count { $0 == $1 }
        #expect(fixed < 20, "epochs share the places of \(fixed) images")
        let same = (0..<200).count { draw.crop($0) == other.crop($0) }
        #expect(same < 40, "epochs share the crops of \(same) images")
      }
    }
    #expect(draws[1].order == EpochDraw(images: 200, epoch: 1, seed: 3).order)
    #expect(draws[1].order != EpochDraw(images: 200, epoch: 1, seed: 4).order)
    let crops = (0..<200).map { draws[0].crop($0) }
    #expect(Set(crops.map(\.dy)) == Set(-2...2) && Set(crops.map(\.dx)) == Set(-2...2))
    #expect((60...140).contains(crops.count { $0.isMirrored }))
  }

  @Test func refusesACheckpointOfAnotherRun() throws {
    let directory = try TemporaryDirectory()
    let data = Self.data(32, 10)
    let path = directory.path("c")
    try Checkpoint.write(try Self.training(data, epochs: 1), to: path)
    var error = #expect(throws: Problem.self) {
      try Checkpoint.restore(path, into: try Self.training(data, epochs: 2))
    }
    #expect(error?.description.contains("other flags") == true)
    error = #expect(throws: Problem.self) {
      try Checkpoint.restore(path, into: try Self.training(data, epochs: 1, precision: .bf16))
    }
    #expect(error?.description.contains("other flags") == true)
    let other = try DatasetTraining(
      try Network.named("resnet32", classes: 10), data: data,
      recipe: TrainingRecipe(batch: 16, epochs: 1), pool: ThreadPool(threads: 1)
    ) { _, _ in .im2col }
    error = #expect(throws: Problem.self) { try Checkpoint.restore(path, into: other) }
    #expect(error?.description.contains("not a checkpoint of resnet32") == true)
  }

  @Test func stopsWhereItIsTold() throws {
    let training = try Self.training(Self.data(64, 10), epochs: 1)
    #expect(try training.runEpoch { true } == nil)
  }

  @Test func readsPlainFilesAndRefusesDamagedOnes() throws {
    let directory = try TemporaryDirectory()
    func write(images: Data, labels: Data) throws {
      for prefix in ["train", "t10k"] {
        _ = try directory.file("\(prefix)-images-idx3-ubyte", images)
        _ = try directory.file("\(prefix)-labels-idx1-ubyte", labels)
      }
    }
    let pixels = [UInt8](repeating: 7, count: 2 * 64)
    let (images, labels) = (IDXFiles.data([2, 8, 8], pixels), IDXFiles.data([2], [0, 9]))
    let empty = #expect(throws: Problem.self) { try FashionMNIST(folder: directory.root) }
    #expect(empty?.kind == .absent)
    try write(images: images, labels: labels)
    let data = try FashionMNIST(folder: directory.root)
    #expect(data.train.count == 2 && data.test.labels == [0, 9])
    let wrong: [(images: Data, labels: Data, word: String)] = [
      (images.dropLast(), labels, "ends or is damaged"),
      (images + Data([1]), labels, "goes on"),
      (images, IDXFiles.data([3], [0, 9, 1]), "2 images and 3 labels"),
      (images, IDXFiles.data([2], [0, 10]), "label 10"),
      (IDXFiles.data([2, 8, 8], pixels, magic: [0, 0, 13, 3]), labels, "IDX"),
      (IDXFiles.data([0x7FFF_FFFF, 0x7FFF, 0x7FFF], []), labels, "claims the shape"),
    ]
    for (images, labels, word) in wrong {
      try write(images: images, labels: labels)
      let error = #expect(throws: Problem.self) { try FashionMNIST(folder: directory.root) }
      #expect(error?.kind == .malformed)
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: FashionMNIST.defaultFolder)))
  func readsDebiansPackage() throws {
    let data = try FashionMNIST(folder: FashionMNIST.defaultFolder)
    #expect(data.train.count == 60_000 && data.test.count == 10_000)
    #expect(abs(data.train.statistics.mean - 0.2860) < 1e-4)
    #expect(abs(data.train.statistics.deviation - 0.3530) < 1e-4)
    let directory = try TemporaryDirectory()
    let name = "\(FashionMNIST.defaultFolder)/train-images-idx3-ubyte.gz"
    let whole = try Data(contentsOf: URL(fileURLWithPath: name))
    let cut = try directory.file("cut.gz", whole.prefix(whole.count / 2))
    let error = #expect(throws: Problem.self) { try IDXFile(path: cut, rank: 3) }
    #expect(error?.description.contains("ends or is damaged") == true)
  }
}
