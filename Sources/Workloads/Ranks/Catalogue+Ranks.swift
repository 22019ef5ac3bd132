import Basics
import Harness
import Kernels
import Models
import Programs
import Ranks

extension Catalogue {
  /// Builds this rank's part of a training step that the ranks of a job share.
  ///
  /// - Parameters:
  ///   - request: Of a case of training, as one rank alone would measure it.
  ///   - group: The job.
  ///   - settings: How gradients are summed.
  /// - Returns: The workload; every rank has to build it.
  /// - Throws: `Problem` with code 5 for an unknown network or engine, 64 for a malformed id or value,
  ///   1 for what does not fit into memory.
  package func rankedStep(
    for request: CaseRequest, group: RankGroup, settings: RankReduction.Settings
  ) throws -> RankedTrainWorkload {
    guard let written = CaseID(request.id), written.kind == CaseRecord.Kind.train.rawValue else {
      throw Problem(.usage, "'\(request.id)' is no training case.")
    }
    let options = written.completing(CaseOptions(request.options))
    let model = try Model(named: written.subject, options: options)
    var id = try written.settled(by: options, for: model.network)
    let machines = group.places.machines
    (id.ranks, id.machines) = (group.count, machines > 1 ? machines : nil)
    id.sums = settings.unusual
    try model.network.refuseShards()
    try id.refuseUnknownPrecision(of: .train)
    let engine = try id.requiredEngine()
    if let precision = id.precision, let refusal = engine.refusal(of: precision) {
      throw Problem(.usage, "'\(id)': \(refusal)")
    }
    let (size, batch, threads) = (
      id.size(of: model.network), id.batch ?? 1, try id.requiredThreads()
    )
    try model.network.refuseTraining(batch: batch, inputSize: size)
    // What arrives from a neighbour is a block more. Ranks that share a machine share its memory.
    let estimate = MemoryEstimate.training(
      model.network, batch: batch, inputSize: size, precision: id.trainingPrecision,
      threads: threads, gradientBlocks: 1)
    let check = ShardCheck.memory(
      model.network, precision: id.trainingPrecision, threads: threads, ranks: group.count)
    let neighbours = group.places.onMachine(of: group.rank)
    try MemoryEstimate(bytes: neighbours * (estimate.bytes + check.bytes)).refuseIfTooLarge(
      for: "\(id.description), \(neighbours) of its ranks on one machine,",
      remedy: "give a smaller --batch-size or --input-size, or fewer ranks a machine.")
    let setup = RankedStepSetup(
      model: model, engine: engine, precision: id.trainingPrecision, seed: try options.seed(),
      group: group, settings: settings, pool: ThreadPool(threads: threads))
    return try RankedTrainWorkload(id: id, setup, batch: batch, inputSize: size)
  }
}
