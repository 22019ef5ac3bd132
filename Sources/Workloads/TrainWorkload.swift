import Basics
import Harness
import Kernels
import Models
import Programs

/// A whole training step, forward, backward and update; `train/NETWORK/bN/tN/ENGINE`.
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
    (self.model, self.engine) = (model, engine)
    seed = try options.seed()
    algorithm = "step.f32.\(engine.rawValue)"
    pool = ThreadPool(threads: threads)
    (step, targets) = try Self.compile(
      model, batch: batch, inputSize: inputSize, seed: seed, pool: pool, engine: engine)
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
    ]
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

  /// One step at batch 2 and 64x64 by the same code, against the same step by the reference; of a
  /// deep tower one with few layers.
  ///
  /// The loss must agree within 1e-3, the changes of the weights within 5 % of the largest: at
  /// this size the last stage's batch statistics rest on eight values, and a rounding that flips
  /// one ReLU moves a gradient by more than its own size. A wrong gradient is off by 100 %.
  func check() throws -> CaseRecord.Correctness {
    try Self.check(model, engine: engine, seed: seed, pool: pool)
  }

  /// The same of any step of the model.
  static func check(
    _ whole: Model, engine: Engine, seed: UInt64, pool: ThreadPool
  ) throws -> CaseRecord.Correctness {
    let model =
      whole.network.shallow.map { Model($0(), seed: UInt32(truncatingIfNeeded: seed)) } ?? whole
    let own = try trained(model, engine, seed: seed, pool: pool)
    let oracle = try trained(model, .reference, seed: seed, pool: pool)
    let lossError = abs(own.loss - oracle.loss) / abs(oracle.loss)
    let error = RelativeError.between(own.changes, oracle.changes)
    return .init(passed: lossError <= 1e-3 && error <= 5e-2, error: error, against: .kernels)
  }

  func checksum() -> UInt64 { Checksum.of(step.state.elements) }

  private static func trained(
    _ model: Model, _ engine: Engine, seed: UInt64, pool: ThreadPool
  ) throws -> (loss: Double, changes: [Float]) {
    let (step, targets) = try compile(
      model, batch: 2, inputSize: model.network.checkInputSize, seed: seed, pool: pool,
      engine: engine)
    let images = AlignedBuffer(count: step.program.imageShape.count)
    SeededImages.fill(
      step.program.imageShape, seed: UInt32(truncatingIfNeeded: seed), into: images.elements)
    let before = Array(step.state.elements)
    let loss = targets.run(step, images.pointer, optimizer)
    return (loss, zip(step.state.elements, before).map { $0 - $1 })
  }

  private static func compile(
    _ model: Model, batch: Int, inputSize: Int, seed: UInt64, pool: ThreadPool, engine: Engine
  ) throws -> (step: TrainingStep, targets: StepTargets) {
    let step = try TrainingStep(
      model.network, state: try TrainingState(model.network, weights: model.weights), batch: batch,
      inputSize: inputSize, seed: seed, pool: pool
    ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
    let targets = StepTargets(model.network, batch: batch, seed: seed)
    targets.bind(to: step)
    return (step, targets)
  }
}
