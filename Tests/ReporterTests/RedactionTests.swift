import Harness
import Reporter
import Testing

/// Nothing that names a person, a host or a place on disk survives in any format.
@Suite struct RedactionTests {
  private let redaction = Redaction(
    names: ["zaphod-box", "zaphod-box.example.net", "zaphod", "zb"],
    fileOptions: ["--weights", "--output-folder", "-o"])

  @Test(arguments: [
    ("/home/zaphod/run.json", "(path)"), ("on zaphod-box.example.net", "on (name)"),
    ("ZAPHOD's machine", "(name)'s machine"), ("zaphodic", "zaphodic"),
    ("lib at /usr/lib/libopenblas.so.0, ok", "lib at (path), ok"),
    ("PATH=/opt/x:/opt/y", "PATH=(path)"),
    ("infer/resnet50/b16/t2/native", "infer/resnet50/b16/t2/native"),
    ("https://example.org/a/b", "https://example.org/a/b"),
    ("images/s and GFLOP/s", "images/s and GFLOP/s"),
    ("~/secret/x", "(path)"), ("../up/x and ./here/y", "(path) and (path)"), ("zb 1/2", "zb 1/2"),
    ("file:///home/zaphod/x", "file:///home/(name)/x"),
  ])
  func strings(_ text: String, _ expected: String) { #expect(redaction.text(text) == expected) }

  @Test func noFormatHoldsANameOrAPath() throws {
    var record = SampleReport.record
    record.context.kernel = "6.1.0 built by zaphod@zaphod-box"
    record.context.arguments = [
      "run", "--weights", "private/models/w.safetensors", "--output-folder=out/secret", "--quick",
    ]
    record.context.environment = ["OPENBLAS_HOME": "/home/zaphod/blas"]
    record.context.libraries[0].configuration = "Zen from /home/zaphod/lib/libopenblas.so"
    record.cases[0].repeat = "costcurve infer --weights private/models/w.safetensors --threads 2"
    record.cases[0].parameters["weights"] = "/home/zaphod/w.safetensors"
    record.price?.source = "/home/zaphod/prices.csv"
    let report = Report(record: try redaction.record(record))
    let texts = [
      HTMLReport().text(report), TerminalReport().text(report), MarkdownReport().text(report),
      CSVReport().text(report), try JSONReport().text(report),
    ]
    for text in texts {
      for secret in ["zaphod", "/home", "private/models", "out/secret", "prices.csv"] {
        #expect(!text.lowercased().contains(secret), "\(secret)")
      }
      #expect(text.contains(SampleReport.machine) || text.hasPrefix("id,"))
    }
  }

  /// A name with blanks is one word of the line that repeats a case, quoted or escaped.
  @Test(arguments: [
    "costcurve infer --weights 'my secret.safetensors' --threads 2",
    #"costcurve infer --weights my\ secret.safetensors --threads 2"#,
    "costcurve infer '--weights=my secret.safetensors' --threads 2",
  ])
  func aFileWithBlanksIsOneWord(_ line: String) throws {
    var record = SampleReport.record
    record.cases[0].repeat = line
    let repeated = try redaction.record(record).cases[0].repeat
    #expect(!repeated.contains("secret"), "\(repeated)")
    #expect(repeated.contains("(path)") && repeated.hasSuffix("--threads 2"), "\(repeated)")
  }

  @Test func figuresStay() throws {
    let redacted = try redaction.record(SampleReport.record)
    #expect(redacted.cases.map(\.derived) == SampleReport.record.cases.map(\.derived))
    #expect(redacted.cases.map(\.id) == SampleReport.record.cases.map(\.id))
    #expect(redacted.peaks == SampleReport.record.peaks)
  }
}
