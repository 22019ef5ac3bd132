import Foundation
import Harness
import Kernels
import Models
import TestSupport
import Testing
import Training

/// `costcurve train` as the ranks of a job, and as one process that takes their shards in turn.
@Suite struct RanksCommandTests {
  let directory: TemporaryDirectory
  let data: String

  init() throws {
    directory = try TemporaryDirectory()
    data = directory.path("data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try IDXFiles.write(
      IDXFiles.twoKinds(260, size: 8, seed: 1), IDXFiles.twoKinds(230, size: 8, seed: 2),
      size: 8, to: data)
  }

  private func arguments(
    _ run: String, epochs: Int = 2, batch: Int = 6, _ more: [String] = []
  ) -> [String] {
    [
      "train", "--dataset", "fashion-mnist", "--data", data, "--epochs", "\(epochs)", "--seed", "5",
      "--batch-size", "\(batch)", "--threads", "1", "--run-directory", directory.path(run),
    ] + more
  }

  private func content(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: directory.path(path)))
  }

  private func ranked(_ ranks: Int, _ arguments: [String]) throws -> CommandProcess {
    try MPILauncher.start(ranks, arguments).result(timeout: 120)
  }

  // MARK: Without an MPI

  @Test func aLauncherThatIsNotSpokenOfIsRefused() throws {
    let step = ["train", "--network", "resnet20", "--quick", "--no-save"]
    let cases: [(more: [String], word: String)] = [
      ([], "give --ranks 3"), (["--ranks", "2"], "started 3 processes"),
    ]
    for (more, word) in cases {
      let outcome = try CommandProcess(
        step + more, environment: ["OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_RANK": "0"])
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    // The first says it for all.
    let other = try CommandProcess(
      step, environment: ["OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_RANK": "1"])
    #expect(other.status == 64 && other.errors.isEmpty, "\(other.errors)")
  }

  /// It may have started one process, or a thousand.
  @Test func aLauncherThatTellsNoNumberIsAskedFor() throws {
    let environment = ["PMIX_RANK": "0"]
    let silent = try CommandProcess(["train", "--network", "nothing"], environment: environment)
    #expect(silent.status == 64)
    #expect(silent.errors.contains("give --ranks"), "\(silent.errors)")
    let alone = try CommandProcess(
      ["train", "--network", "nothing", "--ranks", "1"], environment: environment)
    #expect(alone.status == 5, "\(alone.errors)")
  }

  @Test func aLibraryThatIsNotThereIsNamed() throws {
    let outcome = try CommandProcess(
      ["train", "--network", "resnet20", "--ranks", "2"],
      environment: ["COSTCURVE_MPI_LIBRARY": "/nowhere/libmpi.so"])
    #expect(outcome.status == 5)
    #expect(outcome.errors.contains("/nowhere/libmpi.so"), "\(outcome.errors)")
    // Others may have it.
    let second = try CommandProcess(
      ["train", "--network", "resnet20", "--ranks", "2"],
      environment: [
        "COSTCURVE_MPI_LIBRARY": "/nowhere/libmpi.so", "OMPI_COMM_WORLD_SIZE": "2",
        "OMPI_COMM_WORLD_RANK": "1",
      ])
    #expect(second.status == 5)
    #expect(second.errors.contains("rank 1 on "), "\(second.errors)")
    #expect(second.errors.contains("/nowhere/libmpi.so"), "\(second.errors)")
  }

  @Test func optionsThatDoNotBelongTogetherAreRefused() throws {
    for (words, word) in [
      (["--ranks", "2", "--shards", "2"], "give one of them"), (["--shards", "2"], "--dataset"),
      (["--ranks", "2", "--explain"], "--explain"), (["--stall", "5"], "unit"),
      (["--rank-records", "x"], "--ranks"), (["--bucket-mib", "0"], "--bucket-mib"),
      (["--ranks", "2", "--wait-for-quiet", "1m"], "--wait-for-quiet"),
    ] {
      let outcome = try CommandProcess(["train", "--network", "resnet20"] + words)
      #expect(outcome.status == 64, "\(words): \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(words): \(outcome.errors)")
    }
    let odd = try CommandProcess(
      [
        "train", "--dataset", "fashion-mnist", "--data", data, "--shards", "7", "--run-directory",
        directory.path("odd"),
      ])
    #expect(odd.status == 64)
    #expect(odd.errors.contains("7 equal shards"), "\(odd.errors)")
  }

  @Test func shardsGoOnFromACheckpointAndSayWhereTheirNumberChanges() throws {
    let whole = try CommandProcess(arguments("whole", ["--shards", "3"]))
    #expect(whole.status == 0, "\(whole.errors)")
    // As if it had been killed behind its first epoch.
    let first = try CommandProcess(
      arguments("first", ["--shards", "3", "--until-accuracy", "0.01"]))
    #expect(first.status == 0, "\(first.errors)")
    let second = try CommandProcess(arguments("first", ["--shards", "3", "--resume"]))
    #expect(second.status == 0, "\(second.errors)")
    #expect(try content("first/weights.safetensors") == content("whole/weights.safetensors"))

    let again = try CommandProcess(
      arguments("other", ["--shards", "3", "--until-accuracy", "0.01"]))
    #expect(again.status == 0, "\(again.errors)")
    // As many images a step, in two shards.
    let mixed = try CommandProcess(
      arguments("other", batch: 9, ["--shards", "2", "--resume", "--format", "json"]))
    #expect(mixed.status == 0, "\(mixed.errors)")
    #expect(mixed.errors.contains("1 of 1 epoch so far had steps of 3 shards, not 2"))
    #expect(try TrainDatasetTests.violations("training", mixed.output) == [])
    let other = try CommandProcess(arguments("other", batch: 5, ["--shards", "2", "--resume"]))
    #expect(other.status == 1)
    #expect(other.errors.contains("other flags"), "\(other.errors)")
  }

  /// An epoch on three machines costs three times the hour of the one that goes on.
  @Test func epochsArePricedByTheirOwnMachines() throws {
    let first = try CommandProcess(arguments("run", ["--until-accuracy", "0.01"]))
    #expect(first.status == 0, "\(first.errors)")
    let network = try Network.named("resnet20", classes: FashionMNIST.classes)
    var recipe = TrainingRecipe(for: network, epochs: 2, seed: 5)
    recipe.batch = 6
    let training = try DatasetTraining(
      network, data: try FashionMNIST(folder: data), recipe: recipe, pool: ThreadPool(threads: 1)
    ) { _, _ in .im2col }
    let checkpoint = directory.path("run/checkpoint.safetensors")
    try Checkpoint.restore(checkpoint, into: training)
    training.history[0].machines = 3
    try Checkpoint.write(training, to: checkpoint)

    let price = ["--resume", "--usd-per-hour", "3600"]
    let second = try CommandProcess(arguments("run", price + ["--format", "json"]))
    #expect(second.status == 0, "\(second.errors)")
    #expect(try TrainDatasetTests.violations("training", second.output) == [])
    struct Summary: Decodable {
      struct Epoch: Decodable {
        var seconds: Double
        var machines: Int?
      }
      var epochs: [Epoch]
      var usd: Double
    }
    let summary = try JSONDecoder().decode(Summary.self, from: Data(second.output.utf8))
    try #require(summary.epochs.map(\.machines) == [3, nil])
    let (three, one) = (summary.epochs[0].seconds, summary.epochs[1].seconds)
    #expect(abs(summary.usd - (3 * three + one)) <= 1e-9 * summary.usd)
    let entry = try #require(
      JSONSerialization.jsonObject(with: content("run/dawnbench.json")) as? [String: Any])
    let hourly = try #require(entry["costPerHour"] as? Double)
    #expect(abs(hourly - 3600 * summary.usd / (three + one)) <= 1e-9 * hourly)
    #expect(entry["hardware"] as? String == "1 CPU thread")
    let third = try CommandProcess(arguments("run", price))
    let words = third.output.replacing(/\s+/, with: " ")
    #expect(words.contains("1 of 2 epochs ran on 3 machines, not 1"), "\(third.output)")
  }

  // MARK: With Open MPI

  /// The bits of one process, for each overlap and size of buckets, by either number of ranks.
  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence), arguments: [2, 3])
  func ranksEndWithTheBitsOfOneProcess(ranks: Int) throws {
    let alone = try CommandProcess(
      arguments("alone", ["--shards", "\(ranks)", "--format", "json"]))
    #expect(alone.status == 0, "\(alone.errors)")
    let weights = try content("alone/weights.safetensors")
    let ways: [[String]] = [
      [], ["--overlap", "posted", "--bucket-mib", "0.25"], ["--overlap", "none"],
      ["--bucket-mib", "1"],
    ]
    for (number, way) in ways.enumerated() {
      let more = way + ["--format", "json", "--rank-records", directory.path("r")]
      let run = try ranked(ranks, arguments("run\(number)", more))
      #expect(run.status == 0, "\(way): \(run.errors)")
      #expect(try content("run\(number)/weights.safetensors") == weights, "\(way)")
      #expect(run.errors.contains("\(ranks) ranks on 1 machine"), "\(run.errors)")
      #expect(try TrainDatasetTests.violations("training", run.output) == [])
    }
    struct Summary: Decodable {
      struct Epoch: Decodable {
        var loss: Double
        var top1: Double
      }
      struct Sums: Decodable {
        var exposedMs: Double
        var exposedMsMost: Double
      }
      var epochs: [Epoch]
      var rank: Int?
      var allReduce: Sums?
      var exposedMs: Double?
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let losses = try decoder.decode(Summary.self, from: Data(alone.output.utf8)).epochs
    var waits: [Double] = []
    for rank in 0..<ranks {
      let file = try content("r/rank-\(rank).json")
      let own = try decoder.decode(Summary.self, from: file)
      #expect(own.rank == rank)
      waits.append(try #require(own.exposedMs))
      #expect(own.epochs.map(\.loss) == losses.map(\.loss))
      #expect(own.epochs.map(\.top1) == losses.map(\.top1))
    }
    let last = try decoder.decode(Summary.self, from: try content("r/rank-0.json"))
    let sums = try #require(last.allReduce)
    #expect(sums.exposedMsMost == waits.max())
    let mean = waits.reduce(0, +) / Double(ranks)
    #expect(abs(sums.exposedMs - mean) <= 1e-9 * mean)
  }

  /// Gradients of layers on bfloat16 are float32, and so are their sums.
  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence))
  func ranksInBFloat16EndWithTheBitsOfOneProcess() throws {
    let precision = ["--precision", "bf16"]
    let alone = try CommandProcess(arguments("alone", precision + ["--shards", "2"]))
    #expect(alone.status == 0, "\(alone.errors)")
    let run = try ranked(2, arguments("run", precision + ["--format", "json"]))
    #expect(run.status == 0, "\(run.errors)")
    #expect(try content("run/weights.safetensors") == content("alone/weights.safetensors"))
    #expect(try TrainDatasetTests.violations("training", run.output) == [])
    #expect(run.errors.components(separatedBy: "multiply bfloat16").count == 2, "\(run.errors)")
    let timed = try ranked(
      2,
      [
        "train", "--network", "resnet20", "--batch-size", "2", "--threads", "1", "--quick",
        "--duration", "50ms", "--no-save", "--format", "json",
      ] + precision)
    #expect(timed.status == 0, "\(timed.errors)")
    let record = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(timed.output.utf8))
    let item = try #require(record.cases.first)
    #expect(item.id == "train/resnet20/b2/r2/t1/bf16/native")
    #expect(item.algorithm == "step.bf16.native" && item.correctness.status == .passed)
    #expect(item.repeat.contains(" --precision bf16 "))
  }

  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence))
  func ranksGoOnFromACheckpointAsIfTheyHadNeverStopped() throws {
    let whole = try ranked(2, arguments("whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    let first = try ranked(2, arguments("first", ["--until-accuracy", "0.01"]))
    #expect(first.status == 0, "\(first.errors)")
    let second = try ranked(2, arguments("first", ["--resume"]))
    #expect(second.status == 0, "\(second.errors)")
    #expect(try content("first/weights.safetensors") == content("whole/weights.safetensors"))
    let entry = try #require(
      JSONSerialization.jsonObject(with: content("first/dawnbench.json")) as? [String: Any])
    #expect(entry["hardware"] as? String == "2 ranks x 1 CPU thread on 1 machine")
    let words = second.output.replacing(/\s+/, with: " ")
    #expect(words.contains("ms on the rank that waited longest"), "\(second.output)")
    // Nothing is left of it: no step waits, not even for 0 ms.
    let third = try ranked(
      2,
      arguments(
        "first", ["--resume", "--format", "json", "--rank-records", directory.path("none")]))
    #expect(third.status == 0, "\(third.errors)")
    for text in [third.output, String(decoding: try content("none/rank-1.json"), as: UTF8.self)] {
      #expect(try TrainDatasetTests.violations("training", text) == [])
      #expect(!text.contains("exposed_ms"), "\(text)")
    }
  }

  /// What goes wrong before the first step is said once, with its own code.
  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence))
  func oneRankSpeaksForAll() throws {
    let absent = try ranked(2, ["train", "--network", "nothing"])
    #expect(absent.status == 5, "\(absent.errors)")
    #expect(absent.errors.components(separatedBy: "no network").count == 2, "\(absent.errors)")
    let wrong = try MPILauncher.start(2, ["train", "--network", "resnet20"], saying: 3)
      .result(timeout: 60)
    #expect(wrong.status == 64, "\(wrong.errors)")
    // Nothing of it is computed by each rank for itself.
    for network in ["gpt2", "alphazero-chess"] {
      let refused = try ranked(2, ["train", "--network", network, "--quick", "--no-save"])
      #expect(refused.status == 64, "\(refused.errors)")
      #expect(
        refused.errors.components(separatedBy: "not shared among ranks").count == 2,
        "\(refused.errors)")
    }
  }

  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence))
  func timedStepsAreOneRecord() throws {
    let step = [
      "train", "--network", "resnet20", "--batch-size", "2", "--threads", "1", "--quick",
      "--duration", "50ms", "--no-save",
    ]
    let run = try ranked(
      2, step + ["--format", "json", "--rank-records", directory.path("records")])
    #expect(run.status == 0, "\(run.errors)")
    let data = Data(run.output.utf8)
    #expect(try PublishedSchema.named("costcurve.result").violations(in: data) == [])
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    let item = try #require(record.cases.first)
    #expect(item.id == "train/resnet20/b2/r2/t1/native")
    #expect(item.correctness.status == .passed)
    #expect(item.derived.allReduce?.ranks == 2 && item.derived.allReduce?.machines == 1)
    #expect(item.derived.allReduce?.checkedSums == .bits)
    #expect(item.derived.phasePercent?["all-reduce"] != nil)
    #expect(item.repeat.hasPrefix("mpirun -np 2 costcurve train "))
    let rate = try #require(item.derived.imagesPerSecond)
    let median = try #require(item.statistics).medianNs
    #expect(abs(rate * median / 4e9 - 1) < 1e-9)
    for rank in 0...1 {
      let own = try content("records/rank-\(rank).json")
      #expect(try PublishedSchema.named("costcurve.rank").violations(in: own) == [])
    }
    let other = try ranked(
      2, step + ["--overlap", "posted", "--bucket-mib", "1", "--format", "json"])
    #expect(other.output.contains("train/resnet20/b2/r2/t1/sum-posted-1048576B/native"))
    let text = try ranked(2, step).output
    let words = text.replacing(/\s+/, with: " ")
    #expect(words.contains("for the sum of") && words.contains("2 ranks on 1 machine"), "\(text)")
    #expect((1...40).contains(text.count { $0 == "\n" }))
  }

  /// The steps that were taken are in the record, of the whole job as of each rank.
  @Test(.enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence))
  func stepsOfBeforeASignalAreKept() throws {
    let file = directory.path("interrupted.json")
    let running = try MPILauncher.start(
      2,
      [
        "train", "--network", "resnet20", "--batch-size", "128", "--threads", "1", "--quick",
        "--duration", "10m", "--no-save", "--format", "json", "-o", file, "--rank-records",
        directory.path("r"),
      ])
    // Beyond the check and the warm-up, which have nothing to keep, and before the 64 steps of a
    // narrow interval.
    let isTiming = try running.hasSaid("timing steps", within: 60)
    let ranks = MPILauncher.processes(with: file)
    #expect(isTiming && ranks[0] != nil)
    // The first of these steps has begun by then, and is kept when it ends.
    usleep(100_000)
    if let first = ranks[0] { kill(first, SIGTERM) }
    let outcome = try running.result(timeout: 60)
    #expect(outcome.status != 0, "\(outcome.errors)")
    let data = try content("interrupted.json")
    #expect(try PublishedSchema.named("costcurve.result").violations(in: data) == [])
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    #expect(record.extent?.interrupted == true)
    #expect(record.cases.first?.processes.first?.samplesNs.isEmpty == false)
    for rank in 0...1 { #expect(try !content("r/rank-\(rank).json").isEmpty) }
  }

  /// A rank that hangs, and one that is killed, end all, and leave the last checkpoint whole.
  @Test(
    .enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence),
    arguments: [SIGSTOP, SIGKILL, SIGTERM])
  func noRankOutlivesAnother(signal: Int32) throws {
    let long = arguments("run", epochs: 10_000, ["--stall", "2s"])
    let running = try MPILauncher.start(2, long)
    let checkpoint = directory.path("run/checkpoint.safetensors")
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: checkpoint) { usleep(50_000) }
    let ranks = MPILauncher.processes(with: directory.path("run"))
    #expect(ranks.keys.sorted() == [0, 1])
    if signal == SIGTERM {
      // To all, by way of the launcher.
      running.send(SIGTERM)
    } else if let other = ranks[1] {
      kill(other, signal)
    }
    let waited = ContinuousClock().now
    let outcome = try running.result(timeout: 60)
    #expect(outcome.status != 0, "\(outcome.errors)")
    #expect(ContinuousClock().now - waited < .seconds(60), "the test's own limit ended it")
    if signal == SIGSTOP {
      #expect(outcome.status == 3, "\(outcome.errors)")
      #expect(outcome.errors.contains("rank 0 of 2"), "\(outcome.errors)")
      #expect(outcome.errors.contains("has waited 2 s for"), "\(outcome.errors)")
    }
    for _ in 0..<200 where !MPILauncher.processes(with: directory.path("run")).isEmpty {
      usleep(50_000)
    }
    #expect(MPILauncher.processes(with: directory.path("run")).isEmpty)
    // The same course of the learning rate, and one epoch to see that it goes on.
    let resumed = try CommandProcess(
      arguments("run", epochs: 10_000, ["--shards", "2", "--resume", "--until-accuracy", "0.01"]))
    #expect(resumed.status == 0, "\(resumed.errors)")
  }
}
