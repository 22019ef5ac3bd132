import ArgumentParser
import Formats
import Harness

/// `costcurve predict`: outputs for the user's weights or model, and arrays.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Compute outputs for your weights and your images; with labels, the accuracy.",
    discussion: """
      Example: costcurve predict --network resnet50 --weights resnet50.safetensors \
      --input images.npy --output logits.npy

      Images are float32 N C H W, already normalised; labels int64; logits come out as float32. A \
      game's network takes positions in the same form and has two outputs, which are named: \
      --output policy=policy.npy --output value=value.npy. The inputs and outputs of an ONNX model \
      with several are named in the same way; whole numbers are int64.

      Example: costcurve predict --network gpt2 --weights gpt2.safetensors --input tokens.npy \
      --output logits.npy

      Example: costcurve predict --model yours.onnx --input ids=ids.npy --input mask=mask.npy \
      --output logits=logits.npy

      Example: costcurve predict --network resnet50 --weights resnet50.safetensors \
      --input images.npy --labels labels.npy --output logits.npy --precision int8 \
      --calibration others.npy
      """)

  @OptionGroup var options: PredictOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "How to write the summary: text or json.")
  var format: SummaryFormat = .text

  @Flag(help: "No summary.")
  var quiet = false

  func run() throws {
    let report = try options.work(threads: try threads.count(), quiet: quiet)
    guard !quiet else { return }
    let summary = try format == .json ? RecordJSON.text(report) : report.text
    // Where an output is standard output's, nothing else is.
    guard !report.outputs.values.contains(where: { AtomicFile.isStandardOutput($0) }) else {
      return Console.error(String(summary.dropLast()))
    }
    try Console.write(summary)
  }
}
