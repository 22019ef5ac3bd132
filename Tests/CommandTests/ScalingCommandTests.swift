import Foundation
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
      struct Machines: Decodable {
        var machines: Int
        var efficiency: Double
        var epochsFactor: Double
      }
      var points: [Point]
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
    #expect(report.fleet.map(\.epochsFactor) == report.fleet.map(\.epochsFactor).sorted())
    let text = try CommandProcess(arguments, environment: MPILauncher.environment, timeout: 300)
    #expect(text.output.contains("Efficiency"), "\(text.errors)")
    #expect((1...40).contains(text.output.count { $0 == "\n" }))
  }
}
