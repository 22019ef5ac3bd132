import Foundation
import TestSupport
import Testing

/// `costcurve report --charts`: the charts of a run as files.
struct ChartFolderTests {
  @Test func chartsAreWrittenWithoutABrowser() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let charts = folder.path("a/charts")
    let outcome = try CommandProcess(["report", run, "--no-history", "--charts", charts])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: charts).sorted()
    #expect(names.contains("inference-cost.svg") && names.contains("inference-cost.csv"))
    #expect(names.count { $0.hasSuffix(".svg") } == names.count { $0.hasSuffix(".csv") })
    let drawing = try String(contentsOfFile: charts + "/inference-cost.svg", encoding: .utf8)
    #expect(drawing.hasPrefix("<svg ") && drawing.hasSuffix("</svg>\n"))
    let closed = try CommandProcess(["report", run, "--no-history", "--charts", "/dev/null/x"])
    #expect(closed.status == 6)
    #expect(closed.errors.contains("/dev/null/x"))
  }
}
