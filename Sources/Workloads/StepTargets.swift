import Basics
import Kernels
import Models
import Programs

/// What the outputs of a training step are to be, drawn from a seed: classes or, of a game, shares of
/// moves and results.
final class StepTargets {
  /// Class numbers, those of the first output first; none for a game.
  let labels: [Int32]
  /// Of a game, each output's name and numbers a position, in order.
  let outputs: [(name: String, width: Int)]
  private let batch: Int
  private let memory: AlignedBuffer

  init(_ network: Network, batch: Int, seed: UInt64) {
    let outputs = network.outputs
    self.batch = batch
    var random = SplitMix64(seed: seed)
    guard !network.readsLabels else {
      labels = outputs.flatMap { output in
        (0..<batch).map { _ in Int32(random.next() % UInt64(output.width)) }
      }
      self.outputs = []
      memory = AlignedBuffer(count: 0)
      return
    }
    labels = []
    self.outputs = outputs
    memory = AlignedBuffer(count: outputs.reduce(0) { $0 + Self.room($1.width * batch) })
    for (index, output) in outputs.enumerated() {
      let target = pointer(index)
      for row in 0..<batch {
        let own = target + row * output.width
        for place in 0..<output.width { own[place] = Float.random(in: 0...1, using: &random) }
        Self.shape(own, output.width)
      }
    }
  }

  /// Where the numbers of a game's output lie, `batch × width`.
  func pointer(_ index: Int) -> UnsafeMutablePointer<Float> {
    memory.pointer + outputs[..<index].reduce(0) { $0 + Self.room($1.width * batch) }
  }

  /// Says to a step where the targets of a game lie; a step with labels is told them in each run.
  func bind(to step: TrainingStep) {
    guard labels.isEmpty else { return }
    step.bind(targets: outputs.indices.map { UnsafeRawPointer(pointer($0)) })
  }

  /// Says to some steps where labels or targets lie for as long as `body` takes.
  func binding<Value>(_ steps: [TrainingStep], _ body: () -> Value) -> Value {
    guard !labels.isEmpty else {
      for step in steps { bind(to: step) }
      return body()
    }
    return labels.withUnsafeBufferPointer { labels in
      if let first = labels.baseAddress {
        for step in steps { step.bind(labels: first) }
      }
      return body()
    }
  }

  /// Takes a step.
  @discardableResult
  func run(
    _ step: TrainingStep, _ images: UnsafePointer<Float>, _ optimizer: SGD,
    finished: (_ unit: Int) -> Void = { _ in }
  ) -> Double {
    labels.isEmpty
      ? step.run(images, optimizer: optimizer, finished: finished)
      : step.run(images, labels: labels, optimizer: optimizer, finished: finished)
  }

  /// Makes one number a result, from −1 to 1, and several the shares of a search, which are mostly small.
  private static func shape(_ values: UnsafeMutablePointer<Float>, _ width: Int) {
    guard width > 1 else {
      values[0] = 2 * values[0] - 1
      return
    }
    var sum: Float = 0
    for place in 0..<width {
      let square = values[place] * values[place]
      values[place] = square * square
      sum += values[place]
    }
    for place in 0..<width { values[place] /= sum }
  }

  private static func room(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
