import Basics
import Foundation
import Harness
import TestSupport
import Testing
import Workloads

/// Who is cheapest, in which precision, and by how much: with workers written in the shell, whose
/// times follow from the case.
struct CheapestRunTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Bytes take 0.4 of the time, and two items less than twice that of one.
  private static let times = """
    case "$id" in */b1/*int8*) ns=400000;; */b2/*int8*) ns=760000;; */b1/*) ns=1000000;;
      *) ns=1900000;; esac
    """

  private func launch(
    _ name: String, onPrepare: String = "", correctness: String = "passed", checksum: String = "1",
    isForeign: Bool = false
  ) throws -> WorkerLaunch {
    let path = try FakeInference.write(
      name, in: directory, onPrepare: onPrepare, onRun: Self.times, samples: "['\"$ns\"']",
      correctness: correctness, checksum: checksum)
    return WorkerLaunch(executable: path, isForeign: isForeign)
  }

  /// Batches of one and two on one thread.
  private func search(_ contenders: [CheapestSearch.Contender]) -> CheapestSearch {
    var search = CheapestSearch(
      network: "resnet18", contenders: contenders, threads: 1, batches: [1, 2], seconds: 0.01)
    search.rounds = 3
    return search
  }

  private func bothPrecisions() throws -> CheapestSearch {
    let launch = try self.launch("worker")
    return search([
      .init(.native, launch: launch), .init(.native, precision: .int8, launch: launch),
    ])
  }

  @Test func whatHasTheSameAnswerStandsTogether() {
    var search = CheapestSearch(
      network: "resnet18",
      contenders: [.init(.native), .init(.native, precision: .int8), .init(.nativeDirect)],
      threads: 2, batches: [1, 4], seconds: 1)
    let ids = search.candidates.map { "\(search.request($0).id) x\($0.instances)" }
    #expect(Set(ids).count == 12)
    #expect(
      ids.prefix(4) == [
        "infer/resnet18/b1/t2/native x1", "infer/resnet18/b1/t2/native-direct x1",
        "infer/resnet18/b1/t1/native x2", "infer/resnet18/b1/t1/native-direct x2",
      ])
    #expect(ids.suffix(4).first == "infer/resnet18/b1/t2/int8/native x1")
    search.threads = 1
    #expect(search.candidates.count == 6)
  }

  @Test func theCheapestTookTurnsAndTheRunnerUpIsBehindByAnInterval() throws {
    var told: [String] = []
    var again = 0
    var search = try bothPrecisions()
    search.contenders.append(
      .init(.nativeDirect, launch: try launch("wrong", correctness: "failed")))
    let found = try search.run(
      .init(
        measured: { told.append("\($0.engine) \($0.precision) \($0.batchSize)") },
        refused: { told.append("\($0.engine) refused \($0.isWrong)") },
        repeating: { again = $0 }),
      cancel: CancelFlag())
    let best = try #require(found.best)
    #expect(best.engine == "native" && best.precision == "int8" && best.batchSize == 2)
    #expect(best.rounds == 3 && abs(best.itemsPerSecond - 2e9 / 760_000) < 1e-6)
    #expect(best.imagesPerSecondCi95?.count == 2)
    #expect(again == 3 && !found.isInterrupted)
    // The runner-up, then the best of float32; a wrong answer is in no turn.
    #expect(found.followers.map(\.configuration.precision) == ["int8", "f32"])
    #expect(found.followers.map(\.configuration.batchSize) == [1, 2])
    for (follower, ratio) in zip(found.followers, [800.0 / 760, 1900.0 / 760]) {
      #expect(abs(follower.costRatio - ratio) < 1e-9)
      #expect(follower.costRatioCi95.allSatisfy { abs($0 - ratio) < 1e-9 })
    }
    #expect(found.configurations.map(\.rounds) == [1, 3, 3, 3])
    #expect(found.refusals.map(\.isWrong) == [true, true])
    #expect(told.contains("native int8 2") && told.contains("native-direct refused true"))
  }

  /// Bytes whose answers are worth too little are told, and are not the answer.
  @Test func whatIsNotEligibleIsNotTheAnswer() throws {
    let search = try bothPrecisions()
    let found = try search.run(eligible: { $0 == "f32" }, cancel: CancelFlag())
    #expect(found.best?.precision == "f32" && found.best?.batchSize == 2)
    #expect(found.followers.map(\.configuration.precision) == ["f32"])
    #expect(found.configurations.count == 4)
    let onlyBytes = self.search(search.contenders.filter { $0.precision == .int8 })
    let none = try onlyBytes.run(eligible: { $0 == "f32" }, cancel: CancelFlag())
    #expect(none.best?.precision == "int8", "there is nothing else")
  }

  @Test func aTimedProcessThatGivesOtherOutputsIsWrong() throws {
    let search = search([.init(.native, launch: try launch("worker", checksum: "$$"))])
    let error = #expect(throws: Problem.self) { try search.run(cancel: CancelFlag()) }
    #expect(error?.kind == .wrongAnswer, "\(error?.description ?? "")")
  }

  /// Its first answers are right, and from the turns on none is.
  @Test func whatIsWrongInTheTurnsHasNoPrice() throws {
    let turned = "$(test -e \"$D/turns\" && echo 2 || echo 1)"
    let bytes = CheapestSearch.Contender(
      .native, precision: .int8, launch: try launch("turning", checksum: turned))
    let float = CheapestSearch.Contender(.native, launch: try launch("worker"))
    var told = 0
    let handlers = CheapestSearch.Handlers(
      refused: { told += $0.isWrong ? 1 : 0 },
      repeating: { _ in _ = try? directory.file("turns", Data()) })
    let found = try search([float, bytes]).run(handlers, cancel: CancelFlag())
    #expect(found.best?.precision == "f32" && found.best?.batchSize == 2)
    #expect(found.best?.rounds == 3 && found.followers.isEmpty)
    #expect(found.configurations.map(\.precision) == ["f32", "f32"])
    #expect(found.refusals.map(\.precision) == ["int8", "int8"])
    #expect(found.refusals.allSatisfy(\.isWrong) && told == 2)
    try FileManager.default.removeItem(atPath: directory.path("turns"))
    let error = #expect(throws: Problem.self) {
      try search([bytes]).run(handlers, cancel: CancelFlag())
    }
    #expect(error?.kind == .wrongAnswer && told == 4, "\(error?.description ?? "")")
  }

  @Test func whatWasMeasuredBeforeAnInterruptionIsAnAnswer() throws {
    let cancel = CancelFlag()
    let found = try bothPrecisions().run(
      .init(measured: { _ in cancel.cancel() }), cancel: cancel)
    #expect(found.isInterrupted && found.configurations.count == 1 && found.followers.isEmpty)
    #expect(found.best == found.configurations.first)
    let error = #expect(throws: Problem.self) { try bothPrecisions().run(cancel: cancel) }
    #expect(error == .interrupted)
  }

  /// An external runtime is given files, compares its own answer, and says who it is.
  @Test func anExternalRuntimeTakesPart() throws {
    let asked = "echo \"$rest\" >> \"$D/asked\"; "
    let launch = try self.launch("peer", onPrepare: asked, isForeign: true)
    var search = try bothPrecisions()
    search.contenders.append(.init(Arm(name: "apeer", launch: launch), precision: .int8))
    var given: [String] = []
    let handlers = CheapestSearch.Handlers(
      files: { (precision, batch) throws(Problem) -> [String: String] in
        given.append("\(precision?.rawValue ?? "f32") \(batch)")
        return ["onnx": "/x/\(batch).onnx"]
      })
    let found = try search.run(handlers, cancel: CancelFlag())
    #expect(found.configurations.count == 6 && found.refusals.isEmpty)
    #expect(given.prefix(2) == ["int8 1", "int8 2"])
    let lines = try String(contentsOfFile: directory.path("asked"), encoding: .utf8)
    #expect(lines.contains("infer/resnet18/b2/t1/int8/apeer onnx=/x/2.onnx"), "\(lines)")
  }
}
