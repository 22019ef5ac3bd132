import Foundation
import TestSupport
import Testing

/// What is typed as other programs have it is answered with the name that it has here.
struct OptionHintTests {
  @Test(arguments: [
    (["infer", "-b", "16"], "Did you mean '--batch-size'?"),
    (["infer", "resnet50", "--batch", "16"], "Did you mean '--batch-size'?"),
    (["infer", "--batch=16"], "Did you mean '--batch-size'?"),
    (["infer", "--batches", "16"], "Did you mean '--batch-size'?"),
    (["infer", "--batch_size", "16"], "Did you mean '--batch-size'?"),
    (["train", "-t", "2"], "Did you mean '--threads'?"),
    (["kernels", "--num-threads", "2"], "Did you mean '--threads'?"),
    (["infer", "--backend", "native"], "Did you mean '--engine'?"),
    (["train", "--lr", "0.1"], "Did you mean '--learning-rate'?"),
    (["infer", "--json"], "Did you mean '--format json'?"),
    (["infer", "--int8"], "Did you mean '--precision int8'?"),
    (["infer", "--dtype", "int8"], "Did you mean '--precision'?"),
    (["infer", "--seq-len", "128"], "Did you mean '--sequence'?"),
    (["infer", "--onnx", "m.onnx"], "Did you mean '--model'?"),
    (["quantize", "--calib", "x.npy"], "Did you mean '--calibration'?"),
    (["claims", "list", "--verdicts", "consistent"], "Did you mean '--verdict'?"),
    (["claims", "--verdicts", "consistent"], "Did you mean '--verdict'?"),
    (["roofline", "--batch-size", "2"], "'costcurve infer', 'costcurve train', "),
  ])
  func theRightNameIsGiven(_ words: [String], _ hint: String) throws {
    let outcome = try CommandProcess(words)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains(hint), "\(outcome.errors)")
    #expect(!outcome.errors.contains("--watts"), "\(outcome.errors)")
  }

  @Test func whatResemblesNothingGetsNoName() throws {
    for option in ["--zzzzzz", "-z"] {
      let outcome = try CommandProcess(["infer", option])
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("'costcurve infer' has no option '\(option)'. See "))
    }
  }

  /// Other faults of a command line are the parser's to tell.
  @Test func aMissingValueIsStillSaid() throws {
    let outcome = try CommandProcess(["infer", "--batch-size"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("Missing value for '--batch-size"), "\(outcome.errors)")
  }

  @Test func commandsOfOtherProgramsAreFound() throws {
    for (word, name) in [("bench", "run"), ("benchmark", "run"), ("diff", "compare")] {
      let outcome = try CommandProcess([word])
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("Did you mean '\(name)'?"), "\(outcome.errors)")
    }
  }

  @Test(arguments: ["infer", "train", "kernels", "peers", "verify"])
  func aNetworkNeedsNoOption(_ command: String) throws {
    let wrong = try CommandProcess([command, "resnet51"])
    #expect(wrong.status == 5)
    #expect(wrong.errors.contains("resnet51"), "\(wrong.errors)")
    let two = try CommandProcess([command, "resnet18", "--network", "resnet34"])
    #expect(two.status == 64)
    #expect(two.errors.contains("two networks"), "\(two.errors)")
  }

  @Test(arguments: ["infer", "kernels", "peers", "quantize", "verify"])
  func aFileIsNoNetwork(_ command: String) throws {
    for words in [["yours.onnx"], ["--network", "yours.onnx"]] {
      let outcome = try CommandProcess(
        [command] + words + (command == "quantize" ? ["--seeded", "-o", "/dev/null"] : []))
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("take it as --model yours.onnx"), "\(outcome.errors)")
    }
  }

  @Test func theNetworkNamedIsTheOneMeasured() throws {
    let words = ["--list", "--threads", "1", "--engine", "native"]
    let named = try CommandProcess(["kernels", "resnet18"] + words).output
    #expect(named.contains("conv/resnet18.") && !named.contains("conv/resnet50."))
    #expect(named == (try CommandProcess(["kernels", "--network", "resnet18"] + words).output))
    let predicted = try CommandProcess([
      "predict", "resnet51", "--input", "/no/such.npy", "--output", "/dev/null",
    ])
    #expect(predicted.status == 5 && predicted.errors.contains("resnet51"), "\(predicted.errors)")
  }
}
