import Economics
import Foundation
import Harness
import Reporter
import Testing

/// The page in a real browser: no error, no request, every mark drawn, controls that work.
///
/// Needs Chromium and Python; `COSTCURVE_REQUIRE_BROWSER=1` turns their absence into a failure, and
/// `COSTCURVE_AXE` names axe-core's script, which then checks accessibility as well.
@Suite(.serialized) struct BrowserTests {
  static let environment = ProcessInfo.processInfo.environment
  static let isRequired = environment["COSTCURVE_REQUIRE_BROWSER"] == "1"
  static let hasBrowser =
    find("python3") != nil
    && ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].contains {
      find($0) != nil
    }

  @Test(
    .enabled(if: hasBrowser || isRequired, "there is no Chromium or no Python to drive it"),
    .timeLimit(.minutes(3)))
  func theSampleReport() throws {
    var report = try SampleReport.report
    let local = LocalMeasurement(report.record)
    report.claims = try Claims.audit(local: local).claims
    report.findings = try Findings.all()
    let verdicts = Dictionary(
      grouping: report.claims.map { $0.verdict?.rawValue ?? "not evaluated" }, by: { $0 }
    ).mapValues(\.count)
    try check(report, claims: verdicts, isInteractive: true)
  }

  @Test(
    .enabled(if: hasBrowser || isRequired, "there is no Chromium or no Python to drive it"),
    .timeLimit(.minutes(3)), arguments: [0, 1, 6, 11])
  func hostileStrings(_ index: Int) throws {
    let report = try SampleReport.report(saying: RobustnessTests.hostile[index])
    try check(report, claims: [:], isInteractive: false)
  }

  /// What the script needs to know of a page.
  private struct Expected: Encodable {
    var points: [String: Int]
    var claims: [String: Int]
    var interactive: Bool
  }

  private func check(_ report: Report, claims: [String: Int], isInteractive: Bool) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("costcurve-browser-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = folder.appendingPathComponent("report.html")
    try Data(HTMLReport().text(report).utf8).write(to: page)
    let points = report.document.sections.flatMap(\.blocks).compactMap { block in
      switch block {
      case .chart(let chart): (chart.id, chart.drawnPoints)
      case .rows(let chart): (chart.id, chart.drawnPoints)
      default: nil
      }
    }
    let expected = folder.appendingPathComponent("expected.json")
    try JSONEncoder().encode(
      Expected(
        points: Dictionary(uniqueKeysWithValues: points), claims: claims,
        interactive: isInteractive)
    ).write(to: expected)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Browser/check_report.py")
    let python = try #require(BrowserTests.find("python3"))
    let axe = BrowserTests.environment["COSTCURVE_AXE"].map { [$0] } ?? []
    let (status, output) = try run(
      python, [script.path, page.path, expected.path] + (isInteractive ? axe : []))
    #expect(status == 0, "\(output)")
  }

  private func run(_ program: String, _ arguments: [String]) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private static func find(_ name: String) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
