import Foundation
import TestSupport
import Testing

/// What `train --dataset` does with a folder in which a training has been, or still is.
@Suite struct TrainingFolderTests {
  private let tests: TrainDatasetTests

  init() throws { tests = try TrainDatasetTests() }

  private func train(_ epochs: Int, _ more: String...) throws -> CommandProcess {
    try CommandProcess(tests.arguments("run", epochs: epochs, more), timeout: 120)
  }

  private func contents() throws -> [Data] {
    try ["checkpoint.safetensors", "weights.safetensors", "epochs.tsv", "dawnbench.json"].map {
      try tests.content("run/\($0)")
    }
  }

  @Test func anEarlierTrainingIsNotOverwritten() throws {
    #expect(try train(1).status == 0)
    let earlier = try contents()
    let again = try train(1)
    #expect(again.status == 6)
    #expect(again.output.isEmpty)
    for word in ["checkpoint.safetensors", "--resume", "--restart", "--run-directory"] {
      #expect(again.errors.contains(word), "\(again.errors)")
    }
    #expect(again.errors.split(separator: "\n").count == 1)
    #expect(try contents() == earlier)
    // What is left without the checkpoint is not to be lost either.
    for name in ["checkpoint.safetensors", "weights.safetensors", "dawnbench.json"] {
      try FileManager.default.removeItem(atPath: tests.directory.path("run/\(name)"))
    }
    #expect(try train(1).status == 6)
    #expect(try tests.content("run/epochs.tsv") == earlier[2])

    let anew = try train(2, "--restart")
    #expect(anew.status == 0, "\(anew.errors)")
    #expect(TrainDatasetTests.curve(try tests.content("run/epochs.tsv")).count == 3)
    #expect(try train(2, "--restart", "--resume").status == 64)
  }

  /// Ended in its first epoch, a new beginning must not go on from what it was to replace.
  @Test func whatMakesWayIsGoneFromTheBeginning() throws {
    #expect(try train(1).status == 0)
    let earlier = try tests.content("run/checkpoint.safetensors")
    let running = try CommandProcess.Running(
      tests.arguments("run", epochs: 9000, ["--restart", "--batch-size", "1000"]))
    let last = tests.directory.path("run/dawnbench.json")
    let deadline = Date(timeIntervalSinceNow: 60)
    while FileManager.default.fileExists(atPath: last), Date() < deadline { usleep(1_000) }
    running.send(SIGKILL)
    #expect(try running.result().status == 137)
    #expect((try? tests.content("run/checkpoint.safetensors")) != earlier)
    #expect((try? tests.content("run/weights.safetensors")) == nil)
  }

  /// A name that merely looks half-written is somebody else's file.
  @Test func onlyItsOwnLeftoversAreRemoved() throws {
    let folder = tests.directory.path("run")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["notes.part-1-abc", "weights.safetensors.part-1-abc"] {
      try Data("half".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    #expect(try train(1).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.filter { $0.contains(".part-") } == ["notes.part-1-abc"])
  }

  @Test func twoTrainingsNeverShareAFolder() throws {
    let first = try CommandProcess.Running(tests.arguments("run", epochs: 9000))
    let curve = tests.directory.path("run/epochs.tsv")
    let deadline = Date(timeIntervalSinceNow: 60)
    while !FileManager.default.fileExists(atPath: curve), Date() < deadline { usleep(5_000) }
    for more in ["--resume", "--restart"] {
      let second = try train(9000, more)
      #expect(second.status == 6)
      #expect(second.errors.contains("another training is using it"), "\(second.errors)")
    }
    first.send(SIGTERM)
    let ended = try first.result()
    #expect(ended.status == 130, "\(ended.errors)")
    #expect(ended.errors.contains("--resume goes on from there"))
    let epochs = TrainDatasetTests.curve(try tests.content("run/epochs.tsv")).count - 1
    #expect(epochs > 0)
    #expect(ended.errors.contains("\(epochs) of 9000 epochs are complete"), "\(ended.errors)")
  }
}
