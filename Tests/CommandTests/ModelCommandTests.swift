import Formats
import Foundation
import Harness
import TestSupport
import Testing

/// `--model FILE.onnx` where `--network NAME` stands, as processes.
@Suite struct ModelCommandTests {
  private let files: ModelFiles

  init() throws { files = try ModelFiles() }

  private static let short = [
    "--threads", "1", "--quick", "--duration", "50ms", "--no-save", "--usd-per-hour", "0.36",
  ]

  private func records(_ arguments: [String]) throws -> [CaseRecord] {
    let run = try CommandProcess(arguments + ["--format", "json"], timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: Data(run.output.utf8))
    return record.cases
  }

  @Test func infersTheModelThatTheNetworkBecame() throws {
    let path = try files.network()
    let cases = try records(["infer", "--model", path, "--batch-size", "2"] + Self.short)
    let item = try #require(cases.first)
    #expect(item.id.wholeMatch(of: /infer\/m-[0-9a-f]{8}\/b2\/t1\/native/) != nil, "\(item.id)")
    #expect(item.correctness.status == .passed && item.derived.item == "image")
    #expect(item.correctness.against == .operators)
    #expect(item.parameters["model"] == "m.onnx" && item.parameters["weights"] == "m.onnx")
    #expect(item.derived.usdPerBillionImages != nil)
    guard case .string(let description)? = item.parameters["description"] else {
      Issue.record("the record does not say what it is: \(item.parameters)")
      return
    }
    #expect(description.hasPrefix("made by costcurve, operators of version 17, "), "\(description)")
    #expect(description.contains("images 1x1x28x28 to logits 1x1000"), "\(description)")
    let own = try records(
      ["infer", "--network", "resnet20", "--batch-size", "2"] + Self.short
    )
    #expect(item.flop.direct == own.first?.flop.direct)
    // Other weights under the same file name are another model.
    try FileManager.default.createDirectory(
      atPath: files.directory.path("other"), withIntermediateDirectories: true)
    let again = try files.network("resnet20", ["--seed", "2"], file: "other/m.onnx")
    let list = ["compare", "native", "openblas", "--filter", "^infer", "--list", "--threads", "1"]
    let names = try [path, again].map { try CommandProcess(list + ["--model", $0]).output }
    #expect(names[0].contains(item.id.dropFirst(6).prefix(10)) && names[0] != names[1])
    // What repeats a case is a command line that does.
    let words = item.repeat.split(separator: " ").dropFirst().map(String.init)
    #expect(words.contains("--model"))
    #expect(try CommandProcess(words + Self.short.dropFirst(2), timeout: 120).status == 0)
  }

  @Test func showsWhereTheTimeGoes() throws {
    let path = try files.network()
    let run = try CommandProcess(
      [
        "infer", "--model", path, "--explain", "--threads", "1", "--duration", "50ms", "--format",
        "json",
      ], timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("layer1.0.conv1"))
    let search = try CommandProcess(
      ["infer", "--model", path, "--cheapest", "--engine", "native", "--precision", "f32"]
        + Self.short.filter { $0 != "--no-save" },
      timeout: 240)
    #expect(search.status == 0, "\(search.errors)")
    let answer = search.output.replacing(#/\s+/#, with: " ")
    #expect(answer.contains("Cheapest: batch "), "\(search.output)")
  }

  /// What it is, right or wrong, rate, latency, price, and how to go on.
  @Test func answersOnOneScreen() throws {
    let path = try files.network()
    let run = try CommandProcess(["infer", "--model", path] + Self.short, timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    let text = run.output.replacing(#/\s+/#, with: " ")
    for word in [
      "images/s", "per 10⁹ images", "Correct within ", " of float64 loops of all operators",
      "m.onnx: made by costcurve",
      "from images 1x1x28x28 to logits 1x1000",
      "'costcurve infer --model \(path) --explain'", "'costcurve peers --model \(path)'",
    ] { #expect(text.contains(word), "\(word): \(run.output)") }
    #expect(run.output.count { $0 == "\n" } <= 40)
  }

  @Test func timesTheLayersOfAModel() throws {
    let path = try files.network()
    let arguments = ["kernels", "--model", path, "--threads", "1"]
    let list = try CommandProcess(arguments + ["--list"]).output.split(separator: "\n")
    let layers = list.filter { $0.hasPrefix("conv/m-") }
    #expect(layers.count > 5 && layers.allSatisfy { $0.contains("/forward/b1/t1/") })
    let name = String(layers[0].split(separator: "/")[1])
    let cases = try records(
      arguments + [
        "--filter", "^conv/\(name)/.*native$", "--quick", "--duration", "50ms", "--no-save",
      ]
    )
    #expect(cases.count == 1 && cases[0].correctness.status == .passed)
  }

  @Test func predictsWhatTheNetworkPredicts() throws {
    let path = try files.network()
    var random = SeededRandom(seed: 4)
    let images = try files.array([5, 1, 28, 28], random.floats(5 * 28 * 28), "x.npy")
    for (option, value) in [("--network", "resnet20"), ("--model", path)] {
      let run = try CommandProcess([
        "predict", option, value, "--input", images, "--batch-size", "2", "--engine", "reference",
        "--output", files.directory.path("\(option).npy"),
      ])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.hasPrefix("5 images, 1 000 classes by "), "\(run.output)")
    }
    let (own, model) = (try files.read("--network.npy"), try files.read("--model.npy"))
    #expect(own.shape == [5, 1000] && own == model)
  }

  @Test func namesInputsAndOutputs() throws {
    let model = try files.nodes(
      [
        ModelFile.Node("Add", inputs: ["a", "b"], outputs: ["y"]),
        ModelFile.Node("Relu", inputs: ["a"], outputs: ["z"]),
      ], inputs: ["a", "b"], outputs: ["y", "z"])
    let values = (0..<15).map { Float($0 - 7) }
    let a = try files.array([5, 3], values, "a.npy")
    let b = try files.array([5, 3], values.map { 10 * $0 }, "b.npy")
    func predict(_ inputs: [String], _ outputs: [String]) throws -> CommandProcess {
      try CommandProcess(
        ["predict", "--model", model, "--batch-size", "2"] + inputs.flatMap { ["--input", $0] }
          + outputs.flatMap { ["--output", $0] })
    }
    let places = ["y=\(files.directory.path("y.npy"))", "z=\(files.directory.path("z.npy"))"]
    let run = try predict(["b=\(b)", "a=\(a)"], places)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try files.read("y.npy").values == values.map { 11 * $0 })
    #expect(try files.read("z.npy") == Tensor(shape: [5, 3], values: values.map { max($0, 0) }))
    let few = try files.array([4, 3], Array(values.prefix(12)), "few.npy")
    let wide = try files.array([3, 5], values, "wide.npy")
    for (inputs, outputs, status, word) in [
      ([a], places, 64, "say which, as in '--input a=a.npy --input b=b.npy'"),
      (["a=\(a)"], places, 64, "also takes b"),
      (["a=\(a)", "b=\(few)"], places, 1, "holds 4 items where 5 are needed"),
      (["a=\(a)", "b=\(wide)"], places, 1, "has shape [3, 5] where b of n.onnx is N x 3"),
      (["a=\(a)", "b=\(files.directory.path("none.npy"))"], places, 5, "no such file"),
      (["a=\(a)", "b=\(b)"], [places[0], places[0]], 64, "given two files"),
    ] {
      let run = try predict(inputs, outputs)
      #expect(run.status == Int32(status) && run.errors.contains(word), "\(run.errors)")
    }
  }

  @Test func verifiesAModel() throws {
    let path = try files.network()
    let own = try CommandProcess(["verify", "--model", path, "--threads", "1"])
    #expect(own.status == 0 && own.output.contains("of m.onnx, native"), "\(own.output)")
    #expect(own.output.contains("against float64 operators"), "\(own.output)")
    let folder = files.directory.path("reference")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var random = SeededRandom(seed: 4)
    let input = try files.array([2, 1, 28, 28], random.floats(2 * 28 * 28), "reference/input.npy")
    let outputs = "\(folder)/logits.npy"
    let predicted = try CommandProcess([
      "predict", "--model", path, "--input", input, "--engine", "reference", "--output", outputs,
    ])
    #expect(predicted.status == 0, "\(predicted.errors)")
    let verify = ["verify", "--model", path, "--reference", folder, "--threads", "1"]
    let right = try CommandProcess(verify)
    #expect(right.status == 0 && right.output.contains("ok     logits"), "\(right.errors)")
    var wrong = try files.read("reference/logits.npy")
    for index in wrong.values.indices { wrong.values[index] *= 1.01 }
    try NPYFile.write(wrong, to: outputs)
    let failed = try CommandProcess(verify)
    #expect(failed.status == 7 && failed.output.contains("WRONG"), "\(failed.errors)")
    try FileManager.default.removeItem(atPath: outputs)
    #expect(try CommandProcess(verify).status == 5)
  }

  /// A row that is off by one is another row, however large its number is.
  @Test func wholeNumbersHaveToBeEqual() throws {
    var graph = ModelFile.Graph(name: "test")
    graph.nodes = [ModelFile.Node("Identity", inputs: ["i"], outputs: ["y"])]
    graph.inputs = [.init("i", .tensor(.int64, [.fixed(2)]))]
    graph.outputs = [.init("y", .tensor(.int64, nil))]
    let (path, folder) = (files.directory.path("i.onnx"), files.directory.path("whole"))
    try ModelFile(graph, operatorSets: [.init(version: 17)]).write(to: path)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try NPYFile.write([100_000, 7], to: "\(folder)/i.npy")
    for (expected, status) in [([100_000, 7], 0), ([100_001, 7], 7)] as [([Int64], Int32)] {
      try NPYFile.write(expected, to: "\(folder)/y.npy")
      let run = try CommandProcess(
        ["verify", "--model", path, "--reference", folder, "--threads", "1"])
      #expect(run.status == status, "\(run.output) \(run.errors)")
    }
  }
}
