import Basics
import Harness
import Kernels
import Models
import Programs

/// A whole training step over sequences, forward, backward and update;
/// `train/NETWORK/bN/sN/tN/ENGINE`.
///
/// Tokens and labels are drawn from a seed and are the same in every step.
final class SequenceTrainWorkload: ProfiledWorkload {
  let id: String
  let kind = CaseRecord.Kind.train
  let threads: Int
  let algorithm: String
  let model: Model
  let step: SequenceStep
  private let engine: Engine
  private let precision: TrainingPrecision
  private let tokens: Int
  private let pool: ThreadPool
  private let seed: UInt32
  private let times: PhaseTimes

  /// Compiles the step that is timed.
  ///
  /// Throws `Problem` for a network that does not learn from sequences, or a weight file that cannot be
  /// read.
  init(
    id: CaseID, model: Model, batch: Int, tokens: Int, engine: Engine, options: CaseOptions,
    threads: Int
  ) throws {
    (self.id, self.threads) = (id.description, threads)
    (self.model, self.engine, self.tokens) = (model, engine, tokens)
    precision = id.trainingPrecision
    seed = UInt32(truncatingIfNeeded: try options.seed())
    algorithm = "step.\(precision.rawValue).\(engine.rawValue)"
    pool = ThreadPool(threads: threads)
    step = try SequenceStep(
      model.network, weights: model.weights, batch: batch, tokens: tokens,
      optimizer: model.network.training?.optimizer.timed, precision: precision, pool: pool
    ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
    step.fill(seed: seed)
    times = PhaseTimes(step.program)
  }

  var program: Program { step.program }
  var item: WorkItem { model.network.workItem }
  var phaseNs: [String: Double] { times.byName }
  var parameters: [String: JSONValue] {
    [
      "network": .string(model.network.name), "batch_size": .number(Double(program.batch)),
      "sequence": .number(Double(tokens)), "tokens_per_item": .number(Double(tokens)),
      "optimizer": .string(step.optimizer.kind.rawValue),
      "threads": .number(Double(threads)), "weights": .string(model.weightsName),
      "activation_bytes": .number(Double(program.activationBytes)),
    ].merging(program.graph.bfloat16Parameters) { own, _ in own }
  }

  /// One step, with a reading of the clock for each of its hundreds of units of work.
  func run() {
    times.begin()
    run { unit in times.end(of: unit) }
  }

  func run(finished: (_ unit: Int) -> Void) { step.run(finished: finished) }

  /// Compares loss and gradients of the same network with few layers and a small vocabulary, for short
  /// sequences, with those of all operators' references; in bfloat16 the units of its step with
  /// reference kernels on the same numbers, and its loss with that of float32.
  func check() throws -> CaseRecord.Correctness {
    guard let small = model.network.training?.small() else {
      throw Problem(.usage, "\(model.network.name) does not learn from sequences.")
    }
    guard precision == .f32 else { return try checkUnits(of: small) }
    let result = try GradientCheck.run(
      small, engine: engine.rawValue, tokens: GradientCheck.usualTokens, seed: seed, pool: pool,
      choose: engine.algorithm(for:direction:))
    return .init(passed: result.passed, error: result.error, against: .operators)
  }

  private func checkUnits(of network: Network) throws -> CaseRecord.Correctness {
    func step(_ engine: Engine, _ precision: TrainingPrecision) throws -> SequenceStep {
      let step = try SequenceStep(
        network, weights: SeededWeights(for: network, seed: seed), batch: 2,
        tokens: GradientCheck.usualTokens, precision: precision, pool: pool
      ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
      step.fill(seed: seed)
      return step
    }
    let own = try step(engine, precision)
    let error = LockstepCheck.distance(of: own, beside: try step(.reference, precision))
    let float = try step(.native, .f32).run()
    let layers = own.program.units.count { $0.phase == .forward && $0.isOnBFloat16 }
    let isNear = abs(own.loss - float) <= PeerTolerance.bf16(layers: layers) * abs(float)
    return .init(
      passed: error <= LockstepCheck.bound && isNear, error: error, against: .kernels)
  }

  func checksum() -> UInt64 { Checksum.of(step.state.elements) }
}

extension Optimizer {
  /// The same at a rate at which hundreds of steps on the same sequences stay finite.
  fileprivate var timed: Optimizer {
    var optimizer = self
    optimizer.learningRate = min(learningRate, kind == .sgd ? 1e-3 : 1e-5)
    return optimizer
  }
}
