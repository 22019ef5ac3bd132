import Basics
import Harness
import Models
import Programs
import Workloads

/// What `costcurve run` measures.
struct RunSuite {
  /// Thread counts, ascending; whole networks run at the last.
  var threads: [Int]
  var engines = Engine.generations
  var kernelEngines = Engine.kernels
  /// Engines whose inference is measured in int8 as well.
  var byteEngines = [Engine.standard]
  var network = "resnet50"
  var inferenceBatches = [1, 16]

  var trainingBatch = 16
  /// Engines of the training step: Winograd or not makes no generation of its own there.
  var trainingEngines = Engine.kernels
  /// Whether every layer's gradients, product and convolution of bytes are measured, or those that
  /// stand for all.
  var measuresAll = false
  /// Whether it is to show that everything works, and no more: int8, whose calibration and checks take
  /// long, is then inferred at the smallest batch alone, with ranges of few images.
  var isSmoke = false
  /// Seeded images that a smoke run calibrates with.
  private static let smokeImages = 4

  /// A 1x1 and a 3x3 of an early and a late stage, and one with a stride.
  private static let gradientLayers = [
    "layer1.0.conv2", "layer1.0.conv3", "layer3.0.conv2", "layer4.1.conv2", "layer4.1.conv1",
  ]

  /// Measures one engine alone.
  mutating func limit(to engine: Engine) {
    (engines, kernelEngines, trainingEngines) = ([engine], [engine], [engine])
    byteEngines = engine.refusal(of: .int8) == nil ? [engine] : []
  }

  /// The cases in the order in which the report shows them.
  func requests() throws -> [CaseRequest] {
    let network = try Network.named(network)
    let most = threads.max() ?? 1
    var requests = CaseSuite.fmaPeaks(threads: threads)
    if measuresAll, !byteEngines.isEmpty {
      requests += CaseSuite.peaks(of: .int8, threads: threads)
    }
    requests += CaseSuite.bandwidths(threads: [most])
    requests += try CaseSuite.products(
      of: .network(network), batch: 1, threads: threads, engines: kernelEngines,
      withPointwise: measuresAll)
    requests += try CaseSuite.convolutions(
      of: .network(network), batch: 1, threads: [most], engines: kernelEngines)
    if measuresAll {
      requests += try CaseSuite.convolutions(
        of: .network(network), batch: 1, threads: [most], engines: byteEngines, precision: .int8)
    }
    requests += try CaseSuite.convolutions(
      of: .network(network), batch: 1, threads: [most], engines: kernelEngines,
      directions: [.backwardData, .backwardWeights]
    ).filter { request in
      measuresAll
        || Self.gradientLayers.contains { CaseID(request.id)?.subject == "\(network.name).\($0)" }
    }
    for batch in inferenceBatches {
      requests += engines.map {
        CaseSuite.network(.infer, name: network.name, batch: batch, threads: most, engine: $0)
      }
      if isSmoke, batch != inferenceBatches.first { continue }
      requests += byteEngines.map {
        CaseSuite.network(
          .infer, name: network.name, batch: batch, threads: most, engine: $0, precision: .int8)
      }
    }
    requests += trainingEngines.map {
      CaseSuite.network(
        .train, name: network.name, batch: trainingBatch, threads: most, engine: $0)
    }
    return requests
  }

  /// The requests, those of inference in int8 with the table of their ranges: calibrated once for
  /// all processes, on seeded images, unless that was done before.
  ///
  /// - Parameters:
  ///   - requests: Of this suite.
  ///   - output: Where its progress is shown.
  /// - Returns: The same cases; as they were where no table can be kept, so that each process
  ///   calibrates for itself.
  /// - Throws: What calibration throws, an interruption above all.
  func calibrated(_ requests: [CaseRequest], output: OutputOptions) throws -> [CaseRequest] {
    func isOnBytes(_ request: CaseRequest) -> Bool {
      request.kind == .infer && CaseID(request.id)?.precision == .int8
    }
    guard requests.contains(where: isOnBytes) else { return requests }
    var work = try QuantizedWork(
      .network(try Network.named(network)), options: [:], calibration: [],
      threads: threads.max() ?? 1, quiet: output.quiet)
    if isSmoke { work.seededItems = Self.smokeImages }
    let table: String?
    do {
      table = try work.table()
    } catch let problem as Problem where problem.kind == .cannotWrite {
      output.note("costcurve: \(problem) Each process in int8 calibrates for itself.")
      return requests
    }
    guard let table else { return requests }
    let source = try QuantizationTable(path: table).source
    return requests.map { request in
      guard isOnBytes(request), var id = CaseID(request.id) else { return request }
      id.calibration = source
      var named = request
      named.id = id.description
      named.options[CaseOptions.Key.quantization.rawValue] = table
      return named
    }
  }
}
