import Foundation
import TestSupport
import Testing

/// Commands that cannot write all of their output: a sentence, exit code 6, nothing half-written.
///
/// A limit on the size of files stands for the full disk, because it holds for root as well;
/// `/dev/full` is the kernel's own.
struct FullDiskTests {
  @Test func predictLeavesNoHalfLogits() throws {
    let files = try ArrayFiles()
    let weights = try files.weights(ArrayFiles.tensors("resnet18", classes: 1000))
    let input = try files.images([2, 3, 32, 32], of: 0.5)
    let run = try CommandProcess(
      [
        "predict", "--network", "resnet18", "--weights", weights, "--input", input, "--output",
        files.directory.path("y.npy"),
      ], fileBlocks: 4)
    PredictTests.expectRefusal(run, 6, "y.npy", files)
  }

  @Test func trainLeavesNoHalfWeights() throws {
    for (saved, blocks) in [("v.safetensors", 8), ("/dev/full", nil)] as [(String, Int?)] {
      let files = try ArrayFiles()
      let place = saved.hasPrefix("/") ? saved : files.directory.path(saved)
      let input = try files.images([2, 3, 64, 64], of: 0.5)
      let run = try CommandProcess(
        [
          "train", "--network", "resnet18", "--input", input, "--labels", files.labels([3, 8]),
          "--engine", "openblas", "--steps", "1", "--save-weights", place,
        ], fileBlocks: blocks)
      PredictTests.expectRefusal(run, 6, saved, files)
      #expect(files.directory.names() == ["l.npy", "x.npy"])
    }
  }

  /// The three files of a run: each is whole or not there.
  @Test func runLeavesNoHalfReport() throws {
    let folder = try TemporaryDirectory()
    let run = try CommandProcess(
      [
        "run", "--smoke", "--no-save", "--threads", "1", "--filter", "^gemm/256",
        "--output-folder", folder.path("report"),
      ], fileBlocks: 40)
    #expect(run.status == 6, "\(run.errors)")
    #expect(run.errors.contains("report.html"))
    #expect(run.output.isEmpty)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path("report"))
    #expect(left.sorted() == ["report.md", "run.json"])
  }

  /// What was measured is not lost with the report that does not fit.
  @Test func aRunWhoseReportDoesNotFitCanBeTakenUpAgain() throws {
    let folder = try TemporaryDirectory()
    let arguments = [
      "run", "--quick", "--duration", "20ms", "--no-save", "--threads", "1", "--filter",
      "^gemm/256", "--output-folder",
    ]
    // Beside other tests the peak may be too low for the rate, which is refused then: not the subject.
    let measured: Set<Int32> = [0, 7]
    let whole = try CommandProcess(arguments + [folder.path("whole")])
    try #require(measured.contains(whole.status), "\(whole.errors)")
    let bytes = { (name: String) throws -> Int in
      try Data(contentsOf: URL(fileURLWithPath: folder.path("whole/\(name)"))).count
    }
    let (page, record) = try (bytes("report.html"), bytes("run.json"))
    try #require(page > record + 4096, "nothing lies between \(record) and \(page) bytes")
    let report = folder.path("report")
    let run = try CommandProcess(arguments + [report], fileBlocks: (page + record) / 2 / 512)
    #expect(run.status == 6, "\(run.errors)")
    #expect(run.errors.contains("report.html"))
    #expect(!run.errors.contains("can no longer be noted"), "\(run.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: report).sorted()
        == ["report.md", "run.json", "unfinished.jsonl"])
    let rest = try CommandProcess(["run", "--resume", "--output-folder", report])
    #expect(measured.contains(rest.status), "\(rest.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: report).sorted()
        == ["report.html", "report.md", "run.json"])
  }

  @Test(arguments: [
    ["claims", "list"], ["report", "run.json"], ["report", "run.json", "--format", "html"],
  ])
  func aResultThatDoesNotFitEndsWithSix(_ arguments: [String]) throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file("run.json", try SampleRuns.data(SampleRuns.timed()))
    let whole = try CommandProcess(arguments, directory: folder.root)
    #expect(whole.status == 0, "\(whole.errors)")
    let toDevice = try CommandProcess(arguments + ["-o", "/dev/full"], directory: folder.root)
    #expect(toDevice.status == 6)
    #expect(toDevice.errors.contains("/dev/full"))
    let toFile = try CommandProcess(
      arguments + ["-o", "report.txt"], directory: folder.root, fileBlocks: 2)
    #expect(toFile.status == 6)
    #expect(toFile.errors.contains("report.txt"))
    #expect(folder.names() == ["run.json"])
    // Standard output is a file of the same disk here.
    let toStream = try CommandProcess(arguments, directory: folder.root, fileBlocks: 2)
    #expect(toStream.status == 6)
    #expect(toStream.errors.contains("standard output"))
  }
}
