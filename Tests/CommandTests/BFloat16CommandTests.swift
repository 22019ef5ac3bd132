import Formats
import Foundation
import Models
import TestSupport
import Testing

/// `--precision bf16` where it is taken, as processes.
@Suite struct BFloat16CommandTests {
  private let user: UserFolder
  private let brief = ["--threads", "1", "--quick", "--duration", "20ms", "--no-save"]

  init() throws { user = try UserFolder() }

  private func run(_ arguments: [String]) throws -> CommandProcess {
    let root = user.directory.root
    return try CommandProcess(
      arguments, environment: ["XDG_DATA_HOME": root, "XDG_CACHE_HOME": root], timeout: 300,
      directory: root)
  }

  private func images(_ count: Int, _ name: String) throws -> String {
    var random = SeededRandom(seed: 9)
    let path = user.directory.path(name)
    try NPYFile.write(
      Tensor(shape: [count, 1, 28, 28], values: random.floats(count * 28 * 28)), to: path)
    return path
  }

  /// What is measured says what multiplied, and what its answers are worth where that is known.
  @Test func infersInBFloat16() throws {
    let infer = ["infer", "--network", "resnet20", "--precision", "bf16", "--format", "json"]
    let plain = try run(infer + brief)
    #expect([0, 7].contains(plain.status), "\(plain.errors)")
    #expect(plain.output.contains("infer/resnet20/b1/t1/bf16/native"))
    #expect(plain.output.contains("plan.bf16.native"))
    #expect(plain.errors.contains("multiply bfloat16"), "\(plain.errors)")
    #expect(
      try PublishedSchema.named("costcurve.result").violations(in: Data(plain.output.utf8)) == [])
    let given = try images(6, "v.npy")
    let known = user.directory.path("l.npy")
    try NPYFile.write((0..<6).map { Int64($0) }, to: known)
    let told = try run(infer + brief + ["--images", given, "--labels", known])
    #expect([0, 7].contains(told.status), "\(told.errors)")
    #expect(told.output.contains("\"against_f32\""), "\(told.output)")
  }

  /// Layers are set against the peak of bfloat16, and everything says so.
  @Test func explainsInBFloat16() throws {
    let explain = [
      "infer", "resnet20", "--precision", "bf16", "--explain", "--threads", "1", "--duration",
      "50ms",
    ]
    let explained = try run(explain + ["--full"])
    #expect(explained.status == 0, "\(explained.errors)")
    #expect(explained.output.contains("conv.bf16."), "\(explained.output)")
    let words = explained.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("; bf16 peak in the same") && !words.contains("FMA"), "\(words)")
    #expect(!words.contains("GOP/s") && !explained.errors.contains("FMA"), "\(words)")
    let json = try run(explain + ["--format", "json"])
    #expect(json.output.contains("\n  \"precision\" : \"bf16\""), "\(json.output)")
    let rows = try run(explain + ["--format", "csv"]).output.split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let head = try #require(rows.first)
    let element = try #require(head.firstIndex(of: "precision"))
    let integerPeak = try #require(head.firstIndex(of: "peak_giga_operations_per_second"))
    let layers = rows.filter { row in row.contains { $0.hasPrefix("conv.bf16.") } }
    #expect(layers.count >= 20 && layers.allSatisfy { $0[element] == "bf16" }, "\(rows)")
    #expect(rows.contains { $0[element] == "f32" })
    #expect(rows.dropFirst().allSatisfy { $0[integerPeak].isEmpty })
  }

  @Test func predictsAndVerifiesInBFloat16() throws {
    let given = try images(4, "v.npy")
    let known = user.directory.path("l.npy")
    try NPYFile.write((0..<4).map { Int64($0) }, to: known)
    let predict = [
      "predict", "--network", "resnet20", "--input", given, "--labels", known, "--output", "y.npy",
      "--threads", "1", "--precision", "bf16",
    ]
    let json = try run(predict + ["--format", "json"])
    #expect(json.status == 0, "\(json.errors)")
    #expect(
      try PublishedSchema.named("costcurve.predict").violations(in: Data(json.output.utf8)) == [])
    #expect(json.output.contains("\"agreement\"") && json.output.contains("\"bf16\""))
    let text = try run(predict).output
    #expect(text.contains("(native, bf16)") && text.contains("same answer for"), "\(text)")
    let verified = try run(
      ["verify", "--network", "resnet20", "--precision", "bf16", "--threads", "1"])
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    #expect(verified.output.contains("resnet20, bf16, "), "\(verified.output)")
  }

  /// Steps are timed, explained and taken in bfloat16, and all that is written says so.
  @Test func trainsInBFloat16() throws {
    let train = ["train", "resnet20", "--batch-size", "2", "--precision", "bf16"]
    let timed = try run(train + brief + ["--format", "json"])
    #expect([0, 7].contains(timed.status), "\(timed.errors)")
    #expect(timed.output.contains("train/resnet20/b2/t1/bf16/native"))
    #expect(timed.output.contains("step.bf16.native"))
    #expect(timed.errors.contains("multiply bfloat16"), "\(timed.errors)")
    #expect(
      try PublishedSchema.named("costcurve.result").violations(in: Data(timed.output.utf8)) == [])
    let explained = try run(
      train + ["--threads", "1", "--explain", "--duration", "10ms", "--format", "json"])
    #expect(explained.status == 0, "\(explained.errors)")
    #expect(explained.output.contains("conv.bf16.") && explained.output.contains("rows.bf16."))
    #expect(
      try PublishedSchema.named("costcurve.training-profile")
        .violations(in: Data(explained.output.utf8)) == [])

    let known = user.directory.path("l.npy")
    try NPYFile.write((0..<4).map { Int64($0) }, to: known)
    let given = try images(4, "v.npy")
    func losses(_ precision: String) throws -> [Double] {
      let outcome = try run([
        "train", "resnet20", "--precision", precision, "--threads", "1", "--input", given,
        "--labels", known, "--steps", "3", "--learning-rate", "0.01", "--format", "json",
      ])
      #expect(outcome.errors.contains("multiply bfloat16") == (precision == "bf16"))
      struct Record: Decodable {
        var losses: [Double]
        var precision: String?
      }
      let data = Data(outcome.output.utf8)
      #expect(try PublishedSchema.named("costcurve.result").violations(in: data) == [])
      let record = try JSONDecoder().decode(Record.self, from: data)
      #expect(record.precision == (precision == "bf16" ? "bf16" : nil))
      return record.losses
    }
    let (own, again, float) = (try losses("bf16"), try losses("bf16"), try losses("f32"))
    #expect(own.count == 3 && own[2] < own[0] && own == again, "\(own)")
    #expect(own[0] != float[0] && abs(own[0] - float[0]) < 0.05 * float[0], "\(float)")
  }

  /// A run over a data set says in what it was, and another precision does not go on with it.
  @Test func trainsOnADataSetInBFloat16() throws {
    let data = user.directory.path("data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try IDXFiles.write(
      IDXFiles.twoKinds(300, size: 8, seed: 1), IDXFiles.twoKinds(50, size: 8, seed: 2),
      size: 8, to: data)
    let train = [
      "train", "--dataset", "fashion-mnist", "--data", data, "--train-images", "256", "--seed",
      "5", "--run-directory", user.directory.path("run"), "--format", "json",
    ]
    let first = try run(train + ["--epochs", "2", "--precision", "bf16"])
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.errors.contains("multiply bfloat16"), "\(first.errors)")
    #expect(first.output.contains("\"precision\" : \"bf16\""), "\(first.output)")
    #expect(
      try PublishedSchema.named("costcurve.training").violations(in: Data(first.output.utf8)) == [])
    let other = try run(train + ["--epochs", "2", "--resume"])
    #expect(other.status != 0 && other.errors.contains("other flags"), "\(other.errors)")
  }

  /// Arguments, the exit code, and words of the sentence.
  static let refused: [([String], Int32, String)] = [
    (["infer", "gpt2", "--decode", "--precision", "bf16"], 64, "float32 alone"),
    (["infer", "resnet20", "--precision", "bf16", "--calibration", "x.npy"], 64, "int8"),
    (["infer", "resnet20", "--precision", "bf16", "--engine", "openblas"], 64, "has no bf16"),
    (["train", "resnet20", "--precision", "bf16", "--engine", "openblas"], 64, "has no bf16"),
    (["train", "resnet20", "--precision", "int8"], 64, "precision"),
    (["verify", "--precision", "bf16", "--reference", "r"], 64, "leave --reference out"),
    (["infer", "resnet20", "--precision", "fp16"], 64, "precision"),
  ]

  @Test(arguments: refused)
  func refusesWhatIsNotComputedSo(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let outcome = try run(arguments)
    #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.errors)")
  }
}
