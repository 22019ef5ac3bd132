import Basics
import Glibc
import Graphs
import Kernels
import Models
import Programs

/// Training on the bytes of a text to a loss in nats a byte.
///
/// Sequences lie side by side and begin anew in each epoch at another byte; each is read from its first
/// byte with nothing known before it, by recurrent networks too.
package final class TextTraining: EpochTraining {
  package static let measure = TestMeasure.loss

  package let network: Network
  package let text: ByteText
  package let recipe: TextRecipe
  package var history: [EpochResult] = []
  package let stepsPerEpoch: Int

  let step: SequenceStep
  private let sequences: Int
  private let choose: DatasetTraining.Choice
  private let pool: ThreadPool
  /// Where a step's bytes lie.
  private let read: UnsafeMutableBufferPointer<Int64>
  /// Where those behind each lie.
  private let told: UnsafeMutableBufferPointer<Int64>
  /// What an evaluation reads.
  private let testMemory: AlignedBuffer

  /// Compiles the step and makes fresh weights.
  ///
  /// - Parameters:
  ///   - network: One that reads bytes.
  ///   - text: Long enough for the recipe.
  ///   - recipe: How to train.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Throws: A network for anything else, or too short a text.
  package init(
    _ network: Network, text: ByteText, recipe: TextRecipe, pool: ThreadPool,
    choose: @escaping DatasetTraining.Choice
  ) throws(Problem) {
    try network.refuseText()
    try text.refuse(batch: recipe.batch, tokens: recipe.tokens)
    (self.network, self.text, self.recipe) = (network, text, recipe)
    (self.choose, self.pool) = (choose, pool)
    // One sequence less than there are, so that the first may begin at any byte of it.
    sequences = (text.train.count - recipe.tokens) / recipe.tokens
    stepsPerEpoch = sequences / recipe.batch
    step = try SequenceStep(
      network, weights: FreshWeights(for: network, seed: recipe.seed), batch: recipe.batch,
      tokens: recipe.tokens, optimizer: recipe.optimizer, seed: UInt64(recipe.seed), pool: pool
    ) { _, shape, direction in choose(shape, direction) }
    guard let read = step.inputMemory("input_ids"), let told = step.inputMemory("labels") else {
      throw Problem(.usage, "\(network.name) does not tell the byte behind each.")
    }
    (self.read, self.told) = (read, told)
    testMemory = AlignedBuffer(
      byteCount: MemoryLayout<Int64>.stride * recipe.batch * recipe.tokens)
  }

  package var precision: TrainingPrecision { .f32 }
  package var sharing: Sharing { .alone }
  package var reduction: RankReduction? { nil }
  package var program: Program { step.program }
  package var state: TrainingState { step.state }
  package var itemsPerStep: Int { recipe.batch * recipe.tokens }

  package func run(steps: Range<Int>, shouldStop: () -> Bool) -> Double? {
    let draw = EpochDraw(images: sequences, epoch: epoch, seed: recipe.seed)
    let offset = HashFill(name: "offset of epoch \(epoch)", seed: recipe.seed).word(0)
    let first = Int(offset) % recipe.tokens
    var sum = 0.0
    for number in steps {
      if shouldStop() { return nil }
      for place in 0..<recipe.batch {
        let start = first + draw.order[number * recipe.batch + place] * recipe.tokens
        for index in 0..<recipe.tokens {
          read[place * recipe.tokens + index] = Int64(text.train[start + index])
          told[place * recipe.tokens + index] = Int64(text.train[start + index + 1])
        }
      }
      sum += step.run(
        rate: recipe.rate(
          step: epoch * stepsPerEpoch + number, of: recipe.epochs * stepsPerEpoch))
    }
    return sum / Double(steps.count)
  }

  /// Predicts the bytes of held-out sequences, evenly spread over the test: `recipe.told` of them.
  ///
  /// - Returns: Mean cross-entropy in nats a byte.
  /// - Throws: A forward pass that cannot be compiled.
  package func test() throws(Problem) -> Double {
    let (tokens, bytes) = (recipe.tokens, text.test)
    let available = (bytes.count - 1) / tokens
    let (batch, count) = recipe.told(of: text)
    let program = try Program(
      network, weights: state, batch: batch, inputSize: tokens, pool: pool
    ) { _, shape in choose(shape, .forward) }
    program.bind(0, to: testMemory.bytes)
    let numbers = testMemory.bytes.bindMemory(to: Int64.self, capacity: batch * tokens)
    var sum = 0.0
    for first in stride(from: 0, to: count, by: batch) {
      let starts = (first..<first + batch).map { $0 * available / count * tokens }
      for (place, start) in starts.enumerated() {
        for index in 0..<tokens { numbers[place * tokens + index] = Int64(bytes[start + index]) }
      }
      program.run()
      guard let logits = program.values(0).baseAddress else { break }
      for (place, start) in starts.enumerated() {
        for index in 0..<tokens {
          let row = logits + (place * tokens + index) * network.classes
          sum += Self.loss(row, network.classes, of: Int(bytes[start + index + 1]))
        }
      }
    }
    return sum / Double(count * tokens)
  }

  package func save(to path: String) throws { try TextCheckpoint.write(self, to: path) }

  package func restore(from path: String) throws(Problem) {
    try TextCheckpoint.restore(path, into: self)
  }

  /// Cross-entropy of a row of logits, in float64.
  private static func loss(
    _ logits: UnsafePointer<Float>, _ classes: Int, of label: Int
  ) -> Double {
    var most = -Float.infinity
    for index in 0..<classes { most = max(most, logits[index]) }
    var sum = 0.0
    for index in 0..<classes { sum += exp(Double(logits[index] - most)) }
    return log(sum) + Double(most - logits[label])
  }
}
