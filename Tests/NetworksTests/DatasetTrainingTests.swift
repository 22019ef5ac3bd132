import Foundation
import Kernels
import Networks
import TestSupport
import Testing

/// The data set's files, and training that stops and goes on.
@Suite struct DatasetTrainingTests {
  /// Images of two kinds, bright above or bright below, in as many as ten classes' files.
  static func data(_ train: Int, _ test: Int) -> FashionMNIST {
    func set(_ count: Int, _ seed: UInt64) -> ImageSet {
      var random = SeededRandom(seed: seed)
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for _ in 0..<count {
        let label = UInt8.random(in: 0...1, using: &random)
        labels.append(label)
        for row in 0..<12 {
          let isBright = (row < 6) == (label == 0)
          for _ in 0..<12 {
            pixels.append(UInt8.random(in: isBright ? 120...255 : 0...130, using: &random))
          }
        }
      }
      return ImageSet(size: 12, pixels: pixels, labels: labels)
    }
    return FashionMNIST(train: set(train, 1), test: set(test, 2))
  }

  static func training(_ data: FashionMNIST, epochs: Int) throws -> DatasetTraining {
    try DatasetTraining(
      try Network.named("resnet20", classes: 10), data: data,
      recipe: TrainingRecipe(batch: 16, epochs: epochs, peakRate: 0.05, seed: 3),
      pool: ThreadPool(threads: 2)
    ) { _, _ in .im2col }
  }

  static func run(_ training: DatasetTraining, epochs: Int) throws {
    for _ in 0..<epochs {
      training.history.append(try #require(try training.runEpoch { false }))
    }
  }

  @Test func learnsAndGoesOnFromACheckpointAsIfItHadNeverStopped() throws {
    let directory = try TemporaryDirectory()
    let data = Self.data(128, 100)
    let whole = try Self.training(data, epochs: 3)
    try Self.run(whole, epochs: 3)
    #expect(whole.history[2].accuracy > 0.9, "\(whole.history)")

    let first = try Self.training(data, epochs: 3)
    try Self.run(first, epochs: 1)
    try Checkpoint.write(first, to: directory.path("c"))
    // What was lost after the checkpoint must not matter.
    _ = try first.runEpoch { false }
    let second = try Self.training(data, epochs: 3)
    try Checkpoint.restore(directory.path("c"), into: second)
    try Self.run(second, epochs: 2)
    #expect(second.history == whole.history)
    for parameter in whole.state.parameters {
      #expect(try second.state.values(parameter) == whole.state.values(parameter))
    }
  }

  @Test func refusesACheckpointOfAnotherRun() throws {
    let directory = try TemporaryDirectory()
    let data = Self.data(32, 10)
    let path = directory.path("c")
    try Checkpoint.write(try Self.training(data, epochs: 1), to: path)
    var error = #expect(throws: FileError.self) {
      try Checkpoint.restore(path, into: try Self.training(data, epochs: 2))
    }
    #expect(error?.description.contains("other flags") == true)
    let other = try DatasetTraining(
      try Network.named("resnet32", classes: 10), data: data,
      recipe: TrainingRecipe(batch: 16, epochs: 1), pool: ThreadPool(threads: 1)
    ) { _, _ in .im2col }
    error = #expect(throws: FileError.self) { try Checkpoint.restore(path, into: other) }
    #expect(error?.description.contains("no checkpoint of resnet32") == true)
  }

  @Test func stopsWhereItIsTold() throws {
    let training = try Self.training(Self.data(64, 10), epochs: 1)
    #expect(try training.runEpoch { true } == nil)
  }

  /// A file of the IDX format.
  static func idx(_ shape: [Int], _ elements: [UInt8], magic: [UInt8]? = nil) -> Data {
    var bytes = magic ?? [0, 0, 8, UInt8(shape.count)]
    for dimension in shape {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(dimension >> shift & 255)) }
    }
    return Data(bytes + elements)
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
    let (images, labels) = (Self.idx([2, 8, 8], pixels), Self.idx([2], [0, 9]))
    let empty = #expect(throws: FileError.self) { try FashionMNIST(folder: directory.root) }
    #expect(empty?.kind == .absent)
    try write(images: images, labels: labels)
    let data = try FashionMNIST(folder: directory.root)
    #expect(data.train.count == 2 && data.test.labels == [0, 9])
    let wrong: [(images: Data, labels: Data, word: String)] = [
      (images.dropLast(), labels, "ends or is damaged"),
      (images + Data([1]), labels, "goes on"),
      (images, Self.idx([3], [0, 9, 1]), "2 images and 3 labels"),
      (images, Self.idx([2], [0, 10]), "label 10"),
      (Self.idx([2, 8, 8], pixels, magic: [0, 0, 13, 3]), labels, "IDX"),
      (Self.idx([0x7FFF_FFFF, 0x7FFF, 0x7FFF], []), labels, "claims the shape"),
    ]
    for (images, labels, word) in wrong {
      try write(images: images, labels: labels)
      let error = #expect(throws: FileError.self) { try FashionMNIST(folder: directory.root) }
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
    let error = #expect(throws: FileError.self) { try IDXFile(path: cut, rank: 3) }
    #expect(error?.description.contains("ends or is damaged") == true)
  }
}
