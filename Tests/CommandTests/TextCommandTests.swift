import Basics
import Formats
import Foundation
import Harness
import Models
import TestSupport
import Testing

/// Commands on networks for texts, as processes.
struct TextCommandTests {
  private static let network = "transformer-base"
  private let files: ArrayFiles

  init() throws { files = try ArrayFiles() }

  /// A file of whole numbers, `rows × columns`.
  private func numbers(_ rows: Int, _ columns: Int, _ name: String, below: Int) throws -> String {
    let path = files.directory.path(name)
    let values = (0..<rows * columns).map { Int64((31 * $0 + 5) % below) }
    try NPYFile.write(values, shape: [rows, columns], to: path)
    return path
  }

  private func predict(
    _ inputs: [String], _ output: String, _ more: [String] = []
  ) throws -> CommandProcess {
    try CommandProcess(
      ["predict", "--network", Self.network] + inputs.flatMap { ["--input", $0] }
        + ["--output", files.directory.path(output)] + more, timeout: 240)
  }

  @Test func inferTellsTokensAndTheirPrice() throws {
    let arguments = [
      "infer", "--network", Self.network, "--sequence", "4", "--threads", "1", "--duration",
      "100ms", "--quick", "--no-save", "--usd-per-hour", "0.36",
    ]
    let outcome = try CommandProcess(arguments + ["--format", "json"], timeout: 240)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(outcome.output.utf8))
    let item = try #require(record.cases.first)
    #expect(item.id == "infer/\(Self.network)/b1/s4/t1/native")
    #expect(item.correctness.status == .passed && item.derived.item == "sequence")
    #expect(item.derived.imagesPerSecond == nil && item.derived.usdPerBillionImages == nil)
    let (rate, tokens) = (
      try #require(item.derived.itemsPerSecond), try #require(item.derived.tokensPerSecond)
    )
    #expect(abs(tokens / rate - 4) < 1e-9)
    let cost = try #require(item.derived.usdPerMillionTokens)
    #expect(abs(cost * 3600 * tokens / 1e6 - 0.36) < 1e-9)
    #expect(item.repeat.contains("--sequence 4"))
    let text = try CommandProcess(arguments, timeout: 240).output
      .replacing(#/\s+/#, with: " ")
    #expect(text.contains("sequences/s") && text.contains("per 10⁶ tokens"), "\(text)")
  }

  @Test func predictsForTokens() throws {
    let source = try numbers(2, 4, "source.npy", below: 32_000)
    let target = try numbers(2, 4, "target.npy", below: 31_000)
    let pair = ["source=\(source)", "target=\(target)"]
    let run = try predict(pair, "y.npy")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("2 sequences by \(Self.network) (native): logits -> "))
    let logits = try NPYFile(path: files.directory.path("y.npy"), element: .float32, rank: 3)
    #expect(logits.shape == [2, 4, 32_000])
    let drawn = try predict([], "drawn.npy", ["--sequence", "3"])
    #expect(drawn.status == 0, "\(drawn.errors)")
    let other = try NPYFile(path: files.directory.path("drawn.npy"), element: .float32, rank: 3)
    #expect(other.shape == [1, 3, 32_000])
    let short = try numbers(2, 3, "short.npy", below: 9)
    for (inputs, more, status, word) in [
      ([source], [], 64, "say which, as in '--input source=source.npy --input target="),
      (["source=\(source)"], [], 64, "also takes target"),
      (["source=\(source)", "target=\(short)"], [], 1, "has shape [2, 3] where target"),
      (pair, ["--sequence", "5"], 64, "has 4 tokens"),
      (pair, ["--labels", source], 64, "--labels does not apply"),
    ] as [([String], [String], Int32, String)] {
      let run = try predict(inputs, "z.npy", more)
      #expect(run.status == status && run.errors.contains(word), "\(inputs): \(run.errors)")
    }
    let wide = files.directory.path("wide.npy")
    try NPYFile.write([31_999, 32_000], shape: [1, 2], to: wide)
    let beyond = try predict(["source=\(wide)", "target=\(wide)"], "z.npy")
    #expect(beyond.status == 1, "\(beyond.errors)")
    #expect(beyond.errors.contains("has 32000, but source of \(Self.network) is 0 to 31999"))
  }

  @Test func verifiesItself() throws {
    let run = try CommandProcess(
      ["verify", "--network", Self.network, "--sequence", "3", "--threads", "1"], timeout: 240)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("ok     logits of \(Self.network), native"), "\(run.output)")
  }

  @Test(arguments: [
    (["infer", "--network", "gpt2", "--input-size", "9"], 64, "--input-size is for images"),
    (["infer", "--network", "gpt2", "--sequence", "1025"], 64, "1 to 1024 tokens"),
    (["infer", "--network", "bert-base", "--classes", "9"], 64, "30522 numbers"),
    (["verify", "--network", "resnet20", "--sequence", "9"], 64, "--sequence is for texts"),
    (["train", "--network", "gpt2", "--input", "x", "--labels", "y"], 64, "learns from sequences"),
    (["train", "--network", "resnet20", "--sequence", "9"], 64, "--sequence is for texts"),
    (["train", "--network", "bert-base", "--sequence", "513"], 64, "1 to 512 tokens"),
    (["train", "--network", "gpt2", "--input-size", "9"], 64, "--input-size is for images"),
    (["peers", "--network", "resnet20", "--sequence", "9"], 64, "--sequence is for texts"),
    (["export-model", "--network", "resnet20", "--sequence", "9", "-o", "x"], 64, "for texts"),
    (["predict", "--network", "resnet20", "-o", "x"], 64, "give --input and --output"),
    (["baseline", "save", "x", "--network", "gpt2", "--sequence", "0"], 64, "1 to 1024"),
  ])
  func refusesWhatATextIsNot(_ arguments: [String], _ status: Int32, _ word: String) throws {
    let run = try CommandProcess(arguments)
    #expect(run.status == status && run.errors.contains(word), "\(arguments): \(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test func listsTextsBesideImages() throws {
    let run = try CommandProcess(["list", "networks", "--format", "json"])
    let rows = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
    let gpt2 = try #require(rows?.first { $0["network"] as? String == "gpt2" })
    #expect(gpt2["item"] as? String == "tokens" && gpt2["input_size"] as? Double == 1024)
    #expect(gpt2["macs"] as? Int == 1024 * 142_406_400)
    #expect(gpt2["parameters"] as? Int == 124_439_808)
  }

  /// Files of transformers: without the prefix of the whole model, with constants and older names.
  @Test func readsTheNamesOfOtherFiles() throws {
    let parameters = try Network.named("gpt2").parameters
    let short: Tensors = parameters.map {
      (name: String($0.name.dropFirst("transformer.".count)), shape: $0.shape)
    }
    let extra: Tensors = [
      ("h.0.attn.bias", [1, 1, 1024, 1024]), ("lm_head.weight", [50_257, 768]),
    ]
    let plain = try WeightFile(path: files.weights(short + extra), network: "gpt2")
    let norm = try #require(plain.network.parameters.first { $0.name == "transformer.ln_f.bias" })
    #expect(try plain.values(norm) == [Float](repeating: 0, count: 768) && plain.prefix == "")
    let module: Tensors = parameters.map { (name: "module.\($0.name)", shape: $0.shape) }
    let wrapped = try WeightFile(recognising: files.weights(module, named: "m.safetensors"))
    #expect(wrapped.network.name == "gpt2" && wrapped.prefix == "module.")
    var old: Tensors = try Network.named("bert-base").parameters.map { parameter in
      let name = parameter.name.replacing("LayerNorm.weight", with: "LayerNorm.gamma")
        .replacing("LayerNorm.bias", with: "LayerNorm.beta")
      return (name: name, shape: parameter.shape)
    }
    old.append((name: "cls.predictions.decoder.weight", shape: [30_522, 768]))
    let bert = try WeightFile(
      path: files.weights(old, named: "b.safetensors"), network: "bert-base")
    #expect(bert.network.classes == 30_522)
    let other: Tensors = short + [(name: "other", shape: [2])]
    let error = #expect(throws: Problem.self) {
      _ = try WeightFile(path: files.weights(other, named: "o.safetensors"), network: "gpt2")
    }
    #expect(error?.description.contains("has tensor other, which gpt2 does not") == true)
  }

  private typealias Tensors = [(name: String, shape: [Int])]
}
