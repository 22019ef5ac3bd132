import Basics
import Graphs
import Kernels
import Models
import Programs

/// Training on a data set, epoch by epoch, that can stop and go on as if it never had.
package final class DatasetTraining {
  /// What an epoch left behind.
  package struct EpochResult: Hashable, Sendable {
    /// Mean cross-entropy over the epoch's steps.
    package var loss: Double
    /// Share of test images whose label was the best guess.
    package var accuracy: Double
    /// Seconds that the epoch took, evaluation included; set by who has a clock.
    package var seconds: Double
  }

  /// Chooses an algorithm for a shape and direction.
  package typealias Choice = (ConvShape, Program.Direction) -> ConvAlgorithm

  package let network: Network
  package let recipe: TrainingRecipe
  /// What layers of a step multiply; evaluations are float32.
  package let precision: TrainingPrecision
  package var history: [EpochResult] = []
  /// Steps of one epoch; images that fill no batch wait for another epoch's order.
  package let stepsPerEpoch: Int

  let step: TrainingStep
  private let data: FashionMNIST
  private let choose: Choice
  private let pool: ThreadPool
  private let images: AlignedBuffer
  private var labels: [Int32]
  private let scaling: ImageSet.Scaling

  /// Compiles the step and makes fresh weights.
  ///
  /// - Parameters:
  ///   - network: For images of the data's size with one channel.
  ///   - data: At least one batch of training images.
  ///   - recipe: How to train.
  ///   - precision: What layers of a step multiply.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Throws: Nothing, as fresh weights are read from no file.
  package init(
    _ network: Network, data: FashionMNIST, recipe: TrainingRecipe,
    precision: TrainingPrecision = .f32, pool: ThreadPool, choose: @escaping Choice
  ) throws(Problem) {
    precondition(data.train.count >= recipe.batch, "fewer images than a batch")
    (self.network, self.data, self.recipe) = (network, data, recipe)
    self.precision = precision
    (self.choose, self.pool) = (choose, pool)
    stepsPerEpoch = data.train.count / recipe.batch
    let state = try TrainingState(network, weights: FreshWeights(for: network, seed: recipe.seed))
    step = try TrainingStep(
      network, state: state, batch: recipe.batch, inputSize: data.train.size,
      seed: UInt64(recipe.seed), precision: precision, pool: pool
    ) { _, shape, direction in choose(shape, direction) }
    images = AlignedBuffer(count: step.program.imageShape.count)
    labels = [Int32](repeating: 0, count: recipe.batch)
    scaling = data.train.scaling
  }

  package var epoch: Int { history.count }

  /// Parameters, momenta and running statistics as they are now.
  package var state: TrainingState { step.state }

  /// Work of the training steps so far, in direct operations.
  package var trainingFLOPs: FLOPs { directFLOPs(ofSteps: epoch * stepsPerEpoch) }

  /// Work of so many training steps, in direct operations; evaluations are not training.
  package func directFLOPs(ofSteps steps: Int) -> FLOPs {
    Double(steps) * step.program.directFLOPs
  }

  /// Trains one epoch and evaluates; the caller adds it to `history` with its time.
  ///
  /// - Parameter shouldStop: Asked before each step.
  /// - Returns: nil when it was stopped; the state is then that of a broken epoch.
  /// - Throws: Nothing, as no file is read.
  package func runEpoch(shouldStop: () -> Bool) throws(Problem) -> EpochResult? {
    guard let loss = run(steps: 0..<stepsPerEpoch, shouldStop: shouldStop) else { return nil }
    return EpochResult(loss: loss, accuracy: try evaluate().top1Share, seconds: 0)
  }

  /// Takes some steps of the epoch under way.
  ///
  /// - Parameters:
  ///   - steps: Within an epoch; they follow those of the call before.
  ///   - shouldStop: Asked before each step.
  /// - Returns: Mean cross-entropy over the steps, or nil when it was stopped.
  func run(steps: Range<Int>, shouldStop: () -> Bool) -> Double? {
    let draw = EpochDraw(images: data.train.count, epoch: epoch, seed: recipe.seed)
    var sum = 0.0
    for number in steps {
      if shouldStop() { return nil }
      fill(draw, number)
      let optimizer = recipe.optimizer(
        step: epoch * stepsPerEpoch + number, of: recipe.epochs * stepsPerEpoch)
      sum += step.run(images.pointer, labels: labels, optimizer: optimizer)
    }
    return sum / Double(steps.count)
  }

  /// Cuts, mirrors and normalises the images of one step.
  private func fill(_ draw: EpochDraw, _ step: Int) {
    let (set, size) = (data.train, data.train.size)
    for place in 0..<recipe.batch {
      let image = draw.order[step * recipe.batch + place]
      let (dy, dx, isMirrored) = draw.crop(image)
      labels[place] = Int32(set.labels[image])
      let target = images.pointer + place * size * size
      set.pixels.withUnsafeBufferPointer { pixels in
        for y in 0..<size {
          for x in 0..<size {
            let (row, column) = (y + dy, (isMirrored ? size - 1 - x : x) + dx)
            let isInside = row >= 0 && row < size && column >= 0 && column < size
            let pixel = isInside ? pixels[(image * size + row) * size + column] : 0
            target[y * size + x] = scaling(pixel)
          }
        }
      }
    }
  }

  /// Counts the right guesses on the test images, with running statistics and whole images.
  ///
  /// - Returns: Over all test images.
  /// - Throws: Nothing, as no file is read.
  package func evaluate() throws(Problem) -> Accuracy {
    let (set, pixels) = (data.test, data.test.size * data.test.size)
    var accuracy = Accuracy()
    var start = 0
    var program: Program?
    let buffer = AlignedBuffer(count: 100 * pixels)
    while start < set.count {
      let count = min(100, set.count - start)
      if program?.imageShape.N != count {
        program = try Program(
          network, weights: state, batch: count, inputSize: set.size, pool: pool
        ) { _, shape in choose(shape, .forward) }
      }
      for index in 0..<count * pixels {
        buffer.pointer[index] = scaling(set.pixels[start * pixels + index])
      }
      guard let program else { break }
      program.run(buffer.pointer)
      accuracy.count(program.logits, set.labels[start..<start + count].map { Int32($0) })
      start += count
    }
    return accuracy
  }
}
