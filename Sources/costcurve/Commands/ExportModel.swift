import ArgumentParser
import Formats
import Harness
import Interchange
import Models
import Workloads

/// `costcurve export-model`: a network of ours as a file that other software runs.
struct ExportModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-model",
    abstract: "Write a network and its weights as an ONNX file.",
    discussion: """
      Example: costcurve export-model --network resnet50 --weights resnet50.safetensors \
      -o resnet50.onnx

      The first dimension of inputs and outputs is the batch, open unless --batch-size fixes it; \
      the length of sequences is fixed.
      """)

  @OptionGroup var word: NetworkWord
  @OptionGroup var network: NetworkExportOptions

  @Option(help: "Tokens of a sequence; the network's usual number unless given.")
  var sequence: Int?

  @Option(
    name: [.customShort("o"), .long], help: "Where the model goes.", completion: .file())
  var output: String

  @Flag(help: "No notes on standard error.")
  var quiet = false

  func validate() throws { try (1...1 << 20).check("--sequence", sequence) }

  func run() throws {
    try AtomicFile.refuseUnwritable(output)
    let model = try network.model(named: word.name(beside: network.network) ?? NetworkWord.usual)
    let size = try network.size(of: model.network, sequence: sequence)
    let file = try ModelExport.model(
      of: model.network.graph(inputSize: size), name: model.network.name, weights: model.weights,
      batch: network.batchSize)
    try Interrupt.saving { try file.write(to: output) }
    guard !quiet else { return }
    if let note = model.prefixNote { Console.error("costcurve: \(note)") }
    Console.error(
      "Wrote \(model.network.name) (\(model.weightsName)), "
        + "\(Units.count(file.graph.nodes.count, "node")), operators of version "
        + "\(ModelExport.operatorVersion), to \(output).")
  }
}
