import ArgumentParser
import Workloads

/// `costcurve roofline`: what this machine can do at most.
struct RooflineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roofline",
    abstract: "Measure the roofline: multiply-adds of floats, bf16 and bytes, memory bandwidth.",
    discussion: "Example: costcurve roofline --quick")

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let threads = try threads.ladder()
    let requests = try filter.apply(
      CaseSuite.fmaPeaks(threads: threads) + CaseSuite.peaks(of: .bf16, threads: threads)
        + CaseSuite.peaks(of: .int8, threads: threads) + CaseSuite.bandwidths(threads: threads))
    if filter.list { return try Console.write(requests.map { $0.id + "\n" }.joined()) }
    try Session(measure: measure, price: nil, output: output).run(requests)
  }
}
