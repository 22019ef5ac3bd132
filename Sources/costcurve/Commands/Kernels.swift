import ArgumentParser
import Basics
import Harness
import Workloads

/// `costcurve kernels`: products and convolutions, layer by layer.
struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Time matrix products and every distinct convolution of a network or model.",
    discussion: """
      Memory bandwidth is measured as well, for the roofline of the layers.

      Example: costcurve kernels --quick --filter 'conv/.*conv2'

      Example: costcurve kernels --precision int8 --quick
      """)

  @OptionGroup var word: NetworkWord
  @OptionGroup var work: WorkOptions

  @Option(help: "f32; with bf16 or int8, convolutions in it and the peak of its products.")
  var precision = LayerPrecision.f32

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let all = try precision.inIDs.map { try lowRequests($0) } ?? floatRequests()
    let requests = try filter.apply(all)
    if filter.list { return try Console.write(requests.map { $0.id + "\n" }.joined()) }
    try Session(measure: measure, price: nil, output: output).run(requests)
  }

  private func floatRequests() throws -> [CaseRequest] {
    let subject = try work.subject(word)
    let (network, batch) = (work.network, try work.batch(of: subject))
    let engines = try network.engine.map { [try Engine.named($0)] } ?? Engine.kernels
    let threads = try threads.ladder()
    return try CaseSuite.bandwidths(threads: threads.suffix(1))
      + CaseSuite.products(
        of: subject, tokens: work.file.sequence, batch: batch, threads: threads, engines: engines)
      + CaseSuite.convolutions(
        of: subject, inputSize: work.inputSize, batch: batch, threads: threads.suffix(1),
        engines: engines, directions: subject.directions)
  }

  /// Forward convolutions by our kernels: there are no others of lower precision.
  private func lowRequests(_ precision: CaseID.Precision) throws -> [CaseRequest] {
    let subject = try work.subject(word)
    let engine = try work.network.engine.map { try Engine.named($0) } ?? .standard
    if let refusal = engine.refusal(of: precision) {
      throw Problem(.usage, "kernels --precision \(precision.rawValue): \(refusal)")
    }
    let threads = try threads.ladder()
    return try CaseSuite.bandwidths(threads: threads.suffix(1))
      + CaseSuite.convolutions(
        of: subject, inputSize: work.inputSize, batch: work.batch(of: subject),
        threads: threads.suffix(1), engines: [engine], precision: precision)
  }
}
