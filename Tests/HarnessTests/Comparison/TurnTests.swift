import Foundation
import Harness
import TestSupport
import Testing

@Suite struct TurnTests {
  /// A worker that takes `ns` a call and does as many calls a sample as it is told, or `fixed`.
  private func client(ns: Double, fixed: Int? = nil) throws -> WorkerClient {
    let client = try WorkerClient(
      FakeWorker.script(
        """
        case "$word" in
          hello) echo '{"ok":true,"protocol":1,"worker":"fake"}';;
          prepare) echo '{"ok":true,"case":{"id":"gemm/4x4x4/t1/any","kind":"gemm",'\\
        '"parameters":{},"algorithm":"fake","threads":1,"flop":{"direct":1,"executed":1}}}';;
          run) set -- $rest; calls=\(fixed.map(String.init) ?? "${3:-7}")
            echo '{"ok":true,"samples_ns":[\(ns),\(ns + 1)],"flags":["preempt",""],'\\
        '"calls_per_sample":'$calls'}';;
          quit) exit 0;;
        esac
        """))
    try client.prepare(CaseRequest(id: "gemm/4x4x4/t1/any"))
    return client
  }

  @Test func allArmsGetTheCallsThatTheSlowestHasTimeFor() throws {
    let clients = [try client(ns: 1000), try client(ns: 2000)]
    let turn = try Turn(of: clients)
    // 350 µs of calls that last 2.001 µs at most.
    #expect(turn.calls == 174 && turn.batches == 2)
    #expect(abs(turn.ns - 2 * 174 * 2001) < 1)
    let taken = try turn.take(clients[0])
    #expect(taken.ns == 1000 && taken.flags == "preempt")
    #expect(taken.ofAll == ["preempt", ""])
  }

  @Test func aLongCallIsATurn() throws {
    let turn = try Turn(of: [try client(ns: 5e6)])
    #expect(turn.calls == 1 && turn.batches == 1 && abs(turn.ns - 5e6) < 2)
  }

  /// As builds of before do, which know no such word: with one call a batch beside their many, the
  /// others would have paid for cold caches and sleeping threads alone.
  @Test func aWorkerThatCannotBeToldSetsTheCallsOfAll() throws {
    let clients = [try client(ns: 1000), try client(ns: 1000, fixed: 2048)]
    let turn = try Turn(of: clients)
    #expect(turn.calls == 2048 && turn.batches == 1)
    #expect(abs(turn.ns - 2048 * 1001) < 1)
    #expect(try clients[0].run(samples: 1, calls: turn.calls).callsPerSample == 2048)
  }

  @Test func ofSeveralThatCannotBeToldTheLargestCounts() throws {
    let clients = try [1024, 4096, nil].map { try client(ns: 1000, fixed: $0) }
    #expect(try Turn(of: clients).calls == 4096)
  }

  @Test func blocksFillTheTimeWithinBounds() throws {
    let turn = try Turn(of: [try client(ns: 5e6)])
    #expect(turn.blocks(filling: 0.6, arms: 3, least: 16) == 39)
    #expect(turn.blocks(filling: 0, arms: 3, least: 16) == 16)
    #expect(turn.blocks(filling: 1e9, arms: 3, least: 16) == 200)
    #expect(turn.blocks(filling: 0.6, arms: 3, least: 400) == 400)
  }
}
