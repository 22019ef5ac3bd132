import Basics
import Harness
import Kernels
import Models
import Programs

/// One step on `checkBatch` images of `checkTrainingSize` pixels by the same code, against the same
/// step by the reference; of a deep tower one with few layers, of Inception v3 one with fewer filters.
///
/// The loss must agree within 1e-3, the changes of the weights within 5 % of the largest: at
/// such sizes the last stage's batch statistics rest on eight values, and a rounding that flips
/// one ReLU moves a gradient by more than its own size. A wrong gradient is off by 100 %.
///
/// Roundings to bfloat16 flip many: there each unit of the step is held against the reference on
/// the same numbers (`LockstepCheck`), and the loss against that of float32.
struct StepCheck {
  private let model: Model
  private let engine: Engine
  private let precision: TrainingPrecision
  private let seed: UInt64
  private let pool: ThreadPool

  /// Says what is checked.
  init(
    _ whole: Model, engine: Engine, _ precision: TrainingPrecision, seed: UInt64, pool: ThreadPool
  ) {
    model =
      whole.network.shallow.map { Model($0(), seed: UInt32(truncatingIfNeeded: seed)) } ?? whole
    (self.engine, self.precision) = (engine, precision)
    (self.seed, self.pool) = (seed, pool)
  }

  /// Takes the steps and compares them.
  func run() throws -> CaseRecord.Correctness {
    guard precision == .f32 else { return try units() }
    let own = try trained(engine)
    let oracle = try trained(.reference)
    let lossError = abs(own.loss - oracle.loss) / abs(oracle.loss)
    let error = RelativeError.between(own.changes, oracle.changes)
    return .init(passed: lossError <= 1e-3 && error <= 5e-2, error: error, against: .kernels)
  }

  /// The same in bfloat16: all units beside the reference's, and the loss beside float32's.
  private func units() throws -> CaseRecord.Correctness {
    let (own, targets) = try small(engine, precision)
    let oracle = try small(.reference, precision).step
    let images = seededImages(for: own)
    let error = targets.binding([own, oracle]) {
      LockstepCheck.distance(
        of: own, beside: oracle, images: images.pointer, optimizer: TrainWorkload.optimizer)
    }
    let float = try trained(.native).loss
    let layers = own.program.units.count { $0.phase == .forward && $0.isOnBFloat16 }
    let isNear = abs(own.loss - float) <= PeerTolerance.bf16(layers: layers) * abs(float)
    return .init(
      passed: error <= LockstepCheck.bound && isNear, error: error, against: .kernels)
  }

  /// The loss of a step in float32, and by how much it changes the weights.
  private func trained(_ engine: Engine) throws -> (loss: Double, changes: [Float]) {
    let (step, targets) = try small(engine, .f32)
    let images = seededImages(for: step)
    let before = Array(step.state.elements)
    let loss = targets.run(step, images.pointer, TrainWorkload.optimizer)
    return (loss, zip(step.state.elements, before).map { $0 - $1 })
  }

  /// A step that plain loops are bearable for.
  private func small(
    _ engine: Engine, _ precision: TrainingPrecision
  ) throws -> (step: TrainingStep, targets: StepTargets) {
    try TrainWorkload.compile(
      model, batch: model.network.checkBatch, inputSize: model.network.checkTrainingSize,
      seed: seed, pool: pool, engine: engine, precision)
  }

  private func seededImages(for step: TrainingStep) -> AlignedBuffer {
    let images = AlignedBuffer(count: step.program.imageShape.count)
    SeededImages.fill(
      step.program.imageShape, seed: UInt32(truncatingIfNeeded: seed), into: images.elements)
    return images
  }
}
