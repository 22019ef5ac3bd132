import ArgumentParser
import Harness
import Networks
import Workloads

/// `costcurve infer`: one network's inference.
struct InferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Time one network's inference: latency, images per second, USD per 10^9 images.",
    discussion:
      "Example: costcurve infer --network resnet50 --batch-size 1 --threads 2 --duration 5s --quick"
  )

  @OptionGroup var network: NetworkOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let resolved = try network.resolved()
    let request = CaseSuite.network(
      .infer, name: resolved.name, batch: network.batchSize, threads: try threads.count(),
      engine: try network.resolvedEngine(), options: network.caseOptions(seed: measure.seed))
    try Session(measure: measure, price: try price.price(), output: output).run([request])
  }
}
