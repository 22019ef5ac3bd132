import Basics
import Graphs
import Kernels
import Models
import Programs
import Synchronization
import Tensors
import TestSupport
import Testing

/// Text that grows token by token, beside the same text read at once.
@Suite struct TextCacheTests {
  /// As GPT-2 in all but its sizes; neither the vocabulary nor a head is a whole number of vectors.
  static let small = GPT2(
    name: "gpt2-test", layers: 3, width: 60, heads: 3, vocabulary: 101, positions: 40)

  private static func choose(_ shape: ConvShape) -> ConvAlgorithm { ConvPlan.native(shape) }

  /// Tokens of some texts of one length, and where they lie for programs.
  private final class Texts {
    let tokens: [[Int64]]
    private let memory: AlignedBuffer

    init(_ tokens: [[Int64]]) {
      self.tokens = tokens
      memory = AlignedBuffer(byteCount: 8 * tokens.count * tokens[0].count)
    }

    convenience init(batch: Int, length: Int) {
      self.init(
        (0..<batch).map { item in
          let hash = HashFill(name: "text \(item)", seed: 1)
          return (0..<length).map { Int64(hash.word($0) % 101) }
        })
    }

    /// Some tokens of each text, one text behind the other.
    func bind(_ range: Range<Int>, to program: Program) {
      let place = memory.bytes.bindMemory(to: Int64.self, capacity: tokens.count * range.count)
      for (item, text) in tokens.enumerated() {
        for (index, token) in text[range].enumerated() { place[item * range.count + index] = token }
      }
      program.bind(tokens: place)
    }

    func run(_ range: Range<Int>, _ program: Program) -> [Float] {
      bind(range, to: program)
      return withExtendedLifetime(self) {
        program.run()
        return program.lastAnswers
      }
    }
  }

  @Test(arguments: [1, 3], [1, 2])
  func tellsTheSameAsOfTheWholeText(batch: Int, threads: Int) throws {
    let network = Self.small.network
    let length = network.maximumInputSize
    let texts = Texts(batch: batch, length: length)
    let cache = try TextCache(
      network, weights: SeededWeights(for: network, seed: 1), batch: batch, capacity: length,
      pool: ThreadPool(threads: threads))
    var answers: [Int: [Float]] = [:]
    let step = try cache.step(choose: Self.choose)
    for prompt in [1, 17, length - 1] {
      let program = try cache.prompt(tokens: prompt, choose: Self.choose)
      var known: [Int: [Float]] = [prompt: texts.run(0..<prompt, program)]
      for position in prompt..<length {
        cache.stand(at: position)
        known[position + 1] = texts.run(position..<position + 1, step)
      }
      for (tokens, answer) in known {
        if answers[tokens] == nil {
          let whole = try cache.whole(tokens: tokens, choose: Self.choose)
          answers[tokens] = texts.run(0..<tokens, whole)
        }
        let expected = answers[tokens] ?? []
        #expect(relativeError(answer, expected) < 1e-5, "\(tokens) tokens behind \(prompt)")
      }
    }
    #expect(answers.count == length)
    #expect(Set(answers[length] ?? []).count > 90, "the tokens are told apart")
    withExtendedLifetime(cache) {}
  }

  /// The tokens that are read behind a place take the place of those that were.
  @Test func goesBackAndOnAnotherWay() throws {
    let network = Self.small.network
    let cache = try TextCache(
      network, weights: SeededWeights(for: network, seed: 1), batch: 1, capacity: 12,
      pool: ThreadPool(threads: 1))
    let (step, prompt) = (
      try cache.step(choose: Self.choose), try cache.prompt(tokens: 4, choose: Self.choose)
    )
    let (first, other) = (Texts(batch: 1, length: 12), Texts(batch: 2, length: 12))
    _ = first.run(0..<4, prompt)
    for position in 4..<10 {
      cache.stand(at: position)
      _ = first.run(position..<position + 1, step)
    }
    // The second text, from its fifth token on, behind the first four of the first.
    let mixed = Texts([Array(first.tokens[0][..<4] + other.tokens[1][4...])])
    var answer: [Float] = []
    for position in 4..<7 {
      cache.stand(at: position)
      answer = mixed.run(position..<position + 1, step)
    }
    let whole = try cache.whole(tokens: 7, choose: Self.choose)
    #expect(relativeError(answer, mixed.run(0..<7, whole)) < 1e-5)
    withExtendedLifetime(cache) {}
  }

  /// Programs by plain loops read the same caches, with weights of their own.
  @Test func equalsTheReference() throws {
    let network = Self.small.network
    let weights = SeededWeights(for: network, seed: 2)
    let cache = try TextCache(
      network, weights: weights, batch: 2, capacity: 9, pool: ThreadPool(threads: 2))
    let texts = Texts(batch: 2, length: 9)
    _ = texts.run(0..<8, try cache.prompt(tokens: 8, choose: Self.choose))
    cache.stand(at: 8)
    let own = texts.run(8..<9, try cache.step(choose: Self.choose))
    let oracle = try cache.step(unshared: weights) { _ in .reference }
    #expect(relativeError(own, texts.run(8..<9, oracle)) < 1e-5)
    var tensors: [String: ReferenceTensor] = [:]
    let graph = network.graph(inputSize: 9)
    for parameter in graph.parameters {
      tensors[parameter.name] = ReferenceTensor(
        try #require(Shape(parameter.shape)), try weights.values(parameter).map(Double.init))
    }
    tensors["input_ids"] = ReferenceTensor([2, 9], texts.tokens.flatMap { $0.map(Double.init) })
    let logits = try #require(try graph.evaluate(tensors)["logits"]?.values)
    let last = (1...2).flatMap { item -> [Float] in
      let end = item * 9 * 101
      return logits[end - 101..<end].map { Float($0) }
    }
    #expect(relativeError(own, last) < 1e-5)
    withExtendedLifetime(cache) {}
  }

  /// Counts how often weights are asked for.
  private final class CountedWeights: WeightSource {
    let count = Mutex<Int>(0)
    private let source: SeededWeights

    init(for network: Network) { source = SeededWeights(for: network, seed: 1) }

    func read(
      _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
    ) throws(Problem) {
      count.withLock { $0 += 1 }
      try source.read(parameter, into: values)
    }
  }

  @Test func aStepReadsTheWeightsOfThePrompt() throws {
    let network = Self.small.network
    let weights = CountedWeights(for: network)
    let cache = try TextCache(
      network, weights: weights, batch: 1, capacity: 16, pool: ThreadPool(threads: 1))
    _ = try cache.prompt(tokens: 8, choose: Self.choose)
    let read = weights.count.withLock { $0 }
    #expect(read > network.parameters.count)
    let step = try cache.step(choose: Self.choose)
    let later = weights.count.withLock { $0 }
    #expect(later == read)
    // All weights but the rows of tables that are not read, and the caches.
    let tables = 101 * 60 + 40 * 60
    let floats = network.parameterCount - tables + 101 * 60
    let caches = 3 * 2 * 16 * 60
    #expect(step.leastBytes > 4 * (floats + caches))
    #expect(step.leastBytes < 4 * (floats + caches) * 6 / 5)
    withExtendedLifetime(cache) {}
  }

  @Test func refusesWhatGeneratesNoText() throws {
    for (name, word) in [("resnet18", "reads images"), ("alphazero-chess", "reads positions")] {
      let network = try Network.named(name)
      let refusal = #expect(throws: Problem.self) {
        try TextCache(
          network, weights: SeededWeights(for: network, seed: 1), batch: 1, capacity: 8,
          pool: ThreadPool(threads: 1))
      }
      #expect(refusal?.kind == .usage)
      #expect(refusal?.description.contains(word) == true)
      #expect(refusal?.description.contains("gpt2") == true)
    }
    let network = Self.small.network
    let long = #expect(throws: Problem.self) {
      try TextCache(
        network, weights: SeededWeights(for: network, seed: 1), batch: 1, capacity: 41,
        pool: ThreadPool(threads: 1))
    }
    #expect(long?.kind == .usage && long?.description.contains("1 to 40 tokens") == true)
  }
}
