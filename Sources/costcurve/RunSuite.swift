import Harness
import Networks
import Workloads

/// What `costcurve run` measures.
struct RunSuite {
  /// Thread counts, ascending; whole networks run at the last.
  var threads: [Int]
  var engines = Engine.generations
  var kernelEngines = Engine.kernels
  var network = "resnet50"
  var inferenceBatches = [1, 16]

  /// The cases in the order in which the report shows them.
  func requests() throws -> [CaseRequest] {
    let network = try Network.named(network)
    let most = threads.max() ?? 1
    var requests = CaseSuite.fmaPeaks(threads: threads) + CaseSuite.bandwidths(threads: [most])
    requests += CaseSuite.products(of: network, batch: 1, threads: threads, engines: kernelEngines)
    requests += CaseSuite.convolutions(of: network, batch: 1, threads: [most], engines: kernelEngines)
    for batch in inferenceBatches {
      requests += engines.map {
        CaseSuite.network(
          .infer, name: network.name, batch: batch, threads: most, engine: $0)
      }
    }
    return requests
  }
}
