import Basics
import Foundation
import Harness
import Testing

@Suite struct WorkerClientTests {
  private let request = CaseRequest(id: "gemm/4x4x4/t1/fake", options: ["seed": "7"])

  @Test func drivesAWorkerThroughACase() throws {
    let client = try WorkerClient(FakeWorker.steady())
    #expect(client.greeting.worker == "fake")
    let prepared = try client.prepare(request)
    #expect(prepared.id == "gemm/4x4x4/t1/fake")
    #expect(prepared.parameters == ["n": 4])
    #expect(try client.checksum() == "0xabc")
    #expect(try client.check() == .init(status: .passed, maxError: 0.5))
    let samples = try client.run(samples: 3, seconds: 1)
    #expect(samples.samplesNs == [1000, 1010, 1020])
    #expect(samples.flags == ["", "", ""])
    #expect(samples.callsPerSample == 2)
    #expect(samples.peakMemoryBytes == 4096)
    client.quit()
    #expect(kill(client.pid, 0) != 0, "the worker is still there after quit")
  }

  @Test func whoWaitsForAReplyIsTold() throws {
    var calls = 0
    let client = try WorkerClient(FakeWorker.steady(firstRunSeconds: 0.5)) { calls += 1 }
    try client.prepare(request)
    let before = calls
    _ = try client.run(samples: 3, seconds: 1)
    #expect(calls > before)
    client.quit()
  }

  @Test func namesAProgramThatIsNotThere() {
    let error = #expect(throws: Problem.self) {
      try WorkerClient(WorkerLaunch(executable: "/nonexistent/costcurve"))
    }
    #expect(error?.kind == .absent)
    #expect(error?.description.contains("/nonexistent/costcurve") == true)
  }

  /// A descriptor that is closed twice may by then be another thread's.
  @Test func aProgramThatIsNotThereClosesNobodysFiles() async {
    async let lost = Task.detached {
      var lost = 0
      for _ in 0..<20_000 {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        sched_yield()
        if close(file) != 0 { lost += 1 }
      }
      return lost
    }.value
    for _ in 0..<200 {
      _ = try? WorkerClient(WorkerLaunch(executable: "/nonexistent/costcurve"))
    }
    #expect(await lost == 0)
  }

  @Test func turnsACrashIntoAnErrorWithItsLastWords() throws {
    let client = try WorkerClient(
      FakeWorker.misbehaving("echo 'out of luck' >&2; kill -SEGV $$"))
    let error = #expect(throws: Problem.self) { try client.prepare(request) }
    #expect(error?.kind == .crashed)
    for words in ["the worker of \(request.id) ended", "signal 11", "out of luck"] {
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test func stopsAWorkerThatHangs() throws {
    var timeouts = WorkerClient.Timeouts()
    timeouts.prepare = 0.3
    let client = try WorkerClient(FakeWorker.misbehaving("sleep 60"), timeouts: timeouts)
    let error = #expect(throws: Problem.self) { try client.prepare(request) }
    #expect(error == .timedOut(case: request.id, seconds: 0.3))
    #expect(error?.kind == .crashed)
    #expect(kill(client.pid, 0) != 0, "the hanging worker was left behind")
  }

  @Test func refusesAnotherProtocol() {
    let launch = FakeWorker.script("echo '{\"ok\":true,\"protocol\":99}'")
    let error = #expect(throws: Problem.self) { try WorkerClient(launch) }
    #expect(error == .protocolMismatch(executable: "/bin/sh", theirs: 99))
    #expect(error?.kind == .notComparable)
  }

  @Test func refusesWhatIsNoReply() throws {
    let client = try WorkerClient(FakeWorker.misbehaving("echo 'segmentation what'"))
    let error = #expect(throws: Problem.self) { try client.prepare(request) }
    #expect(error == .garbled(case: request.id, line: "segmentation what"))
  }

  @Test func carriesTheKindOfARefusal() throws {
    let client = try WorkerClient(
      FakeWorker.misbehaving("echo '{\"ok\":false,\"error\":\"no network resnet51\",\"code\":5}'"))
    let error = #expect(throws: Problem.self) { try client.prepare(request) }
    #expect(error?.kind == .absent)
    #expect(error?.description == "no network resnet51")
  }

  @Test func killsTheWorkerWhenCancelled() throws {
    let cancel = CancelFlag()
    let client = try WorkerClient(FakeWorker.misbehaving("sleep 60"), cancel: cancel)
    Thread.detachNewThread {
      usleep(100_000)
      cancel.cancel()
    }
    #expect(throws: Problem.interrupted) { try client.prepare(request) }
    #expect(kill(client.pid, 0) != 0, "the cancelled worker was left behind")
  }

  @Test func killsTheWholeGroupWhenTheClientGoes() throws {
    let pid: Int32
    do {
      let client = try WorkerClient(FakeWorker.steady())
      pid = client.pid
      #expect(kill(pid, 0) == 0)
    }
    #expect(kill(-pid, 0) != 0, "a process of the worker's group was left behind")
  }

  @Test func foreignWorkersStandStillBetweenTurns() throws {
    var launch = FakeWorker.steady()
    launch.isForeign = true
    let client = try WorkerClient(launch)
    try client.prepare(request)
    client.park()
    var state = ""
    for _ in 0..<200 where state != "T" {
      let stat = try String(contentsOfFile: "/proc/\(client.pid)/stat", encoding: .utf8)
      state = String(stat.split(separator: " ")[2])
      usleep(1000)
    }
    #expect(state == "T")
    #expect(try client.run(samples: 1).samplesNs.count == 3)
    client.quit()
  }
}
