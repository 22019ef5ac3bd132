import Harness
import Kernels
import Models
import Programs

/// A part of generating text: reading the first tokens, `prefill/NETWORK/bN/sN/tN/ENGINE`, or one more
/// token from the keys and values of all before it, `decode/NETWORK/bN/sN/tN/ENGINE`.
///
/// `sN` tokens there are behind a call in both. A call gives the logits of the next token, of each text
/// of the batch; every call reads the same tokens, those of a step behind a prompt that was read once.
final class TextWorkload: ProfiledWorkload {
  let id: String
  let kind: CaseRecord.Kind
  let threads: Int
  let algorithm: String
  let program: Program
  private let model: Model
  private let engine: Engine
  private let length: Int
  private let cache: TextCache
  private let texts: SeededTexts
  /// What a call reads.
  private let tokens: SeededTexts.Tokens

  /// Largest difference of the logits of a step and of the whole text, read without a cache.
  private static let bound = 1e-5

  /// Compiles the part that is timed; for a step, reads the prompt before it.
  ///
  /// Throws `Problem` for a network that generates no text, or weights that cannot be read.
  init(
    id: CaseID, kind: CaseRecord.Kind, model: Model, batch: Int, length: Int, engine: Engine,
    seed: UInt32, threads: Int
  ) throws {
    precondition(kind.generatesText, "\(kind) is no part of generating text")
    (self.id, self.kind, self.threads) = (id.description, kind, threads)
    (self.model, self.engine, self.length) = (model, engine, length)
    algorithm = "plan.f32.\(engine.rawValue)"
    cache = try TextCache(
      model.network, weights: model.weights, batch: batch, capacity: length,
      pool: ThreadPool(threads: threads))
    texts = SeededTexts(
      batch: batch, length: length, vocabulary: model.network.classes, seed: seed)
    if kind == .prefill {
      tokens = texts.tokens(0..<length)
      program = try cache.prompt(tokens: length) { engine.algorithm(for: $0) }
    } else {
      if length > 1 {
        let first = texts.tokens(0..<length - 1)
        let prompt = try cache.prompt(tokens: length - 1) { engine.algorithm(for: $0) }
        _ = Self.answers(of: prompt, to: first)
      }
      cache.stand(at: length - 1)
      tokens = texts.tokens(length - 1..<length)
      program = try cache.step { engine.algorithm(for: $0) }
    }
    program.bind(tokens: tokens.first)
  }

  var item: WorkItem { WorkItem("token") }
  var imagesPerCall: Int? { program.batch * (kind == .prefill ? length : 1) }
  var requestsInFlight: Int? { 1 }
  var bytesPerCall: Double? { kind == .decode ? Double(program.leastBytes) : nil }
  var parameters: [String: JSONValue] {
    [
      "network": .string(model.network.name), "weights": .string(model.weightsName),
      "batch_size": .number(Double(program.batch)), "sequence": .number(Double(length)),
      "threads": .number(Double(threads)), "tokens_per_item": .number(1),
      "activation_bytes": .number(Double(program.activationBytes)),
      "cache_bytes": .number(Double(cache.byteCount)),
    ]
  }

  func run() { run { _ in } }
  func run(finished: (_ unit: Int) -> Void) { program.run(finished: finished) }

  /// Compares the logits with those of the whole text, read at once without a cache, and with those of
  /// a step by plain float64 loops from the same cache; those of a prompt also with a step's own.
  func check() throws -> CaseRecord.Correctness {
    run()
    let own = program.lastAnswers
    let whole = try cache.whole(tokens: length) { engine.algorithm(for: $0) }
    var error = RelativeError.between(
      own, Self.answers(of: whole, to: texts.tokens(0..<length)))
    let last = texts.tokens(length - 1..<length)
    cache.stand(at: length - 1)
    if kind == .prefill {
      let step = try cache.step { engine.algorithm(for: $0) }
      error = max(error, RelativeError.between(own, Self.answers(of: step, to: last)))
    }
    let oracle = try cache.step(unshared: model.weights) { _ in .reference }
    let plain = RelativeError.between(own, Self.answers(of: oracle, to: last))
    // The oracle's keys and values of the last token stand in the cache now.
    run()
    return .init(
      passed: error <= Self.bound && plain <= program.errorBound, error: max(error, plain))
  }

  func checksum() -> UInt64 { Checksum.of(outputsOf: program) }

  /// What a program tells of the tokens behind some.
  private static func answers(of program: Program, to tokens: SeededTexts.Tokens) -> [Float] {
    program.bind(tokens: tokens.first)
    return withExtendedLifetime(tokens) {
      program.run()
      return program.lastAnswers
    }
  }
}
