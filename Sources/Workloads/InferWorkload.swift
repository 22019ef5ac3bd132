import Basics
import Formats
import Harness
import Kernels
import Models
import Programs

/// A network's forward pass on one batch; `infer/NETWORK/bN/tN/ENGINE`.
///
/// Several requests of a batch each, waiting together as in a server's queue, are gathered: one pass
/// answers them as the larger batch that they are, and filters are read once for all.
final class InferWorkload: ProfiledWorkload {
  let id: String
  let kind = CaseRecord.Kind.infer
  let threads: Int
  let algorithm: String
  private let model: Model
  private let requests: Int
  let program: Program
  let images: AlignedBuffer
  private let pool: ThreadPool

  /// Compiles the plan that is timed.
  ///
  /// Throws `Problem` for a weight file that cannot be read.
  init(
    id: CaseID, model: Model, batch: Int, requests: Int, inputSize: Int, engine: Engine,
    options: CaseOptions, threads: Int
  ) throws {
    self.id = id.description
    self.requests = requests
    self.threads = threads
    self.model = model
    let tuning = try options.tuning()
    algorithm =
      "plan.f32.\(engine.rawValue)" + (tuning == nil ? "" : ".tuned")
      + (requests == 1 ? "" : ".gathered\(requests)")
    pool = ThreadPool(threads: threads)
    program = try Program(
      model.network, weights: model.weights, batch: batch * requests, inputSize: inputSize,
      pool: pool
    ) { _, shape in engine.algorithm(for: shape, threads: threads, tuning: tuning) }
    images = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(
      0..<program.imageShape.N, seed: UInt32(truncatingIfNeeded: try options.seed()),
      channels: program.imageShape.C, size: inputSize, into: images.elements)
  }

  var item: WorkItem { model.network.workItem }
  var requestsInFlight: Int? { requests }
  var parameters: [String: JSONValue] {
    [
      "network": .string(model.network.name),
      "batch_size": .number(Double(program.imageShape.N / requests)),
      "requests": .number(Double(requests)),
      "input_size": .number(Double(program.imageShape.H)),
      "classes": .number(Double(program.classes)),
      "threads": .number(Double(threads)), "weights": .string(model.weightsName),
      "activation_bytes": .number(Double(program.activationBytes)),
    ]
  }

  func run() { run { _ in } }
  func run(finished: (_ unit: Int) -> Void) { program.run(images.pointer, finished: finished) }

  /// Holds the last image's outputs against the reference, computed for that image alone.
  ///
  /// The bound is the plan's `errorBound`.
  func check() throws -> CaseRecord.Correctness {
    run()
    let shape = program.imageShape
    let oracle = try Program(
      model.network, weights: model.weights, batch: 1, inputSize: shape.H, pool: pool,
      choose: { _, _ in .reference })
    oracle.run(images.pointer + (shape.N - 1) * (shape.count / shape.N))
    let error = program.error(beside: oracle)
    return .init(passed: error <= program.errorBound, error: error)
  }

  func checksum() -> UInt64 { Checksum.of(program.outputNames.indices.map(program.values)) }
}
