import Foundation
import TestSupport
import Testing

/// `costcurve report` as a process: every form of a stored run, and what it refuses.
struct ReportCommandTests {
  @Test func aStoredRunRendersInEveryForm() throws {
    let folder = try TemporaryDirectory()
    let measured = try CommandProcess([
      "roofline", "--quick", "--threads", "1", "--filter", "fma", "--no-save", "--format", "json",
      "-o", folder.path("run.json"),
    ])
    #expect(measured.status == 0, "\(measured.errors)")
    let signs = [
      ("text", "FMA"), ("json", "costcurve.result"), ("csv", "peak/fma/t1"), ("markdown", "# "),
      ("html", "<!DOCTYPE html>"),
    ]
    for (format, sign) in signs {
      let outcome = try CommandProcess(["report", folder.path("run.json"), "--format", format])
      #expect(outcome.status == 0, "\(format): \(outcome.errors)")
      #expect(outcome.output.lowercased().contains(sign.lowercased()), "\(format)")
    }
    let closed = try CommandProcess([
      "report", folder.path("run.json"), "-o", "/no/such/folder/report.html",
    ])
    #expect(closed.status == 6)
    #expect(closed.errors.contains("/no/such/folder"))
  }

  @Test func whatIsNoRunIsRefused() throws {
    let folder = try TemporaryDirectory()
    let absent = try CommandProcess(["report", folder.path("none.json")])
    #expect(absent.status == 5)
    #expect(absent.errors.contains("none.json"))
    for content in ["", "{", "[]", "{\"schema\": \"other\"}"] {
      let path = try folder.file("bad.json", Data(content.utf8))
      let outcome = try CommandProcess(["report", path])
      #expect(outcome.status == 1, "'\(content)': \(outcome.errors)")
      #expect(outcome.errors.contains("bad.json"))
      #expect(outcome.output.isEmpty)
    }
  }
}
