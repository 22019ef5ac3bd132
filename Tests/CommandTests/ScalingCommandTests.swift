import Foundation
import Harness
import TestSupport
import Testing

/// `costcurve scaling` as a process.
@Suite struct ScalingCommandTests {
  private static let brief = [
    "scaling", "--network", "resnet20", "--batch-size", "2", "--threads", "1", "--processes", "2",
    "--duration", "50ms",
  ]

  @Test func refusesWhatCannotBeMeasured() throws {
    for (words, word) in [
      (["--ranks", "1"], "above 1"), (["--ranks", "0,2"], "--ranks"),
      (["--ranks", "1,3,4", "--strong"], "cannot cut"),
      (["--ranks", "2", "--duration", "soon"], "--duration"),
      (["--ranks", "2", "--link-gbit", "0"], "--link-gbit"),
    ] {
      let outcome = try CommandProcess(Self.brief + words)
      #expect(outcome.status == 64, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(words): \(outcome.errors)")
    }
    let texts = try CommandProcess(["scaling", "--network", "gpt2", "--ranks", "2"])
    #expect(texts.status == 64)
    #expect(texts.errors.contains("learns from sequences"), "\(texts.errors)")
    let absent = try CommandProcess(Self.brief + ["--ranks", "2", "--launcher", "no-such-mpirun"])
    #expect(absent.status == 5)
    #expect(absent.errors.contains("openmpi-bin"), "\(absent.errors)")
  }

  /// A launcher that answers for two ranks by a record that is made up: 4 ms a step of 2 images each.
  private func launcher(machines: Int, in folder: TemporaryDirectory) throws -> String {
    var derived = CaseRecord.Derived()
    derived.allReduce = .sample(machines: machines, exposedMs: [0.1, 0.2], besideMs: [0.1, 0.1])
    derived.allReduce?.link = CaseRecord.AllReduce.Link(gbPerS: 1, latencyUs: 50)
    let samples = [Double](repeating: 4e6, count: 16)
    let process = CaseRecord.ProcessSamples(
      samplesNs: samples, flags: samples.map { _ in "" }, callsPerSample: 1, warmupNs: [])
    let item = CaseRecord(
      id: "train/resnet20/b2/r2/t1/native", kind: .train, parameters: ["network": "resnet20"],
      algorithm: "step.f32.native", flop: .init(direct: 1, executed: 1),
      correctness: .init(status: .passed, maxError: 0),
      accuracy: .init(status: "not evaluated"), processes: [process],
      statistics: Summary.statistics(of: [samples]), derived: derived,
      validity: .init(ok: true), repeat: "")
    let record = ResultRecord(context: .sample(arguments: ["train"]), cases: [item])
    let answer = try folder.file("two.json", try ResultRecord.encoder().encode(record))
    return try folder.executable(
      "launcher", "echo \"$*\" >> '\(folder.path("calls"))'; cat '\(answer)'; echo\n")
  }

  private struct MadeUp: Decodable {
    struct Machine: Decodable {
      var threads: Int
      var batchSize: Int
      var stepMs: Double
    }
    struct Entry: Decodable {
      var machines: Int
      var stepMs: Double
    }
    struct Point: Decodable {
      var ranks: Int
      var stepMs: Double
      var imagesPerSecond: Double
      var imagesPerSecondCi95: [Double]
      var efficiency: Double
      var efficiencyCi95: [Double]?
    }
    var threads: Int
    var machine: Machine?
    var fleet: [Entry]
    var points: [Point]
  }

  /// What scaling makes of two such ranks.
  private func scale(
    onMachines machines: Int, format: String, in folder: TemporaryDirectory
  ) throws -> CommandProcess {
    let launcher = try launcher(machines: machines, in: folder)
    let run = try CommandProcess(
      Self.brief + ["--ranks", "2", "--format", format, "--launcher", launcher], timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    return run
  }

  /// The same as a value, and how the launcher was called.
  private func measured(onMachines machines: Int) throws -> (MadeUp, String) {
    let folder = try TemporaryDirectory()
    let run = try scale(onMachines: machines, format: "json", in: folder)
    let data = Data(run.output.utf8)
    #expect(try PublishedSchema.named("costcurve.scaling").violations(in: data) == [])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (
      try decoder.decode(MadeUp.self, from: data),
      try String(contentsOfFile: folder.path("calls"), encoding: .utf8)
    )
  }

  /// A machine is paid for with all of its threads, so that fleets are made of its whole step.
  @Test func fleetsAreOfWholeMachines() throws {
    let (report, calls) = try measured(onMachines: 2)
    #expect(report.threads == 1)
    let machine = try #require(report.machine)
    #expect(machine.threads == MachineReader.availableThreads && machine.batchSize == 2)
    let first = try #require(report.fleet.first)
    #expect(abs(first.stepMs / machine.stepMs - 1) < 1e-9)
    try #require(report.points.map(\.ranks) == [1, 2])
    #expect(abs(report.points[1].stepMs - 4) < 1e-9)
    for point in report.points {
      #expect(point.imagesPerSecondCi95[0] <= point.imagesPerSecond * (1 + 1e-9))
      #expect(point.imagesPerSecondCi95[1] >= point.imagesPerSecond * (1 - 1e-9))
    }
    // Ratios within rounds, of which one rank has none to itself.
    #expect(report.points[0].efficiency == 1 && report.points[0].efficiencyCi95 == nil)
    let ends = try #require(report.points[1].efficiencyCi95)
    let middle = (ends[0] * ends[1]).squareRoot()
    #expect(abs(middle / report.points[1].efficiency - 1) < 1e-9)
    #expect(calls.contains(" --threads 1 --ranks 2\n"), "\(calls)")
  }

  @Test func ranksOfOneMachineMakeNoFleet() throws {
    let page = try scale(onMachines: 1, format: "html", in: try TemporaryDirectory()).output
    #expect(page.contains("these ranks share a machine"))
    #expect(page.contains("data-chart=\"scaling-ranks\"") && !page.contains("scaling-machines"))
    for series in ["ideal-weak", "model-weak", "measured-weak"] {
      #expect(page.contains("data-series=\"\(series)\""), "\(series)")
    }
    // What others have reached stands beside it, with where it is published.
    for words in ["64 → 128", "Xeon Platinum 8180", "stanford-futuredata/dawn-bench-entries"] {
      #expect(page.contains(words), "\(words)")
    }
  }

  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence))
  func measuresRanksBesideTheModel() throws {
    let arguments =
      Self.brief + [
        "--ranks", "2", "--strong", "--launcher", "mpirun --bind-to none", "--link-gbit", "10",
        "--critical-batch", "1000", "--usd-per-hour", "1",
      ]
    let run = try CommandProcess(
      arguments + ["--format", "json"], environment: MPILauncher.environment, timeout: 300)
    #expect(run.status == 0, "\(run.errors)")
    let data = Data(run.output.utf8)
    #expect(try PublishedSchema.named("costcurve.scaling").violations(in: data) == [])
    struct Report: Decodable {
      struct Point: Decodable {
        var kind: String
        var ranks: Int
        var machines: Int
        var batchSize: Int
        var stepMs: Double
        var imagesPerSecond: Double
        var efficiency: Double
        var predictedStepMs: Double
      }
      struct Machine: Decodable {
        var threads: Int
        var stepMs: Double
      }
      struct Machines: Decodable {
        var machines: Int
        var stepMs: Double
        var efficiency: Double
        var epochsFactor: Double
      }
      var points: [Point]
      var machine: Machine
      var fleet: [Machines]
      var overlap: Double
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let report = try decoder.decode(Report.self, from: data)
    #expect(report.points.map(\.kind) == ["weak", "weak", "strong", "strong"])
    #expect(report.points.map(\.ranks) == [1, 2, 1, 2])
    #expect(report.points.map(\.batchSize) == [2, 2, 4, 2])
    #expect(report.points.allSatisfy { $0.machines == 1 })
    for point in report.points {
      let images = Double(point.ranks * point.batchSize)
      #expect(abs(point.imagesPerSecond * point.stepMs / 1e3 / images - 1) < 1e-9)
      #expect(point.ranks > 1 || abs(point.efficiency - 1) < 1e-9)
      #expect(point.ranks > 1 || abs(point.predictedStepMs / point.stepMs - 1) < 1e-9)
    }
    #expect(report.overlap > 0 && report.overlap < 1)
    #expect(report.fleet.map(\.machines) == (0...10).map { 1 << $0 })
    #expect(report.fleet[0].efficiency == 1)
    #expect(report.machine.threads == MachineReader.availableThreads)
    #expect(abs(report.fleet[0].stepMs / report.machine.stepMs - 1) < 1e-9)
    #expect(report.fleet.map(\.epochsFactor) == report.fleet.map(\.epochsFactor).sorted())
    let page = try CommandProcess(
      arguments + ["--format", "html"], environment: MPILauncher.environment, timeout: 300)
    for chart in ["scaling-ranks", "scaling-machines"] {
      #expect(page.output.contains("data-chart=\"\(chart)\""), "\(page.errors)")
    }
    let text = try CommandProcess(arguments, environment: MPILauncher.environment, timeout: 300)
    #expect(text.output.contains("Efficiency"), "\(text.errors)")
    #expect((1...40).contains(text.output.count { $0 == "\n" }))
  }
}
