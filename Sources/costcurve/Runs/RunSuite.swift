import Harness
import Models
import Workloads

/// What `costcurve run` measures.
struct RunSuite {
  /// Thread counts, ascending; whole networks run at the last.
  var threads: [Int]
  var engines = Engine.generations
  var kernelEngines = Engine.kernels
  var network = "resnet50"
  var inferenceBatches = [1, 16]

  var trainingBatch = 16
  /// Engines of the training step: Winograd or not makes no generation of its own there.
  var trainingEngines = Engine.kernels
  /// Whether every layer's gradients are measured, or those of a few that stand for all.
  var measuresAllGradients = false

  /// A 1x1 and a 3x3 of an early and a late stage, and one with a stride.
  private static let gradientLayers = [
    "layer1.0.conv2", "layer1.0.conv3", "layer3.0.conv2", "layer4.1.conv2", "layer4.1.conv1",
  ]

  /// The cases in the order in which the report shows them.
  func requests() throws -> [CaseRequest] {
    let network = try Network.named(network)
    let most = threads.max() ?? 1
    var requests = CaseSuite.fmaPeaks(threads: threads) + CaseSuite.bandwidths(threads: [most])
    requests += try CaseSuite.products(
      of: .network(network), batch: 1, threads: threads, engines: kernelEngines)
    requests += try CaseSuite.convolutions(
      of: .network(network), batch: 1, threads: [most], engines: kernelEngines)
    requests += try CaseSuite.convolutions(
      of: .network(network), batch: 1, threads: [most], engines: kernelEngines,
      directions: [.backwardData, .backwardWeights]
    ).filter { request in
      measuresAllGradients
        || Self.gradientLayers.contains { CaseID(request.id)?.subject == "\(network.name).\($0)" }
    }
    for batch in inferenceBatches {
      requests += engines.map {
        CaseSuite.network(.infer, name: network.name, batch: batch, threads: most, engine: $0)
      }
    }
    requests += trainingEngines.map {
      CaseSuite.network(
        .train, name: network.name, batch: trainingBatch, threads: most, engine: $0)
    }
    return requests
  }
}
