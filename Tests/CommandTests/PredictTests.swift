import Basics
import Formats
import Foundation
import Models
import TestSupport
import Testing

/// `costcurve predict` as a process: what it computes, and what it refuses.
@Suite struct PredictTests {
  /// Runs predict on files of a folder; `change` may replace any of them.
  static func predict(
    _ files: ArrayFiles, weights: String? = nil, input: String? = nil, labels: String? = nil,
    output: String? = nil, network: String = "resnet18", more: [String] = []
  ) throws -> CommandProcess {
    let weights = try weights ?? files.weights(ArrayFiles.tensors("resnet18"))
    let input = try input ?? files.images([2, 3, 32, 32], of: 0.5)
    var arguments = ["predict", "--network", network, "--weights", weights, "--input", input]
    arguments += ["--output", output ?? files.directory.path("y.npy")]
    if let labels { arguments += ["--labels", labels] }
    return try CommandProcess(arguments + more)
  }

  /// A refusal: its code, a sentence that names what is wrong, and no output file.
  static func expectRefusal(
    _ run: CommandProcess, _ status: Int32, _ word: String, _ files: ArrayFiles,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
    let left = files.directory.names().filter { $0.hasPrefix("y") || $0.contains("part") }
    #expect(left.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func writesTheLogitsOfTheBatchInOrder() throws {
    let files = try ArrayFiles()
    let network = try Network.named("resnet18", classes: 10)
    let seeded = SeededWeights(for: network, seed: 5)
    let weights = files.directory.path("real.safetensors")
    let byName = Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0) })
    try SafetensorsFile.write(ArrayFiles.tensors("resnet18"), to: weights) { name in
      byName[name].flatMap { try? seeded.values($0) } ?? []
    }
    var random = SeededRandom(seed: 3)
    let images = files.directory.path("x.npy")
    try NPYFile.write(
      Tensor(shape: [3, 3, 40, 40], values: random.floats(3 * 3 * 40 * 40)), to: images)
    var results: [[Float]] = []
    for (batch, engine) in [("3", "reference"), ("2", "openblas"), ("1", "native")] {
      let run = try Self.predict(
        files, weights: weights, input: images, labels: files.labels([0, 5, 9]),
        more: ["--batch-size", batch, "--engine", engine, "--format", "json"])
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("\"status\" : \"evaluated\""))
      let output = try NPYFile(
        path: files.directory.path("y.npy"), element: .float32, rank: 2)
      #expect(output.shape == [3, 10])
      results.append(try output.readTensor().values)
    }
    #expect(relativeError(results[1], results[0]) < 1e-5)
    #expect(relativeError(results[2], results[0]) < 1e-3)
  }

  @Test func ranksTheLabelsOfEqualLogitsByClass() throws {
    let files = try ArrayFiles()
    let run = try Self.predict(files, labels: files.labels([0, 5]))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("top-1 50.00 %, top-5 50.00 %"), "\(run.output)")
  }

  @Test func weightsOfASeedHaveNoAccuracy() throws {
    let files = try ArrayFiles()
    let images = try files.images([2, 1, 28, 28], of: 0.5)
    let words = try [
      "predict", "resnet20", "--input", images, "--labels", files.labels([0, 1]), "--output",
      files.directory.path("y.npy"),
    ]
    let text = try CommandProcess(words)
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.contains("made from a seed; give --weights"), "\(text.output)")
    #expect(!text.output.contains("top-1"), "\(text.output)")
    let json = try CommandProcess(words + ["--format", "json"]).output
    #expect(json.contains("\"status\" : \"not evaluated\""), "\(json)")
  }

  @Test func refusesWeightsOfAnotherNetwork() throws {
    let files = try ArrayFiles()
    let all = try ArrayFiles.tensors("resnet18")
    var reshaped = all
    reshaped[0].shape = [64, 3, 5, 5]
    let cases: [(tensors: [(name: String, shape: [Int])], word: String)] = [
      (Array(all.dropLast()), "lacks tensor fc.bias"),
      (all + [("extra", [2])], "has tensor extra"),
      (reshaped, "conv1.weight has shape [64, 3, 5, 5]"),
      (try ArrayFiles.tensors("resnet34"), "try --network resnet34"),
    ]
    for (tensors, word) in cases {
      let run = try Self.predict(files, weights: files.weights(tensors))
      Self.expectRefusal(run, 1, word, files)
    }
  }

  @Test func ignoresTheBatchCounters() throws {
    let files = try ArrayFiles()
    let run = try Self.predict(
      files,
      weights: files.weights(
        ArrayFiles.tensors("resnet18") + [("bn1.num_batches_tracked", [1])]))
    #expect(run.status == 0, "\(run.errors)")
  }

  /// Headers that lie, with the bytes of data behind them and a word of the sentence.
  static let lies: [(header: String, dataBytes: Int, announced: Int?, word: String)] = [
    ("{\"a\":\(entry("[4]", "0,16"))}", 12, nil, "claims bytes"),
    ("{\"a\":\(entry("[4]", "0,16")),\"b\":\(entry("[4]", "8,24"))}", 24, nil, "overlap"),
    ("{\"a\":\(entry("[4]", "0,16")),\"a\":\(entry("[4]", "16,32"))}", 32, nil, "twice"),
    ("{\"a\":\(entry("[4294967296,4294967296]", "0,16"))}", 16, nil, "2^63"),
    ("{\"a\":\(entry("[274877906944]", "0,1099511627776"))}", 16, nil, "1099511627776 of 16"),
    ("{", 0, 1 << 40, "announces a header"),
    ("{", 100_000_000, 100_000_000, "at most"),
  ]

  private static func entry(_ shape: String, _ range: String, _ type: String = "F32") -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(range)]}"
  }

  @Test func refusesWeightFilesThatLie() throws {
    let files = try ArrayFiles()
    for (header, dataBytes, announced, word) in Self.lies {
      let weights = try files.weights(header: header, dataBytes: dataBytes, announced: announced)
      let run = try Self.predict(files, weights: weights)
      Self.expectRefusal(run, 1, word, files)
      #expect(run.errors.contains(weights))
    }
  }

  @Test func refusesImagesThatItCannotRead() throws {
    let files = try ArrayFiles()
    let cases: [(input: String, status: Int32, word: String)] = [
      (try files.array([2, 3, 32, 32], type: "|u1", named: "u.npy"), 1, "normalised"),
      (try files.array([2, 3, 32, 32], type: "<i8", named: "d.npy"), 1, "<i8"),
      (try files.array([2, 3, 32], named: "r.npy"), 1, "rank 3"),
      (try files.array([2, 3, 32, 32], named: "t.npy", missingBytes: 1), 1, "needs"),
      (try files.array([2, 4, 32, 32], named: "c.npy"), 1, "channels"),
      (try files.array([2, 3, 32, 33], named: "s.npy"), 1, "squares"),
      (try files.array([2, 3, 31, 31], named: "m.npy"), 1, "32 to"),
      (try files.array([0, 3, 32, 32], named: "e.npy"), 1, "no image"),
      (try files.images([2, 3, 32, 32], of: .nan, named: "n.npy"), 1, "image 0 has nan"),
      (try files.images([2, 3, 32, 32], of: .infinity, named: "i.npy"), 1, "image 0 has inf"),
      (files.directory.path("absent.npy"), 5, "no such file"),
      (files.directory.root, 1, "a directory"),
    ]
    for (input, status, word) in cases {
      Self.expectRefusal(try Self.predict(files, input: input), status, word, files)
    }
    let pipe = files.directory.path("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    Self.expectRefusal(try Self.predict(files, input: pipe), 1, "a pipe", files)
    Self.expectRefusal(try Self.predict(files, weights: pipe), 1, "a pipe", files)
  }

  @Test func refusesLabelsThatDoNotFit() throws {
    let files = try ArrayFiles()
    for (labels, word) in [([0], "1 labels for 2 images"), ([0, 10], "out of range")] {
      let run = try Self.predict(files, labels: files.labels(labels.map { Int64($0) }))
      Self.expectRefusal(run, 1, word, files)
    }
    let run = try Self.predict(files, labels: files.labels([-1, 0]))
    Self.expectRefusal(run, 1, "label -1 of image 0", files)
    let floats = try files.array([2], named: "floats.npy")
    Self.expectRefusal(try Self.predict(files, labels: floats), 1, "int64", files)
  }

  @Test func refusesPlacesThatItCannotWrite() throws {
    let files = try ArrayFiles()
    let missing = files.directory.path("missing/y.npy")
    for (output, word) in [
      (missing, "make the folder"), (files.directory.root, "folder"), ("/dev/full", "space"),
      ("/sys/costcurve.npy", "may write"),
    ] {
      Self.expectRefusal(try Self.predict(files, output: output), 6, word, files)
    }
  }

  @Test func refusesWhatDoesNotFitIntoMemory() throws {
    let files = try ArrayFiles()
    let input = try files.array([65_536, 3, 512, 512])
    let run = try Self.predict(files, input: input, more: ["--batch-size", "65536"])
    Self.expectRefusal(run, 1, "MiB are free", files)
    let labels = try files.array([65_536], type: "<i8", named: "l.npy")
    let training = try CommandProcess(
      ["train", "--network", "resnet18", "--input", input, "--labels", labels])
    Self.expectRefusal(training, 1, "MiB are free", files)
  }

  @Test func refusesFlagsThatMakeNoSense() throws {
    let files = try ArrayFiles()
    for (more, status, word) in [
      (["--batch-size", "0"], 64, "--batch-size"), (["--threads", "0"], 64, "--threads"),
      (["--threads", "100000"], 64, "--threads"), (["--engine", "nativ"], 5, "native"),
    ] as [([String], Int32, String)] {
      Self.expectRefusal(try Self.predict(files, more: more), status, word, files)
    }
    let unknown = try Self.predict(files, network: "resnet51")
    Self.expectRefusal(unknown, 5, "resnet50", files)
  }
}
