import Foundation
import Harness
import TestSupport
import Testing

/// The measuring commands as processes: their records, and how they end.
struct MeasureCommandTests {
  @Test func inferPrintsTheRecord() throws {
    let outcome = try CommandProcess([
      "infer", "--network", "resnet18", "--input-size", "32", "--batch-size", "2", "--threads", "1",
      "--engine", "openblas", "--duration", "200ms", "--quick", "--no-save", "--usd-per-hour",
      "0.5",
      "--format", "json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(outcome.output.utf8))
    let item = try #require(record.cases.first)
    #expect(item.id == "infer/resnet18/b2/i32/t1/openblas")
    #expect(item.correctness.status == .passed)
    #expect(item.accuracy.status == "not evaluated")
    #expect(item.validity.ok)
    #expect(record.price?.usdPerHour == 0.5)
    let rate = try #require(item.derived.imagesPerSecond)
    let cost = try #require(item.derived.usdPerBillionImages)
    #expect(abs(cost * 3600 * rate / 1e9 - 0.5) < 1e-9)
    #expect(!item.processes.flatMap(\.samplesNs).isEmpty)
    // Beside much other work, such as other tests, there is no peak, and the record says so.
    let hasPeak = record.peaks.contains { $0.threads == 1 && ($0.fmaGflops ?? 0) > 0 }
    #expect(hasPeak || record.validity?.ok == false)
  }

  @Test func explainsAForwardPassByLayer() throws {
    let outcome = try CommandProcess([
      "infer", "--network", "resnet18", "--input-size", "32", "--threads", "1", "--explain",
      "--duration", "10ms", "--format", "json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    struct Profile: Decodable {
      struct Row: Decodable {
        var percentOfTime: Double
        var percentOfPeak: Double?
      }
      var rows: [Row]
      var peakGflops: Double?
    }
    let profile = try ResultRecord.decoder().decode(Profile.self, from: Data(outcome.output.utf8))
    #expect(abs(profile.rows.reduce(0) { $0 + $1.percentOfTime } - 100) < 1e-6)
    // On a busy machine every probe of the peak may have been disturbed.
    let hasPeak = profile.peakGflops != nil
    #expect(profile.rows.allSatisfy { ($0.percentOfPeak != nil) == hasPeak })
    #expect(profile.rows.allSatisfy { $0.percentOfPeak ?? 0 <= 102 })
    #expect(outcome.errors.contains("probe of the FMA peak was disturbed") != hasPeak)
  }

  @Test func aRecordNamesTheWeightFileWithoutItsFolder() throws {
    let files = try ArrayFiles()
    let weights = try files.weights(ArrayFiles.tensors("resnet18"))
    let binary = try CommandProcess.binary().path
    for kind in ["infer", "train"] {
      let line = "prepare \(kind)/resnet18/b2/t1/native weights=\(weights) input-size=64"
      let outcome = try CommandProcess(
        ["-c", "echo '\(line)' | '\(binary)' worker"], of: "/bin/sh")
      let reply = try ResultRecord.decoder().decode(
        WorkerReply.self, from: Data(outcome.output.utf8))
      #expect(reply.case?.parameters["weights"] == "w.safetensors", "\(outcome.output)")
    }
  }

  @Test func trainTimesAStep() throws {
    let outcome = try CommandProcess([
      "train", "--network", "resnet18", "--input-size", "64", "--batch-size", "2", "--threads", "1",
      "--duration", "100ms", "--quick", "--no-save", "--format", "json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(outcome.output.utf8))
    let item = try #require(record.cases.first)
    #expect(item.kind == .train)
    #expect(item.derived.imagesPerSecond ?? 0 > 0)
    // Steps on 64-pixel images do not lead to ImageNet's accuracy on 224-pixel ones.
    #expect(item.derived.usdToTrain == nil && item.derived.trainingTarget == nil)
  }

  /// One measurement is answered on a screen; the claims are for `run` and `report`.
  @Test(arguments: [
    (
      ["infer", "--network", "resnet20", "--batch-size", "2", "--duration", "100ms"],
      ["costcurve run --quick"], ["images/s", "p50"]
    ),
    (
      ["kernels", "--filter", "^gemm/256x256x256", "--duration", "20ms"],
      ["gemm/256x256x256/t1/native"], ["Share of peak, native", "Measured FMA peak"]
    ),
    (["roofline", "--duration", "20ms"], ["peak/read-l2/t1", "peak/read-dram/t1"], ["GFLOP/s"]),
  ])
  func aSingleMeasurementIsAnsweredOnAScreen(
    _ arguments: [String], _ names: [String], _ rates: [String]
  ) throws {
    let outcome = try CommandProcess(
      arguments
        + ["--threads", "1", "--quick", "--no-save", "--usd-per-hour", "0.5"].prefix(
          arguments[0] == "infer" ? 6 : 4))
    // Beside other tests the peak may be measured in a worse moment than what is compared with it:
    // then the rate is refused as impossible, and the answer says that instead.
    #expect(outcome.status == 0 || outcome.status == 7, "\(outcome.errors)")
    let isQuiet = outcome.status == 0 && !outcome.output.contains("The machine was busy")
    for word in names + (isQuiet ? rates : []) {
      #expect(outcome.output.contains(word), "\(word): \(outcome.output)")
    }
    for word in [
      "Claims", "Cost curves", "what training costs", "No inference", "Software versions",
    ] {
      #expect(!outcome.output.contains(word), "\(word)")
    }
    #expect(outcome.output.count { $0 == "\n" } <= 40, "\(outcome.output)")
  }

  /// Convolutions of bytes stand beside the peak of bytes, in operations on integers.
  @Test func kernelsOnBytesAreSharesOfTheirOwnPeak() throws {
    let outcome = try CommandProcess([
      "kernels", "resnet18", "--input-size", "64", "--precision", "int8", "--threads", "1",
      "--filter", "layer1.0.conv1", "--duration", "20ms", "--quick", "--no-save", "--format",
      "json",
    ])
    // Beside other tests the peak may be measured in a worse moment than the case.
    #expect(outcome.status == 0 || outcome.status == 7, "\(outcome.errors)")
    let record = try ResultRecord.read(Data(outcome.output.utf8))
    let item = try #require(record.cases.first)
    #expect(record.cases.count == 1)
    #expect(item.id == "conv/resnet18.layer1.0.conv1/forward/b1/i64/t1/int8/native")
    #expect(item.algorithm.hasPrefix("conv.i8.") && item.correctness.status == .passed)
    #expect((item.derived.gigaOperationsPerSecond ?? 0) > 0 && item.derived.gflopsDirect == nil)
    #expect(record.peaks.contains { $0.precision == .int8 && $0.threads == 1 })
    #expect(item.repeat.contains("--precision int8"))
    let refused = try CommandProcess(["kernels", "--precision", "int8", "--engine", "openblas"])
    #expect(refused.status == 64 || refused.status == 5, "\(refused.errors)")
  }

  /// A run has inference in int8 beside float32; a quick one measures no product twice.
  @Test func aRunMeasuresBothPrecisions() throws {
    func cases(_ more: String...) throws -> [String] {
      let outcome = try CommandProcess(["run", "--threads", "1", "--list"] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").map(String.init)
    }
    let (all, quick) = (try cases(), try cases("--quick"))
    for batch in [1, 16] {
      let id = "infer/resnet50/b\(batch)/t1/int8/native"
      #expect(all.contains(id) && quick.contains(id))
    }
    #expect(all.contains("conv/resnet50.conv1/forward/b1/t1/int8/native"))
    #expect(all.contains("peak/dot/t1/int8") && all.contains("gemm/196x256x1024/t1/native"))
    #expect(!quick.contains { $0.hasPrefix("conv/") && $0.contains("/int8/") })
    #expect(!quick.contains("gemm/196x256x1024/t1/native"))
    #expect(quick.contains("conv/resnet50.layer3.0.conv3/forward/b1/t1/native"))
    #expect(try !cases("--engine", "openblas").contains { $0.contains("int8") })
    #expect(try cases("--engine", "native").contains { $0.contains("/int8/native") })
  }

  /// Convolutions of bfloat16 stand beside the peak of bfloat16, in floating-point operations.
  @Test func kernelsInBFloat16AreSharesOfTheirOwnPeak() throws {
    let outcome = try CommandProcess([
      "kernels", "resnet18", "--input-size", "64", "--precision", "bf16", "--threads", "1",
      "--filter", "layer1.0.conv1", "--duration", "20ms", "--quick", "--no-save", "--format",
      "json",
    ])
    // Beside other tests the peak may be measured in a worse moment than the case.
    #expect(outcome.status == 0 || outcome.status == 7, "\(outcome.errors)")
    let record = try ResultRecord.read(Data(outcome.output.utf8))
    let item = try #require(record.cases.first)
    #expect(item.id == "conv/resnet18.layer1.0.conv1/forward/b1/i64/t1/bf16/native")
    #expect(item.algorithm.hasPrefix("conv.bf16.") && item.correctness.status == .passed)
    #expect((item.derived.gflopsDirect ?? 0) > 0 && item.derived.gigaOperationsPerSecond == nil)
    #expect(record.peaks.contains { $0.precision == .bf16 && $0.gigaOperationsPerSecond == nil })
    #expect(item.repeat.contains("--precision bf16"))
  }

  @Test func runWritesItsThreeFiles() throws {
    let folder = try TemporaryDirectory()
    let outcome = try CommandProcess([
      "run", "--smoke", "--no-save", "--threads", "1", "--filter", "^gemm/256|conv1/forward",
      "--output-folder", folder.path("report"),
    ])
    // Beside other tests the peak may be measured in a worse moment than what is compared with it.
    #expect(outcome.status == 0 || outcome.status == 7, "\(outcome.errors)")
    for name in ["run.json", "report.md", "report.html"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("report/" + name)), "\(name)")
    }
    let words = outcome.output.replacing(/\s+/, with: " ")
    #expect(words.contains("All of it: report.html (a page)"), "\(outcome.output)")
    #expect(words.contains("report/run.json --full' prints it."), "\(outcome.output)")
    let mostLines = outcome.output.contains("The machine was busy") ? 16 : 12
    #expect((2...mostLines).contains(outcome.output.count { $0 == "\n" }), "\(outcome.output)")
    #expect(!outcome.errors.contains("The report is in"), "it is said once")
  }

  /// What takes long in int8 is done once.
  @Test func aSmokeRunHasOneInferenceInInt8() throws {
    func bytes(_ more: [String]) throws -> [String] {
      let outcome = try CommandProcess(["run", "--list", "--threads", "1"] + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.split(separator: "\n").map(String.init)
        .filter { $0.hasPrefix("infer/") && $0.contains("/int8/") }
    }
    #expect(try bytes(["--smoke"]) == ["infer/resnet50/b1/t1/int8/native"])
    #expect(try bytes(["--quick"]).count == 2)
  }

  @Test func aFilterThatMatchesNothingIsNoSuccess() throws {
    for command in [["kernels"], ["roofline"], ["run", "--smoke"]] {
      let outcome = try CommandProcess(command + ["--filter", "^nothing$", "--no-save"])
      #expect(outcome.status == 3, "\(command)")
      #expect(outcome.errors.contains("matches none"))
    }
  }

  @Test(arguments: [
    (["infer", "--threads", "0"], 64, "--threads 0"),
    (["infer", "--threads", "100000"], 64, "affinity"),
    (["infer", "--batch-size", "0"], 64, "--batch-size"),
    (["infer", "--input-size", "31"], 64, "--input-size 31"),
    (["infer", "--usd-per-hour", "-1"], 64, "--usd-per-hour"),
    (["infer", "--usd-per-hour", "1e300"], 64, "--usd-per-hour"),
    (["infer", "--duration", "5"], 64, "--duration"),
    (["infer", "--quick", "--rigorous"], 64, "exclude"),
    (["infer", "--network", "resnet51"], 5, "resnet51"),
    (["infer", "--engine", "opnblas"], 5, "'openblas'"),
    (["infer", "--instance", "c5.4xlrge"], 5, "c5.4xlarge"),
    (["infer", "--weights", "/no/such.safetensors"], 5, "/no/such.safetensors"),
    (["infer", "-o", "/no/such/folder/x.json"], 6, "/no/such/folder"),
    (["infer", "-o", "/tmp"], 6, "folder"),
    (["infer", "--network", "resnet50", "--batch-size", "60000"], 1, "MiB"),
    (["run", "--output-folder", "/proc/nowhere"], 6, "/proc/nowhere"),
    (["kernels", "--filter", "("], 64, "regular expression"),
    (["list", "networks", "--format", "yaml"], 64, "--format"),
    (["infr"], 64, "'infer'"),
    (["list", "netwoks"], 64, "networks"),
  ])
  func badInputEndsWithASentence(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let quick = arguments[0] == "infer" ? ["--no-save"] : []
    let outcome = try CommandProcess(arguments + quick)
    #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
    #expect(outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
    #expect(outcome.output.isEmpty)
  }

  /// One CPU of the affinity mask allows one thread.
  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset"), "needs taskset"))
  func moreThreadsThanTheMaskAllowsAreRefused() throws {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let list = try #require(status.firstMatch(of: /Cpus_allowed_list:\s*(\d+)/))
    let outcome = try CommandProcess(
      [
        "-c", String(list.output.1), try CommandProcess.binary().path, "infer", "--threads", "2",
        "--no-save",
      ], of: "/usr/bin/taskset")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("may use 1 to 1"))
  }

  @Test func everyCommandHasAPurposeAndAnExample() throws {
    let help = try CommandProcess(["--help"]).output
    for command in ["run", "infer", "train", "kernels", "roofline", "predict", "claims", "cost"] {
      #expect(help.contains("  \(command) "), "\(command)")
      let page = try CommandProcess([command, "--help"])
      #expect(page.status == 0)
      #expect(page.output.contains("costcurve \(command)"))
    }
  }

  @Test func listsNameWhatThereIs() throws {
    #expect(try CommandProcess(["list", "networks"]).output.contains("4 089 184 256"))
    #expect(try CommandProcess(["list", "engines"]).output.contains("openblas"))
    #expect(try CommandProcess(["list", "instances", "--full"]).output.contains("c5.4xlarge"))
    #expect(
      try CommandProcess(["list", "cases", "--full"]).output.contains(
        "conv/resnet50.conv1/forward/b1/"))
  }

  @Test func anInterruptedRunWritesWhatItHas() throws {
    let running = try CommandProcess.Running([
      "kernels", "--filter", "^gemm/256", "--duration", "30s", "--no-save", "--format", "json",
    ])
    Thread.sleep(forTimeInterval: 2)
    running.send(SIGINT)
    let outcome = try running.result()
    #expect(outcome.status == 130)
    // What was measured by then is a whole record; with nothing measured there is no output.
    if !outcome.output.isEmpty {
      _ = try ResultRecord.decoder().decode(ResultRecord.self, from: Data(outcome.output.utf8))
    }
  }
}
