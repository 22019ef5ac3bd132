import Foundation
import Harness
import TestSupport
import Testing

/// The commands beside two busy loops: the machine is spoken of first, and nothing impossible said.
@Suite(.serialized) struct BusyMachineTests {
  /// Busy loops, one a CPU and two at least, for as long as the value lives.
  private final class Load {
    private var loops: [Process] = []

    init() throws {
      for _ in 0..<max(2, MachineReader.availableThreads) {
        let loop = Process()
        loop.executableURL = URL(fileURLWithPath: "/bin/sh")
        // It ends by itself, after so many seconds of CPU time, should this process be killed.
        loop.arguments = ["-c", "ulimit -t 100; while :; do :; done"]
        loop.standardInput = FileHandle.nullDevice
        try loop.run()
        loops.append(loop)
      }
    }

    deinit {
      // Not by a signal that a child may have inherited as ignored.
      for loop in loops { kill(loop.processIdentifier, SIGKILL) }
      for loop in loops { loop.waitUntilExit() }
    }
  }

  private func head(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).prefix(5).joined(separator: "\n")
  }

  /// The cells of every table column of a Markdown text that tells a share of the peak.
  private func shares(_ markdown: String) -> [String] {
    var column: Int?
    return markdown.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
      guard line.hasPrefix("|") else {
        column = nil
        return nil
      }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard let index = column else {
        column = cells.firstIndex { $0.hasPrefix("Of peak") || $0.hasPrefix("Of roof") } ?? -1
        return nil
      }
      return index >= 0 && index < cells.count && !cells[index].hasPrefix(":")
        && !cells[index].hasPrefix("-") ? cells[index] : nil
    }
  }

  @Test(.timeLimit(.minutes(5))) func aRunSaysFirstThatTheMachineWasBusy() throws {
    let folder = try TemporaryDirectory()
    let load = try Load()
    let outcome = try CommandProcess(
      [
        "run", "--smoke", "--filter", "^gemm/|^peak/fma", "--output-folder", folder.path("report"),
        "--usd-per-hour", "0.1",
      ], timeout: 200)
    withExtendedLifetime(load) {}
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(head(outcome.output).contains("machine was busy"), "\(head(outcome.output))")
    #expect(outcome.errors.contains("the machine is busy"))

    func file(_ name: String) throws -> String {
      String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: folder.path("report/" + name))),
        as: UTF8.self)
    }
    let (json, markdown, page) = (
      try file("run.json"), try file("report.md"), try file("report.html")
    )
    #expect(head(markdown).contains("machine was busy") && page.contains("The machine was busy"))
    #expect(head(json).contains("\"validity\""))
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: Data(json.utf8))
    #expect(record.validity?.ok == false)
    #expect((record.context.noise.otherProcessesPercent ?? 0) > 5)
    #expect(!record.cases.isEmpty)
    #expect(record.cases.allSatisfy { ($0.derived.percentOfPeak ?? 0) <= ShareOfPeak.most })
    let cells = shares(markdown)
    #expect(!cells.isEmpty)
    for cell in cells {
      let isShare = Double(cell).map { $0 <= ShareOfPeak.most } ?? true
      #expect(isShare, "a share of \(cell) % is shown")
    }
    let peaks = record.peaks.compactMap(\.fmaGflops)
    #expect(peaks == peaks.sorted(), "more threads do no less: \(peaks)")
  }

  @Test(.timeLimit(.minutes(5))) func aCaseThatWaitedInVainSaysSo() throws {
    let load = try Load()
    let outcome = try CommandProcess(
      [
        "infer", "--network", "resnet20", "--threads", "1", "--quick", "--duration", "200ms",
        "--no-save", "--wait-for-quiet", "1s",
      ], timeout: 200)
    withExtendedLifetime(load) {}
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(head(outcome.output).contains("busy"), "\(head(outcome.output))")
    #expect(outcome.output.contains("never became quiet"))
    #expect(!outcome.output.contains("runs at"), "a rate of the machine is stated")
  }

  @Test func aWaitIsADuration() throws {
    for text in ["soon", "0s", "2d"] {
      let outcome = try CommandProcess(["infer", "--quick", "--wait-for-quiet", text])
      #expect(outcome.status == 64 && outcome.errors.contains("--wait-for-quiet"), "\(text)")
    }
  }
}
