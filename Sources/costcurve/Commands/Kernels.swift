import ArgumentParser
import Basics
import Harness
import Workloads

/// `costcurve kernels`: products and convolutions, layer by layer.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time matrix products and every distinct convolution of a network or model.",
    discussion: "Example: costcurve kernels --quick --filter 'conv/.*conv2'")

  @OptionGroup var word: NetworkWord
  @OptionGroup var work: WorkOptions

  @Option(help: "f32, or int8: convolutions of bytes, beside the peak of byte products.")
  var precision = LayerPrecision.f32

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let requests = try filter.apply(precision == .int8 ? integerRequests() : floatRequests())
    if filter.list { return try Console.write(requests.map { $0.id + "\n" }.joined()) }
    try Session(measure: measure, price: nil, output: output).run(requests)
  }

  private func floatRequests() throws -> [CaseRequest] {
    let subject = try work.subject(word)
    let (network, batch) = (work.network, try work.batch(of: subject))
    let engines = try network.engine.map { [try Engine.named($0)] } ?? Engine.kernels
    let threads = try threads.ladder()
    return try CaseSuite.products(
      of: subject, tokens: work.file.sequence, batch: batch, threads: threads, engines: engines)
      + CaseSuite.convolutions(
        of: subject, inputSize: work.inputSize, batch: batch, threads: threads.suffix(1),
        engines: engines, directions: subject.directions)
  }

  /// Forward convolutions by our kernels: there are no others on bytes.
  private func integerRequests() throws -> [CaseRequest] {
    let subject = try work.subject(word)
    let engine = try work.network.engine.map { try Engine.named($0) } ?? .standard
    if let refusal = engine.refusalOfBytes {
      throw Problem(.usage, "kernels --precision int8: \(refusal)")
    }
    return try CaseSuite.convolutions(
      of: subject, inputSize: work.inputSize, batch: work.batch(of: subject),
      threads: threads.ladder().suffix(1), engines: [engine], precision: .int8)
  }
}
