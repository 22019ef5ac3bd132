import Harness
import History
import Testing

/// What makes two machines comparable.
@Suite struct FingerprintTests {
  private func fingerprint(affinity: Int, quota: Double?) -> Fingerprint {
    var context = RecordSample.record().context
    context.machine.affinity = affinity
    context.machine.quota = quota
    return Fingerprint(context)
  }

  /// Threads beyond a container's quota cannot run at once, whatever its affinity mask says.
  @Test func aQuotaBelowTheAffinityIsWhatCanBeUsed() {
    let whole = fingerprint(affinity: 4, quota: nil)
    let limited = fingerprint(affinity: 4, quota: 1.5)
    #expect(whole.fields["usable threads"] == "4.00")
    #expect(limited.fields["usable threads"] == "1.50")
    #expect(limited.key != whole.key)
    #expect(limited.differences(from: whole) == ["usable threads: 1.50 against 4.00"])
  }

  @Test func aQuotaAboveTheAffinityChangesNothing() {
    let whole = fingerprint(affinity: 2, quota: nil)
    #expect(fingerprint(affinity: 2, quota: 3) == whole)
    #expect(fingerprint(affinity: 2, quota: 3).key == whole.key)
  }
}
