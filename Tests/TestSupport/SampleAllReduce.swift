import Harness

extension CaseRecord.AllReduce {
  /// Sums of gradients that nobody has made; a test changes what it is about.
  ///
  /// - Parameters:
  ///   - ranks: Processes that shared the step.
  ///   - machines: That they ran on.
  ///   - exposedMs: What each rank waited for in a step.
  ///   - besideMs: What each rank spent on sums beside the backward pass.
  /// - Returns: Sums of 2 MiB of gradients, without a link and without a check.
  package static func sample(
    ranks: Int = 2, machines: Int = 1, exposedMs: [Double] = [1], besideMs: [Double] = [1]
  ) -> CaseRecord.AllReduce {
    CaseRecord.AllReduce(
      ranks: ranks, machines: machines, library: "An MPI", algorithm: "ring", overlap: "tested",
      bucketBytes: 1 << 20, buckets: 2, gradientBytes: 1 << 21, exposedMs: exposedMs,
      besideMs: besideMs, settings: ["UCX_TLS": "tcp"])
  }
}
