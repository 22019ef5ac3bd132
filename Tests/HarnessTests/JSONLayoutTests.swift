import Foundation
import Harness
import Testing

/// Records in files: readable, and an array is not a line a number.
@Suite struct JSONLayoutTests {
  private struct Sample: Codable, Equatable {
    var few = [1.5, 2]
    var many = (0..<100).map { Double($0) * 1.25 }
    var none: [Double] = []
    var names = ["a [", "b {", "] c,", ""]
    var nested = [[1.0, 2], [], [3]]
    var rows: [[String: [Double]]] = [["x": [1, 2]], [:]]
    var last = 1
  }

  @Test func fillsLinesAndSaysTheSame() throws {
    let text = try RecordJSON.text(Sample())
    #expect(try ResultRecord.decoder().decode(Sample.self, from: Data(text.utf8)) == Sample())
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.contains("  \"few\" : [1.5, 2],"))
    #expect(lines.contains("  \"none\" : [],"))
    #expect(lines.contains(#"  "names" : ["a [", "b {", "] c,", ""],"#))
    #expect(lines.contains("    [1, 2],"))
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(
      lines.contains("  \"many\" : [") && lines.contains { $0.hasPrefix("    0, 1.25, 2.5,") })
    #expect(lines.count < 30, "\(lines.count) lines")
    #expect(lines.last == "")
  }

  @Test func aRecordIsReadBack() throws {
    let text = try RecordJSON.text(RecordFixture.record)
    let back = try ResultRecord.decoder().decode(ResultRecord.self, from: Data(text.utf8))
    #expect(back == RecordFixture.record)
  }

  /// Older records have the whole warm-up and no count of it.
  @Test func warmUpIsBoundedAndOldRecordsKeepTheirs() throws {
    typealias Samples = CaseRecord.ProcessSamples
    let times = (1...100).map(Double.init)
    let samples = Samples(samplesNs: [1], flags: [""], callsPerSample: 1, warmupNs: times)
    #expect(samples.warmupNs == Array(times.prefix(Samples.warmupsKept)))
    #expect(samples.warmupCount == 100)
    let old = """
      {"samples_ns": [1], "flags": [""], "calls_per_sample": 1, "peak_memory_bytes": null,
       "warmup_ns": \(times)}
      """
    let read = try ResultRecord.decoder().decode(Samples.self, from: Data(old.utf8))
    #expect(read.warmupNs == times && read.warmupCount == nil)
  }
}
