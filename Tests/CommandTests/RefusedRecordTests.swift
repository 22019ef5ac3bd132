import Foundation
import Harness
import TestSupport
import Testing

/// Whole records that are read and refused all the same.
struct RefusedRecordTests {
  @Test func aRunOfAnotherSchemaOrWithoutAPriceAboveZeroIsRefused() throws {
    let folder = try TemporaryDirectory()
    var (other, free) = (try SampleRuns.timed(), try SampleRuns.timed())
    other.schema = "costcurve.comparison"
    free.price?.usdPerHour = 0
    for (record, sentence) in [
      (other, "follows the schema 'costcurve.comparison'"),
      (free, "price.usd_per_hour is 0.0, not above 0"),
    ] {
      let path = try folder.file("run.json", try SampleRuns.data(record))
      let outcome = try CommandProcess(["report", path, "--no-history"])
      #expect(outcome.status == 1, "\(sentence): \(outcome.errors)")
      #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
    }
  }
}
