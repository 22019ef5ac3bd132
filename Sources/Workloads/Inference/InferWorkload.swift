import Basics
import Harness
import Kernels
import Programs

/// The forward pass of a network or of a model of a file on one batch; `infer/SUBJECT/bN/tN/ENGINE`.
///
/// Several requests of a batch each, waiting together as in a server's queue, are gathered: one pass
/// answers them as the larger batch that they are, and filters are read once for all.
final class InferWorkload: ProfiledWorkload {
  let id: String
  let kind = CaseRecord.Kind.infer
  let threads: Int
  let algorithm: String
  private let subject: any InferenceSubject
  private let requests: Int
  let program: Program
  private let inputs: InputBlock
  private let pool: ThreadPool
  private let answers: LastAnswer
  /// What its outputs follow from, beside the items: all but batch, engine and threads.
  private let question: String
  private let seed: UInt32

  /// Compiles the plan that is timed.
  ///
  /// Throws `Problem` for weights that cannot be read, a batch that a file does not have, or more
  /// memory than there is.
  init(
    id: CaseID, subject: any InferenceSubject, batch: Int, requests: Int, engine: Engine,
    options: CaseOptions, threads: Int, answers: LastAnswer
  ) throws {
    self.id = id.description
    self.answers = answers
    question = try Self.question(id, options)
    (self.subject, self.requests, self.threads) = (subject, requests, threads)
    let tuning = try options.tuning()
    algorithm =
      "plan.\(Self.element(of: id)).\(engine.rawValue)"
      + (tuning == nil ? "" : ".tuned")
      + (requests == 1 ? "" : ".gathered\(requests)")
    pool = ThreadPool(threads: threads)
    let pass = try subject.forwardPass(batch: batch * requests)
    program = try pass.program(pool: pool, engine: engine, tuning: tuning)
    inputs = InputBlock(for: program, tables: pass.tables)
    seed = UInt32(truncatingIfNeeded: try options.seed())
    inputs.fill(seed: seed)
    inputs.bindLast(to: program)
  }

  var item: WorkItem { subject.item }
  /// Layers of float32 that are left are in `float32FLOPs`; their time is in that of a call, so
  /// that a share of the peak of bytes or bfloat16 is rather too small.
  var integerOperations: IntegerOperations? {
    program.isOnBytes ? program.integerOperations(\.executedFLOPs) : nil
  }
  var directIntegerOperations: IntegerOperations? {
    program.isOnBytes ? program.integerOperations(\.directFLOPs) : nil
  }
  var directFLOPs: FLOPs {
    program.isOnBFloat16 ? program.bfloat16FLOPs(\.directFLOPs) : program.directFLOPs
  }
  var executedFLOPs: FLOPs {
    program.isOnBFloat16 ? program.bfloat16FLOPs(\.executedFLOPs) : program.float32FLOPs
  }
  var float32FLOPs: FLOPs {
    program.isOnBytes || program.isOnBFloat16 ? program.float32FLOPs : FLOPs(0)
  }
  var requestsInFlight: Int? { requests }
  var parameters: [String: JSONValue] {
    [
      "batch_size": .number(Double(program.batch / requests)),
      "requests": .number(Double(requests)),
      "threads": .number(Double(threads)), "weights": .string(subject.weightsName),
      "activation_bytes": .number(Double(program.activationBytes)),
    ].merging(subject.parameters(of: program)) { own, _ in own }
  }

  func run() { run { _ in } }
  func run(finished: (_ unit: Int) -> Void) { program.run(finished: finished) }

  /// Holds the last item's outputs against those of plain loops, computed for that item alone; of a
  /// long sequence those of its first tokens.
  ///
  /// The bound is the plan's `errorBound`, with what roundings to bytes in doubt add to it; of a plan
  /// on bytes alone not a bit may differ.
  func check() throws -> CaseRecord.Correctness {
    let plan = try subject.oracle(of: program.batch)
    let shapes = try plan.pass.oracle.inputShapes()
    let answer = try answers.answer(
      to: "\(question) \(plan.pass.batch) \(plan.tokens ?? 0) \(inputs.digest(of: shapes))"
    ) { () throws(Problem) in
      try plan.pass.oracle.answer(to: inputs.lastItems(shapes), pool: pool)
    }
    if let mask = plan.mask, let tokens = plan.tokens { inputs.show(first: tokens, by: mask) }
    run()
    let error = program.error(
      beside: answer.outputs, items: plan.tokens == nil ? nil : plan.pass.batch)
    let bound = try plan.pass.oracle.errorBound(
      of: program, for: inputs.lastItems(shapes), beside: answer, pool: pool)
    if plan.mask != nil {
      inputs.fill(seed: seed)
      run()
    }
    return .init(passed: error <= bound, error: error, against: answer.basis.recorded)
  }

  func checksum() -> UInt64 { Checksum.of(outputsOf: program) }

  /// What layers multiply, as names of kernels have it.
  private static func element(of id: CaseID) -> String {
    switch id.precision {
    case .int8?: "i8"
    case .bf16?: "bf16"
    case nil: "f32"
    }
  }

  private static func question(_ id: CaseID, _ options: CaseOptions) throws -> String {
    let seed = try options.seed()
    var id = id.withoutEngine
    (id.batch, id.requests, id.threads, id.isTuned) = (nil, nil, nil, false)
    // The element type is in the id, and what its ranges follow from.
    return "\(id) seed \(seed)"
  }
}

extension OutputOracle.Basis {
  /// The same in a record.
  var recorded: CaseRecord.Correctness.Basis {
    switch self {
    case .operators: .operators
    case .kernels: .kernels
    }
  }
}
