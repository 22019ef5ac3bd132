import Basics
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
    ].merging(program.graph.bfloat16Parameters) { own, _ in own }
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
  ///
  /// Roundings to bfloat16 flip many: there each unit of the step is held against the reference on
  /// the same numbers (`LockstepCheck`), and the loss against that of float32.
  func check() throws -> CaseRecord.Correctness {
    let model =
      self.model.network.shallow.map { Model($0(), seed: UInt32(truncatingIfNeeded: seed)) }
      ?? self.model
    guard precision == .f32 else { return try checkUnits(of: model) }
    let own = try trained(model, engine)
    let oracle = try trained(model, .reference)
    let lossError = abs(own.loss - oracle.loss) / abs(oracle.loss)
    let error = RelativeError.between(own.changes, oracle.changes)
    return .init(passed: lossError <= 1e-3 && error <= 5e-2, error: error, against: .kernels)
  }

  /// The same in bfloat16: all units beside the reference's, and the loss beside float32's.
  private func checkUnits(of model: Model) throws -> CaseRecord.Correctness {
    let (own, targets) = try small(model, engine, precision)
    let oracle = try small(model, .reference, precision).step
    let images = seededImages(for: own)
    let error = targets.binding([own, oracle]) {
      LockstepCheck.distance(
        of: own, beside: oracle, images: images.pointer, optimizer: Self.optimizer)
    }
    let float = try trained(model, .native).loss
    let layers = own.program.units.count { $0.phase == .forward && $0.isOnBFloat16 }
    let isNear = abs(own.loss - float) <= PeerTolerance.bf16(layers: layers) * abs(float)
    return .init(
      passed: error <= LockstepCheck.bound && isNear, error: error, against: .kernels)
  }

  func checksum() -> UInt64 { Checksum.of(step.state.elements) }

  /// A step that plain loops are bearable for.
  private func small(
    _ model: Model, _ engine: Engine, _ precision: TrainingPrecision
  ) throws -> (step: TrainingStep, targets: StepTargets) {
    try Self.compile(
      model, batch: 2, inputSize: model.network.checkInputSize, seed: seed, pool: pool,
      engine: engine, precision)
  }

  /// Images for a step.
  private func seededImages(for step: TrainingStep) -> AlignedBuffer {
    let images = AlignedBuffer(count: step.program.imageShape.count)
    SeededImages.fill(
      step.program.imageShape, seed: UInt32(truncatingIfNeeded: seed), into: images.elements)
    return images
  }

  private func trained(
    _ model: Model, _ engine: Engine
  ) throws -> (loss: Double, changes: [Float]) {
    let (step, targets) = try small(model, engine, .f32)
    let images = seededImages(for: step)
    let before = Array(step.state.elements)
    let loss = targets.run(step, images.pointer, Self.optimizer)
    return (loss, zip(step.state.elements, before).map { $0 - $1 })
  }

  private static func compile(
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
