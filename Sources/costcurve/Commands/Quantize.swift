import ArgumentParser
import Basics
import Formats
import Graphs
import Harness
import Interchange
import Programs
import Workloads

/// `costcurve quantize`: an int8 model from a float32 one and calibration data.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Write a network or a model in int8, as an ONNX file that other software runs too.",
    discussion: """
      The file has QuantizeLinear and DequantizeLinear between its operators: bytes for the inputs \
      of layers, signed bytes for filters, and a scale for each filter. 'costcurve infer --model \
      FILE --precision int8' runs it in whole numbers, as ONNX Runtime and OpenVINO do.

      The first or the last layer stays float32 if that more than halves the product of output \
      error and time. Eight of the images decide, unless an option does.

      Example: costcurve quantize --network resnet50 --weights resnet50.safetensors \
      --calibration images.npy -o resnet50-int8.onnx
      """)

  @OptionGroup var options: QuantizeOptions
  @OptionGroup var threads: ThreadOptions

  @Option(
    name: [.customShort("o"), .long], help: "Where the model goes.", completion: .file())
  var output: String

  @Option(help: "How to tell what was written: text, or json on standard output.")
  var format: SummaryFormat = .text

  @Flag(help: "No notes on standard error.")
  var quiet = false

  func validate() throws {
    guard format == .text || !AtomicFile.isStandardOutput(output) else {
      throw ValidationError(
        "--format json and the model would both go to standard output; give -o a file.")
    }
  }

  func run() throws {
    try AtomicFile.refuseUnwritable(output)
    let (subject, note) = try options.subject()
    if let note, !quiet { Console.error("costcurve: \(note)") }
    let pass = try subject.writtenPass(batch: subject.smallestBatch)
    guard !pass.graph.isQuantized else {
      throw Problem(.usage, "\(subject.weightsName): is quantized already.")
    }
    let work = QuantizedWork(
      subject, calibration: options.calibration,
      quantizer: options.quantizer(threads: try threads.count()), conditions: [], files: [],
      quiet: quiet)
    let table = try work.calibrated(pass)
    let float = try FloatGraph(pass.graph, weights: pass.weights)
    let quantized = try QuantizedGraph(float, by: table)
    let file = try ModelExport.model(
      of: quantized.graph, name: subject.name, weights: quantized.weights,
      batch: options.network.batchSize ?? (subject.smallestBatch == 1 ? nil : pass.batch))
    try Interrupt.saving { try file.write(to: output) }
    let report = QuantizeReport(
      of: subject, table, layers: try quantized.inferenceGraph().layerCounts, output: output)
    if format == .json { try Console.write(RecordJSON.text(report)) }
    if !quiet { Console.error(report.text) }
  }
}
