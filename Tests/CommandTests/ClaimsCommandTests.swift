import Foundation
import TestSupport
import Testing

/// `costcurve claims` and `costcurve cost` as processes: what they print and how they end.
struct ClaimsCommandTests {
  /// Runs the binary in an empty folder: the tables are compiled into it.
  private func run(_ arguments: [String]) throws -> CommandProcess {
    let directory = try TemporaryDirectory()
    return try CommandProcess(arguments, directory: directory.root)
  }

  private var data: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Economics/Data")
  }

  @Test func theAuditAgrees() throws {
    let outcome = try run(["claims", "audit"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("61 claims: 27 consistent, 22 inconsistent, 12 not checkable"))
    #expect(outcome.errors.isEmpty)
  }

  /// A cell, a stated number, a literal and a verdict: each change ends with 10.
  @Test(arguments: [
    ("dawnbench_imagenet_train.csv", ",20.6,7.4255,", ",20.6,22.2765,"),
    ("claims-4-hardware.json", "\"value\": 3.06,", "\"value\": 9.18,"),
    ("claims-2-moore.json", "1e15 * constants", "3e15 * constants"),
    (
      "claims-5-models.json", "\"verdict\": \"consistent\",\n    \"reason\": \"Exactly",
      "\"verdict\": \"inconsistent\",\n    \"reason\": \"Exactly"
    ),
    ("facts.csv", "bert_days,4,", "bert_days,12,"), ("facts.csv", "bert_days,", "bert_dais,"),
    ("published_work.csv", ",4900000,200,1600,", ",4900000,600,1600,"),
    ("published_runs.csv", ",3640,", ",10920,"),
  ])
  func aChangedNumberEndsWithTen(file: String, old: String, new: String) throws {
    let directory = try TemporaryDirectory()
    let text = try String(contentsOf: data.appendingPathComponent(file), encoding: .utf8)
    #expect(text.contains(old))
    _ = try directory.file(file, Data(text.replacing(old, with: new).utf8))
    let outcome = try run(["claims", "audit", "--claims", directory.root])
    #expect(outcome.status == 10)
    #expect(outcome.errors.contains("disagrees with what is on record"))
  }

  @Test func aMalformedFileEndsWithOneAndIsNamed() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.file("claims-1-training.json", Data("[{\"id\": 1}]".utf8))
    let outcome = try run(["claims", "audit", "--claims", directory.root])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("claims-1-training.json: entry 1"))
  }

  @Test(
    arguments: [
      (["claims", "show", "bert-6921"], 5, "'bert-6912'"),
      (["claims", "show"], 64, "<id>"),
      (["claims", "list", "--verdict", "maybe"], 64, "not-checkable"),
      (["claims", "list", "--document", "007"], 5, "There are 000, 001"),
      (["claims", "list", "--kind", "ratios"], 5, "'ratio'"),
      (["claims", "list", "--kind", "projection", "--document", "004"], 3, "no claim fits"),
      (["claims", "audit", "--claims", "nowhere"], 5, "no readable folder"),
      (["claims", "audit", "--run", "nowhere.json"], 5, "nowhere.json"),
      (["cost", "--instance", "c5.2xlarg"], 5, "'c5.2xlarge'"),
      (["cost", "--images-per-second", "0"], 64, "--images-per-second"),
      (["cost", "--epochs", "nan"], 64, "--epochs"),
    ] as [([String], Int32, String)])
  func whatIsWrongIsNamed(arguments: [String], status: Int32, message: String) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == status)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  @Test func theListTeachesWhatHoldsInAHundredColumns() throws {
    let outcome = try run(["claims", "list", "--full"])
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 100 })
    #expect(lines.count { $0.hasPrefix("  ✗ ") } == 22)
    #expect(lines.count { $0.hasPrefix("  ? ") } == 12)
    #expect(lines.count { $0.hasPrefix("  ✓ ") } == 27)
    // Each with a reason of one line.
    #expect(lines.count { $0.hasPrefix("    → ") } == 61)
  }

  @Test func filtersNarrowTheList() throws {
    let outcome = try run([
      "claims", "list", "--verdict", "not-checkable", "--document", "002", "--format", "json",
    ])
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let claims = (object as? [String: Any])?["claims"] as? [[String: Any]] ?? []
    #expect(claims.count == 4)
    for claim in claims {
      #expect(claim["verdict"] as? String == "not checkable")
      #expect((claim["documents"] as? [String])?.contains("002") == true)
    }
  }

  @Test func theRecordOfTheProcessFitsItsSchema() throws {
    let schema = try JSONSchema(
      contentsOf: data.appendingPathComponent("../Schemas/costcurve.claims.schema.json"))
    for arguments in [["audit"], ["show", "bert-6912"], ["list", "--kind", "projection"]] {
      let outcome = try run(["claims"] + arguments + ["--format", "json"])
      #expect(outcome.status == 0)
      #expect(try schema.violations(in: Data(outcome.output.utf8)).isEmpty)
    }
  }

  @Test func aCurveIsFollowedToADayAndSaysWhereItStands() throws {
    let show = ["claims", "show", "train-cost-decline-10x-per-year", "--full", "--at"]
    let inside = try run(show + ["2019-07-01"]).output.replacing(#/\s+/#, with: " ")
    #expect(inside.contains("On 2019-07-01: 10.0316 USD, in range."))
    let outside = try run(show + ["2026-11-21"]).output.replacing(#/\s+/#, with: " ")
    #expect(outside.contains("On 2026-11-21: 4.06604×10⁻⁷ USD, OUT OF RANGE, an extrapolation."))
    #expect(try run(show + ["tomorrow"]).status == 64)
  }

  @Test func showHasEveryInputAndStep() throws {
    let outcome = try run(["claims", "show", "bert-6912", "--full"])
    #expect(outcome.status == 0)
    for text in [
      "6912 USD", "facts[bert_days].value = 4", "16 × 4 = 64", "64 × 24 = 1536",
      "4.595 − 0.095 = 4.5", "1536 × 4.5 = 6912", "claimed 6912: 1x, consistent", "within 0.1 %",
    ] {
      #expect(outcome.output.contains(text), "\(text)")
    }
  }

  @Test func theWholeAuditAsCSVAndMarkdown() throws {
    let csv = try run(["claims", "audit", "--format", "csv"]).output
    #expect(csv.split(separator: "\r\n").count == 207)
    let markdown = try run(["claims", "audit", "--format", "markdown", "--full"]).output
    #expect(markdown.split(separator: "\n").count { $0.hasPrefix("## ") } == 62)
    // What a comment on GitHub takes, with every claim and without its recomputation.
    let brief = try run(["claims", "audit", "--format", "markdown"]).output
    #expect(brief.utf8.count < 65_536 && brief.contains("`bert-6912`"))
    #expect(brief.split(separator: "\n").count { $0.hasPrefix("## ") } == 1)
    let page = try run(["claims", "show", "bert-6912", "--format", "html"]).output
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("bert-6912"))
  }

  @Test func aRunIsSetBesideTheClaims() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.file("run.json", Data(SampleRuns.inference.utf8))
    func local(_ claim: String) throws -> String {
      let outcome = try run(["claims", "show", claim, "--run", file])
      #expect(outcome.status == 0)
      let parts = outcome.output.split(separator: "On this machine")
      return String(parts.last ?? "").replacing(#/\s+/#, with: " ")
    }
    #expect(try local("inference-cost-1b-end").contains("10⁹ images classified here: 1000 USD"))
    #expect(try local("inference-cost-1b-end").contains("800 to 1250 USD, at 0.36 USD/h, made up"))
    #expect(try local("software-8x").contains("on this machine: 2 x"))
    #expect(try local("petaflop-day-definition").contains("in a day here: 0.0002 pfs-days"))
    #expect(try local("train-cost-resnet50-2017").contains("384.35 USD (extrapolated)"))
    // Nothing of BERT was run, so the command that would is named.
    #expect(try local("bert-6912").contains("costcurve train --network bert-large"))
    let bad = try directory.file("bad.json", Data("{}".utf8))
    #expect(try run(["claims", "list", "--run", bad]).status == 1)
  }

  /// A step of BERT-large beside the run, of 200 operations a nanosecond and 100 tokens a second.
  @Test func severalRunsOfOneMachineAreJoined() throws {
    let directory = try TemporaryDirectory()
    let first = try directory.file("run.json", try SampleRuns.data(try SampleRuns.timed()))
    var step = try SampleRuns.timed()
    step.cases = [step.cases[2]]
    step.cases[0].id = "train/bert-large/b4/t2/native"
    step.cases[0].parameters = ["network": "bert-large", "batch_size": 4, "sequence": 128]
    step.cases[0].derived.imagesPerSecond = nil
    step.cases[0].derived.tokensPerSecond = 100
    step.cases[0].derived.tokensPerSecondCi95 = [80, 125]
    step.cases[0].derived.gflopsDirect = 200
    let bert = try directory.file("bert.json", try SampleRuns.data(step))
    let shown = try run(["claims", "show", "bert-6912", "--run", first, "--run", bert])
    #expect(shown.status == 0, "\(shown.errors)")
    let text = shown.output.replacing(#/\s+/#, with: " ")
    #expect(text.contains("BERT-large pre-trained here: 40 777.4 USD ["), "\(text)")
    #expect(text.contains("÷ 200 GFLOP/s"))
    let report = try run([
      "report", bert, "--no-history", "--full", "--format", "markdown",
    ]).output
    #expect(report.contains("Published trainings: counted work, and what it would take"))
    #expect(report.contains("AlphaGo Zero, 40 blocks in 40 days"))
    step.context.machine.cpu = "another"
    let other = try directory.file("other.json", try SampleRuns.data(step))
    let refused = try run(["claims", "show", "bert-6912", "--run", first, "--run", other])
    #expect(refused.status == 9 && refused.errors.contains("takes runs of one machine"))
  }

  @Test func aFolderReplacesPricesToo() throws {
    let directory = try TemporaryDirectory()
    let head = "cloud,region,instance,family,vcpus,memory_mib,gpu,usd_per_hour_on_demand,"
    let text = head + "usd_per_vcpu_hour,as_of,source,note\n,,mine,,2,,,0.5,0.25,2026-01-01,me,\n"
    _ = try directory.file("cloud_prices.csv", Data(text.utf8))
    let outcome = try run(["cost", "--instance", "mine", "--claims", directory.root])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Price: 0.5 USD an hour"))
  }

  @Test func costGoesBothWays() throws {
    let need = try run([
      "cost", "--usd-per-billion-images", "0.03", "--usd-per-hour", "0.34", "--format", "csv",
    ])
    #expect(need.status == 0)
    #expect(need.output.contains("takes,3148148.148148"))
    let cost = try run([
      "cost", "--images-per-second", "57.588", "--usd-per-hour", "0.34", "--format", "json",
    ])
    let object = try JSONSerialization.jsonObject(with: Data(cost.output.utf8)) as? [String: Any]
    let first = (object?["lines"] as? [[String: Any]])?.first
    let usd = try #require(first?["value"] as? Double)
    #expect(abs(usd - 1640) < 0.01)
    #expect((object?["price"] as? [String: Any])?["usd_per_hour"] as? Double == 0.34)
    let schema = try JSONSchema(
      contentsOf: data.appendingPathComponent("../Schemas/costcurve.cost.schema.json"))
    #expect(try schema.violations(in: Data(cost.output.utf8)).isEmpty)
  }

  @Test func aPriceIsNeverSilent() throws {
    let assumed = try run(["cost"]).output.replacing(#/\s+/#, with: " ")
    #expect(assumed.hasPrefix(" Cost Price: ") && assumed.contains("assumed: median of"))
    let owned = try run([
      "cost", "--hardware-usd", "1000", "--lifetime-years", "4", "--watts", "65",
      "--usd-per-kwh", "0.3",
    ])
    #expect(owned.output.contains("owned: 1000 USD over 4 years"))
  }
}
