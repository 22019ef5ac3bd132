import Foundation
import Harness
import TestSupport
import Testing

/// Counts, powers of ten and ratios are written in one way: `1 case`, `10⁹`, `1.41x`.
///
/// Everything is asked for with `--full`: what has no room on a screen keeps to it too.
struct NumberStyleTests {
  /// What is written in another way: `1 case(s)`, `1 cases`, `2.00 threads`, `10^9`, `1e9 images`,
  /// `3.2e-07`, `0.952 times as fast`.
  private static func strays(in text: String) -> [String] {
    let forms = [
      /\w+\(s\)/, /\d\.\d+ (?:thread|CPU|case|run|sample|process|epoch|instance|level)s?\b/,
      /10\^-?\d/, /\d ?e[-+]\d\d\b/, /\b1e9 images/,
      /\d\]? times (?:as|the|that|gained|short|more|less|dearer)\b/, /\d×(?: |$)/,
      // A blank before it may stand between thousands.
      /(?:^|[^\d.]\s|[(\n])1 (?:image|position|case|thread|CPU|run|sample|epoch|step|claim|row|call|shape)s\b/,
    ]
    return forms.flatMap { form in text.matches(of: form).map { String($0.output) } }
  }

  @Test func otherStylesAreSeen() {
    for text in [
      "1 case(s)", "2.00 threads", "10^9 images", "3.20e-07 s", "1e9 images",
      "0.952 times as fast", "1.41 [1.38, 1.44] times the rate", "8× faster", "44 times less",
      "300 times dearer", "1 images by x", "on 1 threads", "a peak (1 CPUs)",
    ] {
      #expect(Self.strays(in: text).count == 1, "\(text)")
    }
    #expect(Self.strays(in: "2 threads, 8.64×10¹⁹ FLOP, 1.41x [1.38, 1.44], 16 × 4 = 64") == [])
    #expect(Self.strays(in: "1 thread, 21 cases, 25 001 images, 2 1 cases") == [])
  }

  @Test func helpKeepsToIt() throws {
    let help = try CommandProcess(["--experimental-dump-help"]).output
      // What a value is unless given stands as it can be typed.
      .replacing(/"defaultValue" : ".*"/, with: "")
    #expect(help.contains("10⁹ images"))
    #expect(Self.strays(in: help) == [])
  }

  @Test func claimsKeepToIt() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(try SampleRuns.timed()))
    for words in [
      ["list"], ["audit"], ["audit", "--format", "markdown"], ["show", "inference-cost-1b-end"],
      ["show", "inference-cost-curve"],
    ] {
      let outcome = try CommandProcess(
        ["claims"] + words + ["--run", run, "--full"])
      #expect(outcome.output.contains("10⁹"), "\(words)")
      #expect(Self.strays(in: outcome.output) == [], "\(words)")
    }
  }

  @Test func reportsKeepToIt() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(try SampleRuns.timed()))
    let race = try folder.file("peers.json", try SampleRuns.data(try SampleRuns.race()))
    for format in ["text", "markdown", "html"] {
      let outcome = try CommandProcess([
        "report", run, "--peers", race, "--no-history", "--full", "--format", format,
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      // Scripts, styles, drawings and tables for other programs are no text.
      let text = outcome.output.replacing(
        #/<(script|style)[\s\S]*?</\1>|<pre class="data"[\s\S]*?</pre>|<[^>]*>/#, with: "\n")
      #expect(Self.strays(in: text) == [], "\(format)")
    }
  }

  @Test func costKeepsToIt() throws {
    for format in ["text", "markdown"] {
      let outcome = try CommandProcess([
        "cost", "--usd-per-billion-images", "0.03", "--usd-per-hour", "0.34", "--full", "--format",
        format,
      ])
      #expect(outcome.output.contains("10⁹ images"))
      #expect(Self.strays(in: outcome.output) == [], "\(format)")
    }
  }
}
