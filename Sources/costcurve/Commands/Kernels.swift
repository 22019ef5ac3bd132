import ArgumentParser
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
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let subject = try work.subject(word)
    let (network, batch) = (work.network, work.batch(of: subject))
    let engines = try network.engine.map { [try Engine.named($0)] } ?? Engine.kernels
    let threads = try threads.ladder()
    let requests = try filter.apply(
      CaseSuite.products(
        of: subject, batch: batch, threads: threads, engines: engines)
        + CaseSuite.convolutions(
          of: subject, inputSize: work.inputSize, batch: batch,
          threads: threads.suffix(1), engines: engines,
          directions: subject.directions))
    if filter.list { return try Console.write(requests.map { $0.id + "\n" }.joined()) }
    try Session(measure: measure, price: nil, output: output).run(requests)
  }
}
