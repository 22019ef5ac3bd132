import Formats
import Foundation
import Harness
import Models
import TestSupport
import Testing

/// `costcurve quantize`, and what then runs in int8, as processes.
@Suite struct QuantizeCommandTests {
  private let user: UserFolder
  private let brief = ["--threads", "1", "--quick", "--duration", "20ms", "--no-save"]

  init() throws { user = try UserFolder() }

  private func run(_ arguments: [String], cache: String? = nil) throws -> CommandProcess {
    let root = user.directory.root
    return try CommandProcess(
      arguments, environment: ["XDG_DATA_HOME": root, "XDG_CACHE_HOME": cache ?? root],
      timeout: 300, directory: root)
  }

  private func images(_ count: Int, _ name: String) throws -> String {
    var random = SeededRandom(seed: 9)
    let path = user.directory.path(name)
    try NPYFile.write(
      Tensor(shape: [count, 1, 28, 28], values: random.floats(count * 28 * 28)), to: path)
    return path
  }

  private func labels(_ values: [Int64], _ name: String) throws -> String {
    let path = user.directory.path(name)
    try NPYFile.write(values, to: path)
    return path
  }

  @Test func aFileIsWrittenAndRuns() throws {
    let given = try images(4, "x.npy")
    let written = try run([
      "quantize", "--network", "resnet20", "--calibration", given, "--method", "mse",
      "--bias-correction", "-o", "q.onnx", "--threads", "1",
    ])
    #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
    #expect(written.errors.contains("mse of 4 items"), "\(written.errors)")
    #expect(written.errors.contains("By measured loss "), "\(written.errors)")
    let measured = try run(
      ["infer", "--model", "q.onnx", "--precision", "int8", "--format", "json"] + brief)
    #expect(measured.status == 0, "\(measured.errors)")
    let violations = try PublishedSchema.named("costcurve.result")
      .violations(in: Data(measured.output.utf8))
    #expect(violations == [])
    #expect(measured.output.contains("/int8/native") && measured.output.contains("plan.i8"))
    // Without --precision the same file computes in floats.
    let float = try run(["verify", "--model", "q.onnx", "--engine", "native", "--threads", "1"])
    #expect(float.status == 0, "\(float.output)\(float.errors)")
    let exact = try run(["verify", "--model", "q.onnx", "--precision", "int8", "--threads", "1"])
    #expect(exact.status == 0 && exact.output.contains("error 0"), "\(exact.output)")
    let again = try run(["quantize", "--model", "q.onnx", "--seeded", "-o", "r.onnx"])
    #expect(again.status == 64 && again.errors.contains("is quantized already"))
  }

  @Test func seededImagesHaveToBeAskedFor() throws {
    let none = try run(["quantize", "--network", "resnet20", "-o", "q.onnx"])
    #expect(none.status == 64 && none.errors.contains("--seeded"), "\(none.errors)")
    let seeded = try run([
      "quantize", "resnet20", "--seeded", "--keep-first", "-o", "q.onnx", "--threads", "1",
    ])
    #expect(seeded.status == 0, "\(seeded.errors)")
    #expect(seeded.errors.contains("32 seeded items"), "\(seeded.errors)")
    #expect(seeded.errors.contains("accuracy says nothing"), "\(seeded.errors)")
    let both = try run([
      "quantize", "resnet20", "--seeded", "--calibration", "x.npy", "-o", "q.onnx",
    ])
    #expect(both.status == 64 && both.errors.contains("exclude each other"))
    let absent = try run(["quantize", "resnet20", "--calibration", "no.npy", "-o", "q.onnx"])
    #expect(absent.status == 5, "\(absent.errors)")
  }

  /// The first and the last layer are measured, unless it is said what they are.
  @Test func theEdgesAreToldAsJSON() throws {
    let quantize = [
      "quantize", "resnet20", "--calibration", try images(3, "x.npy"), "-o", "q.onnx", "--threads",
      "1", "--format", "json",
    ]
    let schema = try PublishedSchema.named("costcurve.quantize")
    let measured = try run(quantize)
    #expect(measured.status == 0, "\(measured.errors)")
    #expect(try schema.violations(in: Data(measured.output.utf8)) == [])
    #expect(measured.output.contains("\"error_kept\""), "\(measured.output)")
    // Older versions did not name the bits of weights.
    let older = measured.output.replacing(/"weight_bits" : \d,\s*/, with: "")
    #expect(older != measured.output && !older.contains("weight_bits"), "\(older)")
    #expect(try schema.violations(in: Data(older.utf8)) == [])
    #expect(measured.errors.contains("Wrote resnet20 "), "\(measured.errors)")
    let told = try run(quantize + ["--keep-first", "--quantize-last", "--quiet"])
    #expect(told.status == 0 && !told.errors.contains("Wrote"), "\(told.errors)")
    #expect(try schema.violations(in: Data(told.output.utf8)) == [])
    #expect(told.output.contains("\"conv1\"") && !told.output.contains("\"measured\""))
    for end in ["first", "last"] {
      let both = try run(quantize + ["--keep-\(end)", "--quantize-\(end)"])
      #expect(both.status == 64, "\(both.errors)")
      #expect(both.errors.contains("--keep-\(end) and --quantize-\(end) exclude each other"))
    }
    let mixed = try run(["quantize", "resnet20", "--seeded", "-o", "-", "--format", "json"])
    #expect(mixed.status == 64 && mixed.errors.contains("standard output"), "\(mixed.errors)")
  }

  /// Bits of weights are told wherever something is calibrated, and make a case of their own.
  @Test func bitsOfWeightsAreChosenAndTold() throws {
    let given = try images(3, "x.npy")
    for bits in [7, 8] {
      let written = try run([
        "quantize", "resnet20", "--calibration", given, "--weight-bits", "\(bits)", "-o",
        "q\(bits).onnx", "--threads", "1", "--format", "json",
      ])
      #expect(written.status == 0, "\(written.errors)")
      #expect(written.errors.contains("\(bits)-bit weights"), "\(written.errors)")
      #expect(written.output.contains("\"weight_bits\" : \(bits)"), "\(written.output)")
      #expect(
        try PublishedSchema.named("costcurve.quantize").violations(in: Data(written.output.utf8))
          == [])
      let measured = try run(
        ["infer", "resnet20", "--precision", "int8", "--weight-bits", "\(bits)"]
          + ["--format", "json"] + brief)
      #expect([0, 7].contains(measured.status), "\(measured.errors)")
      #expect(measured.errors.contains("multiply bytes, \(bits)-bit weights"), "\(measured.errors)")
      let item = try #require(try ResultRecord.read(Data(measured.output.utf8)).cases.first)
      // A noisy machine may have no figure; the answer is right all the same.
      #expect(item.correctness.status == .passed, "\(item.correctness)")
      #expect(item.parameters["weight_bits"] == .number(Double(bits)))
      #expect(item.repeat.contains("--weight-bits \(bits)"), "\(item.repeat)")
      if bits == 7 { #expect(item.name.calibration != nil, "\(item.id)") }
      let exact = try run([
        "verify", "--model", "q\(bits).onnx", "--precision", "int8", "--threads", "1",
      ])
      #expect(exact.status == 0, "\(exact.output)\(exact.errors)")
    }
    let float = try run(["infer", "resnet20", "--weight-bits", "7"] + brief)
    #expect(float.status == 64 && float.errors.contains("--precision int8"), "\(float.errors)")
    let six = try run(["quantize", "resnet20", "--seeded", "--weight-bits", "6", "-o", "q.onnx"])
    #expect(six.status == 64, "\(six.errors)")
    let file = try run(
      ["infer", "--model", "q7.onnx", "--precision", "int8", "--weight-bits", "8"] + brief)
    #expect(file.status == 64 && file.errors.contains("says itself"), "\(file.errors)")
  }

  /// The price says in its line that nobody looked at the answers, or what they are worth.
  @Test func aPriceInInt8SaysWhatItsAnswersAreWorth() throws {
    let infer = ["infer", "--network", "resnet20", "--precision", "int8", "--usd-per-hour", "1"]
    let plain = try run(infer + brief + ["--full"])
    #expect([0, 7].contains(plain.status), "\(plain.errors)")
    let text = plain.output.replacing(/\s+/, with: " ")
    #expect(
      plain.status == 7 || text.contains("int8, no answers were compared with labels"), "\(text)")
    #expect(plain.errors.contains("seeded items"), "\(plain.errors)")
    let given = try images(6, "v.npy")
    let known = try labels([0, 1, 2, 3, 4, 5], "l.npy")
    let told = try run(
      infer + brief + ["--images", given, "--labels", known, "--format", "json"])
    #expect([0, 7].contains(told.status), "\(told.errors)")
    #expect(told.output.contains("\"against_f32\""), "\(told.output)")
    #expect(told.output.contains("\"int8_error_kept\""), "\(told.output)")
    #expect(told.errors.contains("By measured loss "), "\(told.errors)")
    // Nobody trained these weights, so that right answers are chance.
    #expect(told.output.contains("the weights were made from a seed"), "\(told.output)")
    #expect(
      try PublishedSchema.named("costcurve.result").violations(in: Data(told.output.utf8)) == [])
    let alone = try run(infer + brief + ["--labels", known])
    #expect(alone.status == 64 && alone.errors.contains("need one another"))
    let float = try run(["infer", "--calibration", given] + brief)
    #expect(float.status == 64 && float.errors.contains("--precision int8"))
  }

  /// Every case of a list is in int8, calibrated once for all of them; a scenario counts it, too.
  @Test func listsAndScenariosGoInInt8() throws {
    let infer = ["infer", "--network", "resnet20", "--precision", "int8", "--format", "json"]
    let sweep = try run(infer + ["--batch-size", "1,2"] + brief)
    #expect([0, 7].contains(sweep.status), "\(sweep.errors)")
    for batch in [1, 2] {
      // In a build that makes weights of 7 bits, the id has a digest, too.
      #expect(sweep.output.contains("infer/resnet20/b\(batch)/t1/int8/"))
    }
    #expect(sweep.errors.components(separatedBy: "multiply bytes").count == 2, "\(sweep.errors)")
    let counted = try run(infer + ["--scenario", "single-stream"] + brief)
    #expect([0, 7].contains(counted.status), "\(counted.errors)")
    #expect(counted.output.contains("--precision int8 --scenario single-stream"))
    let files = ["--images", "v.npy", "--labels", "l.npy"]
    let refused = try run(infer + ["--batch-size", "1,2"] + files)
    #expect(refused.status == 64 && refused.errors.contains("for one case"))
  }

  /// The cheapest says what its answers are worth in its own line.
  @Test func theCheapestSaysWhatItsAnswersAreWorth() throws {
    let search =
      ["infer", "resnet20", "--cheapest", "--precision", "int8", "--batch-size", "1,2"]
      + ["--usd-per-hour", "1"] + brief
    let plain = try run(search)
    #expect(plain.status == 0, "\(plain.errors)")
    let text = plain.output.replacing(/\s+/, with: " ")
    #expect(
      text.contains("native, int8 (no answers were compared with labels): "), "\(text)")
    #expect(text.contains("--precision int8"), "what repeats it: \(text)")
    let files = [
      "--images", try images(6, "v.npy"), "--labels", try labels([0, 1, 2, 3, 4, 5], "l.npy"),
    ]
    let told = try run(search + files)
    #expect(told.status == 0, "\(told.errors)")
    let words = told.output.replacing(/\s+/, with: " ")
    #expect(words.contains("same answer for "), "\(words)")
    #expect(!words.contains("no answers were compared"), "\(words)")
  }

  /// Trained here, then evaluated in both precisions on all test images, with ranges of the others.
  @Test func aTrainedNetworkIsEvaluatedOnItsDataSet() throws {
    let data = user.directory.path("data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try IDXFiles.write(
      IDXFiles.twoKinds(600, size: 8, seed: 1), IDXFiles.twoKinds(100, size: 8, seed: 2), size: 8,
      to: data)
    let set = ["--dataset", "fashion-mnist", "--data", data]
    let trained = try run(
      [
        "train", "--epochs", "6", "--batch-size", "60", "--run-directory", "t", "--threads", "1",
        "--format", "json",
      ] + set)
    #expect(trained.status == 0, "\(trained.errors)")
    struct Training: Decodable {
      struct Epoch: Decodable { var top1: Double }
      var epochs: [Epoch]
    }
    let top1 = try JSONDecoder().decode(Training.self, from: Data(trained.output.utf8)).epochs.last
    let infer =
      [
        "infer", "--network", "resnet20", "--input-size", "8", "--weights",
        "t/weights.safetensors", "--precision", "int8", "--usd-per-hour", "1",
      ] + set + brief
    let json = try run(infer + ["--format", "json"])
    #expect([0, 7].contains(json.status), "\(json.errors)")
    #expect(json.errors.contains("the first 500 of 600 training images"), "\(json.errors)")
    #expect(
      try PublishedSchema.named("costcurve.result").violations(in: Data(json.output.utf8)) == [])
    let item = try #require(try ResultRecord.read(Data(json.output.utf8)).cases.first)
    let beside = try #require(item.accuracy.againstF32)
    #expect(item.accuracy.status == "evaluated" && beside.images == 100)
    // Sums in another order may turn one answer.
    #expect(abs((beside.top1F32 ?? 0) - (top1?.top1 ?? 1)) < 0.015)
    // A hundred images are too few for the rule, and every form says so.
    #expect(beside.mlperfPassed == nil && beside.rule.contains("100 images leave"))
    #expect(item.name.calibration != nil && item.repeat.contains("--calibration \(data)"))
    let csv = try run(infer + ["--format", "csv"]).output
    #expect(csv.contains(",accuracy_status,top1,top1_f32,top1_ratio,"), "\(csv)")
    for form in ["text", "markdown", "html"] {
      let told = try run(infer + ["--format", form, "-o", "answer"])
      let text = try String(contentsOfFile: user.directory.path("answer"), encoding: .utf8)
        .replacing(/\s+/, with: " ")
      #expect(
        told.status == 7 || text.contains("not evaluated: 100 images leave the ratio"), "\(form)")
    }
    // The same as a file, whose ranges are its own.
    let written = try run([
      "quantize", "--network", "resnet20", "--input-size", "8", "--weights",
      "t/weights.safetensors", "--calibration", data, "-o", "q.onnx", "--threads", "1",
    ])
    #expect(written.status == 0, "\(written.errors)")
    #expect(written.errors.contains("the first 500 of 600 training images"), "\(written.errors)")
    let file = try run(
      ["infer", "--model", "q.onnx", "--precision", "int8", "--format", "json"] + set + brief)
    #expect([0, 7].contains(file.status), "\(file.errors)")
    let other = try ResultRecord.read(Data(file.output.utf8)).cases.first
    #expect(other?.accuracy.top1 == item.accuracy.top1 && other?.accuracy.againstF32 == nil)
    let unknown = try run(["infer", "--dataset", "mnist"] + brief)
    #expect(unknown.status == 5 && unknown.errors.contains("there is fashion-mnist"))
    let large = try run(["infer", "--network", "resnet18", "--input-size", "64"] + set + brief)
    #expect(large.status == 64 && large.errors.contains("grey images"), "\(large.errors)")
    let both = try run(infer + ["--images", "v.npy", "--labels", "l.npy"])
    #expect(both.status == 64 && both.errors.contains("labels of its own"))
    let folder = try run(["infer", "--data", data] + brief)
    #expect(folder.status == 64 && folder.errors.contains("--dataset"))
  }

  @Test func predictionsStandBesideThoseOfFloats() throws {
    let given = try images(4, "v.npy")
    let known = try labels([0, 1, 2, 3], "l.npy")
    let predict = [
      "predict", "--network", "resnet20", "--input", given, "--labels", known, "--output", "y.npy",
      "--threads", "1", "--precision", "int8", "--calibration", given,
    ]
    let json = try run(predict + ["--format", "json"])
    #expect(json.status == 0, "\(json.errors)")
    #expect(
      try PublishedSchema.named("costcurve.predict").violations(in: Data(json.output.utf8)) == [])
    #expect(json.output.contains("\"agreement\"") && json.output.contains("\"int8\""))
    let text = try run(predict).output
    #expect(text.contains("(native, int8)") && text.contains("same answer for"), "\(text)")
    let own = try NPYFile(path: user.directory.path("y.npy"), element: .float32, rank: 2)
    #expect(own.shape == [4, 1000])
  }
}
