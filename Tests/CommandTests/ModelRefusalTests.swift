import Formats
import Foundation
import TestSupport
import Testing

/// What `--model` and `export-model` refuse: a sentence and the right exit code.
@Suite struct ModelRefusalTests {
  private let files: ModelFiles

  init() throws { files = try ModelFiles() }

  /// All of them at once, before a worker is started.
  @Test(arguments: ["infer", "kernels", "peers", "verify"])
  func namesEveryOperatorThatIsNotSupported(_ command: String) throws {
    let path = try files.nodes([
      ModelFile.Node("Einsum", name: "first", inputs: ["a"], outputs: ["b"]),
      ModelFile.Node("Relu", inputs: ["b"], outputs: ["c"]),
      ModelFile.Node("Einsum", name: "second", inputs: ["c"], outputs: ["d"]),
      ModelFile.Node("Own", name: "third", domain: "com.example", inputs: ["d"], outputs: ["y"]),
    ])
    let run = try CommandProcess([command, "--model", path])
    #expect(run.status == 1 && run.output.isEmpty)
    #expect(run.errors.contains(path), "\(run.errors)")
    for word in ["Einsum (first, second)", "com.example.Own (third)"] {
      #expect(run.errors.contains(word), "\(run.errors)")
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let path = try files.network("resnet20", ["--batch-size", "2"])
    let array = try files.array([1, 3], [1, 2, 3], "x.onnx")
    let open = try files.nodes([ModelFile.Node("Relu", inputs: ["a"], outputs: ["y"])])
    for (arguments, status, word) in [
      (["infer", "--model", "/no/such.onnx"], 5, "no such file"),
      (["infer", "--model", array], 1, "a NumPy array"),
      (["infer", "--model", files.directory.root], 1, "a directory"),
      (["infer", "--model", path, "--network", "resnet50"], 64, "--network is for networks"),
      (["infer", "resnet50", "--model", path], 64, "'resnet50'"),
      (["infer", "--model", path, "--input-size", "32"], 64, "--input-size is for networks"),
      (["infer", "--model", path, "--weights", "w"], 64, "--weights is for networks"),
      (["infer", "--sequence", "8"], 64, "--sequence is for texts"),
      (["peers", "--input", "s=x"], 64, "--input is for --model"),
      (["verify", "--input", "s=x"], 64, "--input is for --model"),
      (["infer", "--model", open, "--sequence", "8"], 64, "leaves no length of sequences open"),
      (["infer", "--model", path, "--sequence", "0"], 64, "--sequence needs a number"),
      (["kernels", "--model", path, "--batch-size", "3"], 64, "fixes the batch at 2"),
      (["train", "--model", path], 64, "has no option '--model'"),
      (["peers", "--model", path, "--train"], 64, "--train is for networks"),
      (["predict", "--model", path, "--network", "x", "--input", "x", "-o", "y"], 64, "--network"),
      (["export-model", "--network", "resnet51", "-o", "/dev/null"], 5, "resnet51"),
      (["export-model", "--network", "resnet20", "-o", "/no/such/m.onnx"], 6, "/no/such"),
      (["export-model", "--network", "resnet20"], 64, "--output"),
      (["export-model", "-o", "x", "--weights", "w", "--classes", "3"], 64, "leave --classes out"),
      (["export-model", "--network", "resnet50", "--input-size", "7", "-o", "x"], 64, "pixels"),
    ] {
      let run = try CommandProcess(arguments)
      #expect(
        run.status == Int32(status) && run.errors.contains(word), "\(arguments): \(run.errors)")
      #expect(run.output.isEmpty)
    }
    #expect(!FileManager.default.fileExists(atPath: "x"))
  }

  /// A fixed batch is the one that is run, without being asked for.
  @Test func runsTheBatchThatAModelFixes() throws {
    let path = try files.network("resnet20", ["--batch-size", "2"])
    let run = try CommandProcess(
      ["compare", "native", "openblas", "--model", path, "--filter", "^infer", "--list"])
    #expect(run.status == 0 && run.output.contains("/b2/"), "\(run.errors)")
    let images = try files.array([3, 1, 28, 28], [Float](repeating: 0, count: 3 * 784), "x.npy")
    let output = files.directory.path("y.npy")
    let odd = try CommandProcess(["predict", "--model", path, "--input", images, "-o", output])
    #expect(odd.status == 1 && odd.errors.contains("is not a multiple"), "\(odd.errors)")
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  /// Nothing is left where the disk is full.
  @Test func leavesNoHalfOfAFile() throws {
    let path = files.directory.path("m.onnx")
    let run = try CommandProcess(
      ["export-model", "--network", "resnet20", "-o", path], fileBlocks: 64)
    #expect(run.status == 6, "\(run.errors)")
    #expect(files.directory.names() == [])
  }
}
