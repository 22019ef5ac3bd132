import Kernels
import Models
import Programs
import Ranks

/// What a step that ranks share is made of, at whatever batch: the one that is timed, and those of
/// its check.
struct RankedStepSetup {
  var model: Model
  var engine: Engine
  /// What layers multiply.
  var precision: TrainingPrecision
  var seed: UInt64
  var group: RankGroup
  /// How gradients are summed.
  var settings: RankReduction.Settings
  var pool: ThreadPool

  /// Compiles a step of as many shards as there are ranks, which sums nothing by itself.
  func step(batch: Int, inputSize: Int) throws -> TrainingStep {
    try TrainingStep(
      model.network, state: try TrainingState(model.network, weights: model.weights), batch: batch,
      inputSize: inputSize, shards: group.count, precision: precision, pool: pool
    ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
  }

  /// Compiles this rank's part of a step, and what sums its gradients over all ranks.
  func ownStep(batch: Int, inputSize: Int) throws -> (TrainingStep, RankReduction) {
    let step = try step(batch: batch, inputSize: inputSize)
    let reduction = RankReduction(of: step, over: group, settings: settings, pool: pool)
    step.state.reduction = reduction
    step.shard = group.rank
    return (step, reduction)
  }

  /// The images and labels of a shard of a step.
  func inputs(of shard: Int, for step: TrainingStep) -> ShardInputs {
    ShardInputs(
      model.network, shard: shard, of: group.count, step.program.imageShape, seed: seed)
  }
}
