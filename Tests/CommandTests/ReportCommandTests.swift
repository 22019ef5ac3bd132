import Foundation
import Harness
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

  /// Ranks on three machines are paid for three times, and draw three times the power.
  @Test func aRunOfSeveralMachinesIsPricedByAllOfThem() throws {
    let folder = try TemporaryDirectory()
    var record = try SampleRuns.timed()
    record.cases = record.cases.filter { $0.kind == .train }
    record.cases[0].id = "train/resnet50/b16/r3/m3/t2/native"
    record.cases[0].derived.allReduce = .sample(ranks: 3, machines: 3)
    let path = try folder.file("run.json", try SampleRuns.data(record))
    func report(_ words: String...) throws -> ResultRecord {
      let outcome = try CommandProcess(
        ["report", path, "--no-history", "--format", "json"] + words)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try ResultRecord.decoder().decode(
        ResultRecord.self, from: Data(outcome.output.utf8))
    }
    let priced = try report("--usd-per-hour", "2")
    #expect(priced.price?.usdPerHour == 6)
    #expect(priced.price?.basis.contains("3 machines") == true)
    #expect(try report("--watts", "100").electricity?.watts == 300)
    let owned = try report(
      "--hardware-usd", "8766", "--lifetime-years", "1", "--watts", "100", "--usd-per-kwh", "0.1")
    #expect(owned.electricity?.watts == 300)
    #expect(abs(try #require(owned.price).usdPerHour / 3.03 - 1) < 1e-9)
  }

  /// Layers and ResNet-50 in lower precision stand under the peak of each.
  @Test func eachPrecisionHasARooflineAndABoundOfItsPrice() throws {
    var record = try SampleRuns.timed()
    record.peaks.append(.init(threads: 2, precision: .bf16, rate: 300))
    record.peaks.append(.init(threads: 2, precision: .int8, gigaOperationsPerSecond: 400))
    for level in ["l1", "l2", "l3", "dram"] {
      var probe = record.cases[0]
      (probe.id, probe.kind) = ("peak/read-\(level)/t2", .peak)
      probe.derived = .init()
      probe.derived.gbPerS = 50
      record.cases.append(probe)
    }
    for precision in ["bf16", "int8"] {
      var layer = record.cases[0]
      (layer.id, layer.kind) = ("conv/resnet50.conv1/forward/b16/t2/\(precision)/native", .conv)
      layer.parameters = ["minimum_bytes": 1_000_000]
      layer.derived = .init()
      record.cases.append(layer)
    }
    let folder = try TemporaryDirectory()
    let path = try folder.file("run.json", try SampleRuns.data(record))
    let page = try CommandProcess(["report", path, "--no-history", "--format", "html"])
    #expect(page.status == 0, "\(page.errors)")
    for precision in ["bf16", "int8"] {
      #expect(page.output.contains("Layers in \(precision) under the roofline"), "\(precision)")
      #expect(page.output.contains("its \(precision) peak"), "\(precision)")
    }
    // 90 epochs of 24.5 GFLOP an image at 300 GFLOP/s; no step multiplies bytes.
    let text = try CommandProcess(["report", path, "--no-history", "--format", "markdown"]).output
    let bounds = text.split(separator: "\n").filter { $0.contains("This machine at its ") }
    let halved = bounds.first { $0.contains("its bf16 peak") }
    #expect(halved?.contains("$943") == true && halved?.contains("n/a") == false, "\(bounds)")
    #expect(bounds.first { $0.contains("its int8 peak") }?.contains("n/a") == true, "\(bounds)")
  }

  @Test func whatIsNoRunIsRefused() throws {
    let folder = try TemporaryDirectory()
    let absent = try CommandProcess(["report", folder.path("none.json")])
    #expect(absent.status == 5)
    #expect(absent.errors.contains("none.json"))
    #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
    for (path, word) in [(folder.path("pipe"), "a pipe"), (folder.root, "a folder")] {
      let outcome = try CommandProcess(["report", path], timeout: 20)
      #expect(outcome.status == 1, "\(outcome.errors)")
      #expect(outcome.errors.contains(word))
    }
    for content in ["", "{", "[]", "{\"schema\": \"other\"}"] {
      let path = try folder.file("bad.json", Data(content.utf8))
      let outcome = try CommandProcess(["report", path])
      #expect(outcome.status == 1, "'\(content)': \(outcome.errors)")
      #expect(outcome.errors.contains("bad.json"))
      #expect(outcome.output.isEmpty)
    }
  }

  @Test func aGzippedRunReadsAsThePlainOne() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let plain = try CommandProcess(["report", run, "--no-history"])
    #expect(plain.status == 0, "\(plain.errors)")
    #expect(try CommandProcess(["-n", run], of: "/bin/gzip").status == 0)
    let packed = try CommandProcess(["report", run + ".gz", "--no-history"])
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(packed.output == plain.output)
    let whole = try Data(contentsOf: URL(fileURLWithPath: run + ".gz"))
    let cut = try folder.file("cut.gz", whole.prefix(whole.count / 2))
    let refused = try CommandProcess(["report", cut])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("cut.gz"))
  }

  @Test func peersStandBesideTheEngines() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let race = try folder.file("peers.json", try SampleRuns.data(SampleRuns.race()))
    let outcome = try CommandProcess(["report", run, "--peers", race, "--no-history", "--full"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("apeer 3.1  "))
    #expect(
      outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "1.43x [1.40, 1.46]"))
    #expect(
      outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "of an interleaved comparison, made on 2026-11-22"))
    let other = try folder.file("other.json", try SampleRuns.data(SampleRuns.race(cpu: "another")))
    let refused = try CommandProcess(["report", run, "--peers", other])
    #expect(refused.status == 9)
    #expect(refused.errors.contains("'another'"))
  }

  /// Neither a peer nor a larger batch is a generation of ours.
  @Test func aRaceIsAnsweredByOurEnginesAlone() throws {
    let folder = try TemporaryDirectory()
    var record = try SampleRuns.race()
    record.cases[3].derived.imagesPerSecond = 500
    record.cases[3].derived.usdPerBillionImages = 0.36 / 3600 / 500 * 1e9
    for index in record.cases.indices where index != 1 {
      record.cases[index].derived.firstArmSpeedup = 0.2
      record.cases[index].derived.firstArmSpeedupCi95 = [0.19, 0.21]
    }
    let race = try folder.file("race.json", try SampleRuns.data(record))
    let alone = try CommandProcess(["report", race, "--no-history"])
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(alone.output.contains("runs at 100 images/s on this machine"), "\(alone.output)")

    var gathered = record.cases[1]
    gathered.id = "infer/resnet50/b16/t2/native-gathered"
    gathered.parameters["requests"] = 2
    gathered.derived.imagesPerSecond = 900
    record.cases.append(gathered)
    let more = try folder.file("more.json", try SampleRuns.data(record))
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let outcome = try CommandProcess(["report", run, "--peers", more, "--no-history", "--full"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "newest runs at 0.200x [0.190, 0.210] the rate of the fastest external runtime with one "
          + "request in flight, apeer 3.1."))
    #expect(!outcome.output.contains("gathered"))
  }

  /// What has two requests in flight is told apart, also where it has the highest rate.
  @Test func theFastestRuntimeHasOneRequestInFlight() throws {
    let folder = try TemporaryDirectory()
    var record = try SampleRuns.race()
    record.cases[1].derived.firstArmSpeedup = 1
    record.cases[1].derived.firstArmSpeedupCi95 = [1, 1]
    record.cases[0].derived.firstArmSpeedup = 2.1
    record.cases[0].derived.firstArmSpeedupCi95 = [2, 2.2]
    var several = record.cases[3]
    several.id = "infer/resnet50/b16/t2/bpeer"
    several.algorithm = "bpeer 4.0, throughput"
    several.parameters["requests"] = 2
    several.derived.imagesPerSecond = 90
    (several.derived.firstArmSpeedup, several.derived.firstArmSpeedupCi95) = (1.11, [1.05, 1.17])
    record.cases.append(several)
    let race = try folder.file("race.json", try SampleRuns.data(record))
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let outcome = try CommandProcess(["report", run, "--peers", race, "--no-history", "--full"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      text.contains(
        "1.43x [1.40, 1.46] the rate of the fastest external runtime with one request in flight, "
          + "apeer 3.1. bpeer 4.0 is faster with 2 in flight: the newest, with one, runs at "
          + "1.11x [1.05, 1.17] its rate."), "\(text)")
    #expect(text.contains("is 2.10x [2.00, 2.20] as fast as OpenBLAS im2col, in inference."))

    record.cases.removeAll { $0.id.hasSuffix("/apeer") }
    let crowd = try folder.file("crowd.json", try SampleRuns.data(record))
    let other = try CommandProcess(["report", run, "--peers", crowd, "--no-history", "--full"])
    #expect(other.status == 0, "\(other.errors)")
    #expect(
      other.output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
        "The newest, with one request in flight, runs at 1.11x [1.05, 1.17] the rate of bpeer 4.0 "
          + "with 2."), "\(other.output)")
  }

  @Test func theHistoryOfTheSameMachineIsDrawn() throws {
    let folder = try TemporaryDirectory()
    var files: [String] = []
    for day in 1...8 {
      let record = try SampleRuns.timed(
        date: "2026-11-0\(day)T10:00:00Z", slowness: (day < 5 ? 1.3 : 1) + Double(day) / 1_000)
      files.append(try folder.file("run\(day).json", try SampleRuns.data(record)))
    }
    let stranger = try SampleRuns.timed(date: "2026-11-09T10:00:00Z", cpu: "another")
    files.append(try folder.file("run9.json", try SampleRuns.data(stranger)))
    let database = folder.path("history.sqlite")
    let imported = try CommandProcess(["history", "import", "--database", database] + files)
    #expect(imported.status == 0, "\(imported.errors)")
    let outcome = try CommandProcess(["report", files[7], "--database", database, "--full"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("8 runs, latest 99.2 images/s, last step +2"))
    let page = try CommandProcess([
      "report", files[7], "--database", database, "--format", "html",
    ]).output
    #expect(page.contains("id=\"figure-history-1\"") && page.contains("id=\"figure-history-2\""))
    let without = try CommandProcess(
      ["report", files[7], "--database", database, "--no-history", "--format", "html"])
    #expect(!without.output.contains("figure-history"))
    let absent = try CommandProcess(
      ["report", files[7], "--database", folder.path("none.sqlite")])
    #expect(absent.status == 5)
    #expect(absent.errors.contains("none.sqlite"))
  }

  /// A shape counts where both engines gave the right answer; its ratio is of rounds, not medians.
  @Test func enginesStandBesideEachOtherRoundByRound() throws {
    var record = try SampleRuns.timed()
    let sample = record.cases[1]
    func kernel(_ id: String, _ rounds: [Double], isRight: Bool = true) -> CaseRecord {
      var item = sample
      (item.id, item.kind, item.validity.ok) = ("gemm/" + id, .gemm, isRight)
      item.processes = rounds.map {
        .init(samplesNs: [$0, $0], flags: ["", ""], callsPerSample: 1, warmupNs: [])
      }
      return item
    }
    record.cases = [
      kernel("8x8x8/t1/openblas", [200, 400]), kernel("9x9x9/t1/openblas", [50, 50]),
      kernel("7x7x7/t1/openblas", [50, 50], isRight: false), kernel("6x6x6/t1/openblas", [1, 1]),
      kernel("8x8x8/t1/native", [100, 100]), kernel("9x9x9/t1/native", [100, 100]),
      kernel("7x7x7/t1/native", [100, 100]), kernel("5x5x5/t1/native", [1, 1]),
    ]
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(record))
    let text = try CommandProcess(["report", run, "--no-history", "--format", "markdown"]).output
    // Of 2 and 4 times, and of half: the square root of (2 · 4)^(1/2) · 1/2.
    #expect(
      text.contains("round by round: 1.19x \\[0.132, 10.8\\] as fast in the geometric mean"),
      "\(text)")
    #expect(text.contains("at least as fast on 1 of 2 shapes"))
    #expect(text.contains("| 2.83 \\[") && text.contains("| 0.500 \\["))
    #expect(!text.contains("laims") && !text.contains("billion"))
  }

  @Test func aTrainingFolderIsDrawn() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let curve = "epoch\thours\ttop1Accuracy\n1\t0.05\t81.25\n2\t0.1\t90.5\n"
    _ = try folder.file("epochs.tsv", Data(curve.utf8))
    _ = try folder.file(
      "dawnbench.json",
      Data(#"{"model": "resnet20", "costPerHour": 0.5, "misc": {"dataset": "a-set"}}"#.utf8))
    let outcome = try CommandProcess([
      "report", run, "--learning", folder.root, "--no-history", "--full",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("resnet20 on a-set"))
    #expect(outcome.output.contains("90.50 % after 2 epochs, 6.00 min, $0.0500"))
    let table = try CommandProcess([
      "report", run, "--learning", folder.path("epochs.tsv"), "--no-history", "--format", "html",
    ])
    #expect(table.output.contains("id=\"figure-learning\""))
  }

  @Test func whatIsNoLearningCurveIsRefused() throws {
    let folder = try TemporaryDirectory()
    let run = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let absent = try CommandProcess(["report", run, "--learning", folder.path("none")])
    #expect(absent.status == 5)
    for content in [
      "", "epoch\thours\n1\t2\n", "epoch\thours\ttop1Accuracy\n",
      "epoch\thours\ttop1Accuracy\n1\tx\t90\n", "epoch\thours\ttop1Accuracy\n1\t-1\t90\n",
      "epoch\thours\ttop1Accuracy\n1\t1\t900\n", "epoch\thours\ttop1Accuracy\n1e300\t1\t9\n",
    ] {
      let path = try folder.file("epochs.tsv", Data(content.utf8))
      let outcome = try CommandProcess(["report", run, "--learning", path])
      #expect(outcome.status == 1, "'\(content)': \(outcome.errors)")
      #expect(outcome.errors.contains("epochs.tsv"))
      #expect(outcome.output.isEmpty)
    }
  }

  @Test func severalRunsAreSetSideBySide() throws {
    let folder = try TemporaryDirectory()
    let one = try folder.file("a.json", try SampleRuns.data(SampleRuns.timed()))
    let two = try folder.file("b.json", try SampleRuns.data(SampleRuns.timed(cpu: "another")))
    let outcome = try CommandProcess(["report", one, two, "--no-history"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Side by side"))
    #expect(outcome.output.contains("another"))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
  }
}
