import Glibc
import Harness
import TestSupport
import Testing

/// Samples of the very process that measures, and what becomes of them where it is stopped.
@Suite struct InProcessMeasurementTests {
  /// Calls since the warm-up; far below 0 until it has ended.
  private final class Count { var calls = -1_000_000 }

  /// What is measured where something happens in the eighth call.
  private func outcome(
    cancel: CancelFlag, isBroken: @escaping (Int) -> Bool, inTheEighth event: @escaping () -> Void
  ) -> MeasurementOutcome {
    var preset = Preset.quick.withDuration(10)
    (preset.warmupSeconds, preset.warmupCapSeconds) = (0, 0.01)
    let count = Count()
    let workload = FakeWorkload {
      usleep(1000)
      count.calls += 1
      if count.calls == 8 { event() }
    }
    let measurement = InProcessMeasurement(
      CaseRequest(id: workload.id), preset: preset, cancel: cancel)
    return measurement.run(
      workload, correctness: workload.check(), warm: { count.calls = 0 },
      isBroken: { isBroken(count.calls) })
  }

  @Test func samplesOfBeforeASignalAreKept() throws {
    let cancel = CancelFlag()
    let outcome = outcome(cancel: cancel, isBroken: { _ in false }) { cancel.cancel() }
    #expect(outcome.interrupted && outcome.problem == .interrupted)
    let item = try #require(outcome.records.first)
    let process = try #require(item.processes.first)
    #expect(process.samplesNs.count * process.callsPerSample >= 8)
    #expect(item.statistics != nil && item.validity.ok)
  }

  /// A call that came upon a fault did something else than the others.
  @Test func theCallThatBreaksIsNoSample() throws {
    let outcome = outcome(cancel: CancelFlag(), isBroken: { $0 >= 8 }) {}
    #expect(!outcome.interrupted)
    let process = try #require(outcome.records.first?.processes.first)
    #expect(process.samplesNs.count * process.callsPerSample < 8)
    #expect(process.flags.count == process.samplesNs.count)
  }
}
