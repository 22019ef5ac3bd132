import Economics
import Foundation
import Harness
import Workloads

/// One measurement from the command line: cases in, a priced record out.
struct Session {
  var preset: Preset
  var seed: UInt64
  var price: Price
  var quiet: Bool

  /// Measures and prices the cases.
  ///
  /// - Parameter requests: At least one.
  /// - Returns: The record, also of an interrupted run, and the exit code that it asks for.
  func measure(_ requests: [CaseRequest]) -> (record: ResultRecord, status: Int32) {
    let noise = NoiseMeter()
    let cancel = CancelFlag()
    Interrupt.onRequest { cancel.cancel() }
    let threads = Set(requests.compactMap { CaseID($0.id)?.threads }).sorted()
    let peaks = zip(threads, CaseSuite.fmaPeaks(threads: threads))
    let plan = MeasurementPlan(
      cases: requests, peaks: Dictionary(uniqueKeysWithValues: Array(peaks)),
      preset: preset.fitted(to: requests.compactMap(\.kind)), seed: seed)
    let progress = Progress(quiet: quiet)
    let outcome = Measurement(plan, cancel: cancel) { progress.show($0) }.run()
    progress.end()
    for failure in outcome.failures { Console.error("costcurve: \(failure.error)") }
    var record = ResultRecord(
      context: ContextReader.context(noise: noise, outcome: outcome, seed: seed),
      peaks: outcome.peaks, cases: outcome.records)
    record.setPrice(price)
    return (record, outcome.exitCode)
  }
}
