import Harness
import Workloads

extension InferCommand {
  /// `--decode`: one more token, the prompt before it, and the bandwidth that bounds the step.
  func decode(_ subject: WorkSubject, _ engine: Engine, threads: Int) throws {
    let network = try subject.textNetwork()
    let requests = try CaseSuite.text(
      of: network, batch: work.batch(of: subject), threads: threads, engine: engine,
      options: work.caseOptions(seed: measure.seed))
    if explain { return try output.explain(requests[0], measure, seconds: 3) }
    var session = try Session(measure: measure, price: try price.price(), output: output)
    session.hints = [
      "'\(requests[0].repeat) --explain' shows where the time of a token goes."
    ]
    let probe = CaseSuite.memoryBandwidth(threads: threads)
    try session.run(requests + [probe].compactMap(\.self))
  }
}
