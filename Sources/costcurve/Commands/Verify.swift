import ArgumentParser
import Basics
import Harness
import Kernels
import Programs
import Workloads

/// `costcurve verify`: whether this build's numbers are right.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check this build's numbers against plain float64 loops, or against a folder.",
    discussion: """
      Example: costcurve verify

      Example: costcurve verify bert-base --sequence 16

      Example: costcurve verify --reference reference/

      The folder holds weights.safetensors, input.npy and logits.npy (of a game's tower policy.npy \
      and value.npy; of texts and of --model a file for each input and output, by its name), and \
      for training \
      labels.npy and losses.npy; \
      Benchmarks/Peers/export_reference.py writes one from torchvision. Exit code 7 when \
      something differs by more than its bound.
      """)

  @Option(help: "A folder of another program's numbers.", completion: .directory)
  var reference: String?

  @OptionGroup var word: NetworkWord

  @Option(help: "Only this network; one of each kind, or the folder's own, unless given.")
  var network: String?

  @OptionGroup var file: ModelFileOptions
  @OptionGroup var deciding: DecidingInputOptions

  @Option(help: "Only this engine; all of them unless given.")
  var engine: String?

  @OptionGroup var precision: PrecisionOptions

  @OptionGroup var threads: ThreadOptions

  @Option(help: "How to write the result: text or json.")
  var format: SummaryFormat = .text

  func validate() throws {
    try deciding.refuse(without: file.model)
    try file.refuse(["--network": network != nil])
    if let lower = precision.precision.inIDs, reference != nil {
      let loops = lower == .int8 ? "plain integers" : "plain float64 loops"
      throw ValidationError(
        "--precision \(lower.rawValue) is compared with the same arithmetic in \(loops); leave "
          + "--reference out.")
    }
  }

  func run() throws {
    try file.refuse(["the word '\(word.word ?? "")'": word.word != nil])
    let engines = try engine.map { [try Engine.named($0)] } ?? Engine.generations
    let verification = Verification(
      network: try word.name(beside: network), sequence: file.sequence, engines: engines,
      pool: ThreadPool(threads: try threads.count()), showsEach: format == .text)
    let results: [CheckResult]
    let arrays = reference.map(Verification.arrays) ?? []
    if let lower = precision.precision.inIDs {
      results = try verification.check(
        in: lower, try file.opened(inputs: deciding.input),
        calibration: precision.int8.calibration, weightBits: precision.int8.weightBits.bits)
    } else if let model = try file.opened(inputs: deciding.input + arrays) {
      results = try verification.check(model, beside: reference)
    } else {
      results = try reference.map(verification.checkFolder) ?? verification.checkSelf()
    }
    if format == .json {
      try Console.write(
        RecordJSON.text(VerifyReport(checks: results.map(VerifyReport.Check.init))))
    }
    let failed = results.filter { !$0.passed }.count
    guard failed == 0 else {
      throw Problem(.wrongAnswer, "\(failed) of \(results.count) checks failed.")
    }
  }
}
