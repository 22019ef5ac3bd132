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
  let labels: [Int32]
  private let engine: Engine
  private let pool: ThreadPool
  private let seed: UInt64
  /// For each unit of the plan, the place of its phase in `nsByPhase`.
  private let phases: [Int]
  private var nsByPhase = [Double](repeating: 0, count: Program.Phase.allCases.count)
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
    (step, labels) = try Self.compile(
      model, batch: batch, inputSize: inputSize, seed: seed, pool: pool, engine: engine)
    phases = step.program.units.map { Program.Phase.allCases.firstIndex(of: $0.phase) ?? 0 }
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
    var before = Clock.now()
    run { unit in
      let after = Clock.now()
      nsByPhase[phases[unit]] += Double(after &- before)
      before = after
    }
  }

  func run(finished: (_ unit: Int) -> Void) {
    step.run(images.pointer, labels: labels, optimizer: Self.optimizer, finished: finished)
  }

  /// Takes one step and returns the loss before its update.
  func takeStep() -> Double {
    step.run(images.pointer, labels: labels, optimizer: Self.optimizer)
  }

  var phaseNs: [String: Double] {
    // Steps of one process wait for no other.
    let phases = zip(Program.Phase.allCases, nsByPhase).filter { $0.0 != .allReduce || $0.1 > 0 }
    return Dictionary(uniqueKeysWithValues: phases.map { ($0.0.rawValue, $0.1) })
  }

  /// One step at batch 2 and 64x64 by the same code, against the same step by the reference.
  ///
  /// The loss must agree within 1e-3, the changes of the weights within 5 % of the largest: at
  /// this size the last stage's batch statistics rest on eight values, and a rounding that flips
  /// one ReLU moves a gradient by more than its own size. A wrong gradient is off by 100 %.
  func check() throws -> CaseRecord.Correctness {
    try Self.check(model, engine: engine, seed: seed, pool: pool)
  }

  /// The same of any step of these sizes.
  static func check(
    _ model: Model, engine: Engine, seed: UInt64, pool: ThreadPool
  ) throws -> CaseRecord.Correctness {
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
    let (step, labels) = try compile(
      model, batch: 2, inputSize: model.network.checkInputSize, seed: seed, pool: pool,
      engine: engine)
    let images = AlignedBuffer(count: step.program.imageShape.count)
    SeededImages.fill(
      step.program.imageShape, seed: UInt32(truncatingIfNeeded: seed), into: images.elements)
    let before = Array(step.state.elements)
    let loss = step.run(images.pointer, labels: labels, optimizer: optimizer)
    return (loss, zip(step.state.elements, before).map { $0 - $1 })
  }

  private static func compile(
    _ model: Model, batch: Int, inputSize: Int, seed: UInt64, pool: ThreadPool, engine: Engine
  ) throws -> (step: TrainingStep, labels: [Int32]) {
    let step = try TrainingStep(
      model.network, state: try TrainingState(model.network, weights: model.weights), batch: batch,
      inputSize: inputSize, seed: seed, pool: pool
    ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
    var random = SplitMix64(seed: seed)
    let labels = model.network.outputs.flatMap { output in
      (0..<batch).map { _ in Int32(random.next() % UInt64(output.width)) }
    }
    return (step, labels)
  }
}
