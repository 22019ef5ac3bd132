import Basics
import Harness
import Kernels
import Models
import Programs
import Ranks
import Tensors

/// A training step that the ranks of a job share; `train/NETWORK/bN/rN/tN/ENGINE`, in bfloat16
/// `train/NETWORK/bN/rN/tN/bf16/ENGINE`, where gradients are summed in float32 as ever.
///
/// Rank 0 leads: each of its calls tells the others to take a step, too. They `follow` until it ends.
package final class RankedTrainWorkload: Workload {
  /// What rank 0 has the others do.
  private enum Order: UInt64 { case end, step, forgetTimes, interruption }

  package let id: String
  package let kind = CaseRecord.Kind.train
  package var threads: Int { setup.pool.threads }
  package let algorithm: String
  /// Nanoseconds of the steps of a rank that follows, since times were last forgotten.
  package private(set) var followedNs: [Double] = []
  /// What a step has come upon; there are no more steps then.
  package private(set) var fault: Problem?
  private let setup: RankedStepSetup
  private let step: TrainingStep
  private let reduction: RankReduction
  private let inputs: ShardInputs
  private let times: PhaseTimes
  /// How the check compared sums; nil before it.
  private var checkedSums: CaseRecord.AllReduce.Check?

  init(id: CaseID, _ setup: RankedStepSetup, batch: Int, inputSize: Int) throws {
    (self.id, self.setup) = (id.description, setup)
    algorithm = "step.\(setup.precision.rawValue).\(setup.engine.rawValue)"
    (step, reduction) = try setup.ownStep(batch: batch, inputSize: inputSize)
    inputs = setup.inputs(of: setup.group.rank, for: step)
    times = PhaseTimes(step.program)
  }

  private var group: RankGroup { setup.group }
  private var model: Model { setup.model }

  package var parameters: [String: JSONValue] {
    let shape = step.program.imageShape
    return [
      "network": .string(model.network.name), "batch_size": .number(Double(shape.N)),
      "ranks": .number(Double(group.count)), "input_size": .number(Double(shape.H)),
      "classes": .number(Double(model.network.classes)), "threads": .number(Double(threads)),
      "weights": .string(model.weightsName),
      "activation_bytes": .number(Double(step.program.activationBytes)),
    ].merging(model.network.stepParameters(step.program.graph)) { own, _ in own }
  }
  package var item: WorkItem { model.network.workItem }
  package var imagesPerCall: Int? { group.count * step.program.batch }
  package var directFLOPs: FLOPs {
    Double(group.count) * step.program.ratedFLOPs(\.directFLOPs)
  }
  package var executedFLOPs: FLOPs {
    Double(group.count) * step.program.ratedFLOPs(\.executedFLOPs)
  }
  package var float32FLOPs: FLOPs { Double(group.count) * step.program.float32FLOPsBeside }
  package func checksum() -> UInt64 { Checksum.of(step.state.elements) }
  package var phaseNs: [String: Double] { times.byName }

  // MARK: Steps

  /// One step of all ranks; called on rank 0.
  package func run() {
    if order(.step) { take() }
  }

  /// Has all ranks count their times from here on; called on rank 0.
  package func forgetTimes() {
    if order(.forgetTimes) { reduction.forgetTimes() }
  }

  /// Ends the other ranks' following; called on rank 0.
  ///
  /// - Parameter isInterrupted: Whether somebody asked for an early end.
  package func end(isInterrupted: Bool) { _ = order(isInterrupted ? .interruption : .end) }

  /// Takes the steps that rank 0 leads, until it ends; called on the others.
  ///
  /// - Returns: Whether somebody asked rank 0 for an early end.
  /// - Throws: What a step has come upon.
  package func follow() throws(Problem) -> Bool {
    while fault == nil {
      let word = try group.broadcast(0, "the next step")
      switch Order(rawValue: word) {
      case .step:
        let begin = Clock.now()
        take()
        followedNs.append(Double(Clock.now() &- begin))
      case .forgetTimes:
        reduction.forgetTimes()
        followedNs = []
      case .interruption: return true
      case .end, nil: return false
      }
    }
    if let fault { throw fault }
    return false
  }

  private func order(_ order: Order) -> Bool {
    guard fault == nil else { return false }
    do throws(Problem) {
      _ = try group.broadcast(order.rawValue, "the next step")
    } catch {
      fault = error
    }
    return fault == nil
  }

  private func take() {
    times.begin()
    step.run(
      inputs.images.pointer, labels: inputs.labels, optimizer: TrainWorkload.optimizer
    ) { unit in times.end(of: unit) }
    if let problem = reduction.fault { fault = problem }
  }

  // MARK: Answers

  /// A step by each rank for itself, as of one process; then steps of all ranks, against one process
  /// that takes their shards in turn.
  ///
  /// Called on every rank.
  ///
  /// - Returns: The same on all ranks.
  /// - Throws: Where another rank hangs or has gone.
  package func check() throws -> CaseRecord.Correctness {
    let alone = try StepCheck(
      model, engine: setup.engine, setup.precision, seed: setup.seed, pool: setup.pool
    ).run()
    let shared = try ShardCheck(setup).run()
    checkedSums = shared.kind
    let isRight = alone.status == .passed && shared.isRight
    let answers = try group.gather([isRight ? 1 : 0], "the checks of all ranks")
    return .init(
      passed: answers.allSatisfy { $0 == [1] },
      error: max(alone.maxError ?? .infinity, shared.error), against: .kernels)
  }

  /// Refuses weights that are not the same on all ranks; called on every rank.
  ///
  /// - Throws: `wrongAnswer`, on every rank.
  package func refuseDifferentWeights() throws(Problem) {
    let others = try group.dissenters(checksum(), "the digests of the weights")
    guard !others.isEmpty else { return }
    throw group.together(
      .wrongAnswer,
      "after the last step ranks have other weights than rank 0: "
        + "\(others.map(String.init).joined(separator: ", ")); see that all machines run the same "
        + "build, and test their memory.")
  }

  /// How the gradients were summed since times were forgotten, by this rank's times alone, as others
  /// may have gone.
  package var ownAllReduce: CaseRecord.AllReduce {
    var record = CaseRecord.AllReduce(of: reduction, in: group)
    record.checkedSums = checkedSums
    return record
  }

  /// How the gradients were summed since times were forgotten, and what the links give; called on every
  /// rank.
  ///
  /// - Returns: Of all ranks; without links where measuring them came upon a rank that hangs or has
  ///   gone, which the end of the job then tells of.
  /// - Throws: Where another rank hangs or has gone before that.
  package func allReduce() throws(Problem) -> CaseRecord.AllReduce {
    var record = try CaseRecord.AllReduce.ofAll(reduction, in: group)
    record.checkedSums = checkedSums
    // The steps have been taken, and are worth more than what is measured beside them.
    if let links = try? group.measureLinks() {
      record.link = .init(
        gbPerS: 1e-9 * links.bytesPerSecond, latencyUs: 1e6 * links.latencySeconds)
    }
    return record
  }
}
