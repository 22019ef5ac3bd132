import Basics
import Graphs
import Harness
import Kernels
import Models
import Programs

/// A whole training step, forward, backward and update; `train/NETWORK/bN/tN/ENGINE`, in bfloat16
/// `train/NETWORK/bN/tN/bf16/ENGINE`.
final class TrainWorkload: ProfiledWorkload {
  let id: String
  let kind = CaseRecord.Kind.train
  let threads: Int
  let algorithm: String
  let model: Model
  let step: TrainingStep
  let images: AlignedBuffer
  let targets: StepTargets
  private let engine: Engine
  private let precision: TrainingPrecision
  private let pool: ThreadPool
  private let seed: UInt64
  private let times: PhaseTimes
  /// Small enough that hundreds of steps on the same images stay finite.
  static let optimizer = SGD(learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-5)

  /// Compiles the step that is timed.
  ///
  /// Throws `Problem` for a weight file that cannot be read.
  init(
    id: CaseID, model: Model, batch: Int, inputSize: Int, engine: Engine, options: CaseOptions,
    threads: Int
  ) throws {
    self.id = id.description
    self.threads = threads
    (self.model, self.engine, precision) = (model, engine, id.trainingPrecision)
    seed = try options.seed()
    algorithm = "step.\(precision.rawValue).\(engine.rawValue)"
    pool = ThreadPool(threads: threads)
    (step, targets) = try Self.compile(
      model, batch: batch, inputSize: inputSize, seed: seed, pool: pool, engine: engine,
      precision)
    times = PhaseTimes(step.program)
    images = AlignedBuffer(count: step.program.imageShape.count)
    SeededImages.fill(
      imageShape, seed: UInt32(truncatingIfNeeded: seed), into: images.elements)
  }

  var program: Program { step.program }
  var imageShape: Shape { program.imageShape }
  var parameters: [String: JSONValue] {
    [
      "network": .string(model.network.name), "batch_size": .number(Double(imageShape.N)),
      "input_size": .number(Double(imageShape.H)),
      "classes": .number(Double(model.network.classes)),
      "threads": .number(Double(threads)), "weights": .string(model.weightsName),
      "activation_bytes": .number(Double(program.activationBytes)),
    ].merging(model.network.stepParameters(program.graph)) { own, _ in own }
  }

  /// One step, with a reading of the clock for each of its few hundred units of work.
  func run() {
    times.begin()
    run { unit in times.end(of: unit) }
  }

  var item: WorkItem { model.network.workItem }

  func run(finished: (_ unit: Int) -> Void) {
    targets.run(step, images.pointer, Self.optimizer, finished: finished)
  }

  /// Takes one step and returns the loss before its update.
  func takeStep() -> Double { targets.run(step, images.pointer, Self.optimizer) }

  var phaseNs: [String: Double] { times.byName }

  func check() throws -> CaseRecord.Correctness {
    try StepCheck(model, engine: engine, precision, seed: seed, pool: pool).run()
  }

  func checksum() -> UInt64 { Checksum.of(step.state.elements) }

  /// A step, and what its outputs are to be.
  static func compile(
    _ model: Model, batch: Int, inputSize: Int, seed: UInt64, pool: ThreadPool, engine: Engine,
    _ precision: TrainingPrecision
  ) throws -> (step: TrainingStep, targets: StepTargets) {
    let step = try TrainingStep(
      model.network, state: try TrainingState(model.network, weights: model.weights), batch: batch,
      inputSize: inputSize, seed: seed, precision: precision, pool: pool
    ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
    let targets = StepTargets(model.network, batch: batch, seed: seed)
    targets.bind(to: step)
    return (step, targets)
  }
}

extension Network {
  /// What a record says of a step beside its size: layers on bfloat16, and the weight of an auxiliary
  /// head's loss, where there are such.
  func stepParameters(_ step: Graph) -> [String: JSONValue] {
    var parameters = step.bfloat16Parameters
    if let auxiliary { parameters["auxiliary_loss_weight"] = .number(auxiliary.lossWeight) }
    return parameters
  }
}
