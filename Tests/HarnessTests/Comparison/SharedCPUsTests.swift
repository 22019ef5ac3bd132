import Basics
import Foundation
import Harness
import Testing

/// All arms run on the same CPUs, each of their threads on its own.
@Suite struct SharedCPUsTests {
  /// The CPUs that this process may use, as the kernel writes them for a program.
  private func allowed(_ cpus: [Int]?) throws -> String {
    var launch = FakeWorker.script(
      """
      case "$word" in
        hello) echo '{"ok":true,"protocol":1}';;
        prepare) echo '{"ok":true,"case":{"id":"gemm/4x4x4/t1/fake","kind":"gemm",'\\
      '"parameters":{},"algorithm":"fake","threads":1,"flop":{"direct":1,"executed":1}}}';;
        checksum) list=$(grep Cpus_allowed_list /proc/self/status | cut -f2)
          echo '{"ok":true,"checksum":"'$list'"}';;
        quit) exit 0;;
      esac
      """)
    launch.cpus = cpus
    let client = try WorkerClient(launch)
    defer { client.quit() }
    try client.prepare(CaseRequest(id: "gemm/4x4x4/t1/fake"))
    return try #require(try client.checksum())
  }

  @Test(.enabled(if: MachineReader.availableThreads > 1))
  func aWorkerStaysOnTheCPUsThatItIsGiven() throws {
    let all = try #require(SharedCPUs.forThreads(1, session: 0)).first
    let one = try #require(all)
    #expect(try allowed([one]) == "\(one)")
    #expect(try allowed(nil) != "\(one)")
  }

  @Test func sessionsMoveOnFromCPUToCPU() {
    let cpus: Set = [2, 3, 5]
    #expect(
      (0..<4).map { SharedCPUs.forThreads(1, session: $0, allowed: cpus) } == [[2], [3], [5], [2]])
    #expect(
      (0..<3).map { SharedCPUs.forThreads(2, session: $0, allowed: cpus) } == [
        [2, 3], [5, 2], [3, 5],
      ])
  }

  /// Where all CPUs are used, another one is the caller's in each session.
  @Test func theCallerMovesOnToo() {
    #expect(
      (0..<3).map { SharedCPUs.forThreads(2, session: $0, allowed: [4, 7]) } == [
        [4, 7], [7, 4], [4, 7],
      ])
  }

  @Test func whatHasNoChoiceIsLeftAlone() {
    #expect(SharedCPUs.forThreads(4, session: 0, allowed: [2, 3, 5]) == nil)
    #expect(SharedCPUs.forThreads(1, session: 0, allowed: [2]) == nil)
    #expect(SharedCPUs.forThreads(nil, session: 0, allowed: [2, 3, 5]) == nil)
    #expect(SharedCPUs.forThreads(0, session: 0, allowed: [2, 3, 5]) == nil)
    #expect(SharedCPUs.forThreads(1, session: 0, allowed: nil) == nil)
    #expect(SharedCPUs.forThreads(1, session: 0, allowed: [-1, 7]) == nil)
    #expect(SharedCPUs.forThreads(1, session: 0, allowed: [7, 5000]) == nil)
  }

  /// What the arms shared stands in the record, a process at a time.
  @Test func theRecordNamesThem() throws {
    let arms = ["old", "new"].map { Arm(name: $0, launch: FakeWorker.steady()) }
    var plan = ComparisonPlan(
      a: arms[0], b: arms[1], cases: [CaseRequest(id: "gemm/4x4x4/t1/fake")])
    (plan.processes, plan.pairs, plan.confirms, plan.seed) = (2, 2, false, 0)
    let outcome = Comparison(plan).run()
    let cpus = try #require(outcome.cases.first).processes.map(\.cpus)
    #expect(cpus.prefix(2) == [0, 1].map { SharedCPUs.forThreads(1, session: $0) }[...])
  }
}
