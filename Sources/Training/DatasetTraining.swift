import Basics
import Graphs
import Kernels
import Models
import Programs
import Ranks

/// Training on a data set to an accuracy.
///
/// A step's images may be cut into shards, which are slices of the one order of the epoch. As many
/// ranks as one process that takes the shards in turn come to the same bits.
package final class DatasetTraining: EpochTraining {
  package static let measure = TestMeasure.accuracy

  /// Chooses an algorithm for a shape and direction.
  package typealias Choice = (ConvShape, Program.Direction) -> ConvAlgorithm

  package let network: Network
  package let recipe: TrainingRecipe
  package let precision: TrainingPrecision
  package var history: [EpochResult] = []
  package let stepsPerEpoch: Int
  package let sharing: Sharing
  package let reduction: RankReduction?

  let step: TrainingStep
  /// Takes shards in turn; nil where there is one, or where ranks have them.
  private let sharded: ShardedStep?
  package let data: FashionMNIST
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
  ///   - sharing: Who has the shards of a step's images; their number divides the batch.
  ///   - precision: What layers of a step multiply.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Throws: Nothing, as fresh weights are read from no file.
  package init(
    _ network: Network, data: FashionMNIST, recipe: TrainingRecipe, sharing: Sharing = .alone,
    precision: TrainingPrecision = .f32, pool: ThreadPool, choose: @escaping Choice
  ) throws(Problem) {
    precondition(data.train.count >= recipe.batch, "fewer images than a batch")
    precondition(recipe.batch % sharing.shards == 0, "a batch that shards do not divide")
    (self.network, self.data, self.recipe) = (network, data, recipe)
    (self.choose, self.pool) = (choose, pool)
    (self.sharing, self.precision) = (sharing, precision)
    stepsPerEpoch = data.train.count / recipe.batch
    let state = try TrainingState(network, weights: FreshWeights(for: network, seed: recipe.seed))
    let step = try TrainingStep(
      network, state: state, batch: recipe.batch / sharing.shards, inputSize: data.train.size,
      seed: UInt64(recipe.seed), shards: sharing.shards, precision: precision, pool: pool
    ) { _, shape, direction in choose(shape, direction) }
    self.step = step
    switch sharing {
    case .alone: (sharded, reduction) = (nil, nil)
    case .inTurn: (sharded, reduction) = (ShardedStep(step), nil)
    case .ranks(let group, let settings):
      let sums = RankReduction(of: step, over: group, settings: settings, pool: pool)
      (sharded, reduction) = (nil, sums)
      state.reduction = sums
      step.shard = group.rank
    }
    images = AlignedBuffer(count: step.program.imageShape.count)
    labels = [Int32](repeating: 0, count: recipe.batch / sharing.shards)
    scaling = data.train.scaling
  }

  package var program: Program { step.program }
  package var state: TrainingState { step.state }
  package var itemsPerStep: Int { recipe.batch }

  package func run(steps: Range<Int>, shouldStop: () -> Bool) throws(Problem) -> Double? {
    let draw = EpochDraw(images: data.train.count, epoch: epoch, seed: recipe.seed)
    // Of each shard for itself, so that they are added in one order, whoever has them.
    var sums = [Double](repeating: 0, count: sharing.shards)
    for number in steps {
      if shouldStop() { return nil }
      let optimizer = recipe.optimizer(
        step: epoch * stepsPerEpoch + number, of: recipe.epochs * stepsPerEpoch)
      if let sharded {
        for shard in sums.indices {
          fill(draw, number, shard)
          sums[shard] += sharded.differentiate(shard, images.pointer, labels: labels)
        }
        sharded.update(optimizer)
      } else {
        fill(draw, number, step.shard)
        sums[step.shard] += step.run(images.pointer, labels: labels, optimizer: optimizer)
        if let fault = reduction?.fault { throw fault }
      }
    }
    return try total(sums) / Double(steps.count)
  }

  /// Cuts, mirrors and normalises the images of a shard of one step.
  private func fill(_ draw: EpochDraw, _ step: Int, _ shard: Int) {
    let (set, size) = (data.train, data.train.size)
    let first = step * recipe.batch + shard * labels.count
    for place in labels.indices {
      let image = draw.order[first + place]
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

  package func test() throws(Problem) -> Double {
    let share = try evaluate().top1Share
    try refuseDifferentWeights()
    return share
  }

  /// Counts the right guesses on the test images, with running statistics and whole images.
  ///
  /// The shards' running statistics become their mean. Ranks share the images.
  ///
  /// - Returns: Over all test images.
  /// - Throws: Where another rank hangs or has gone.
  private func evaluate() throws(Problem) -> Accuracy {
    try averageStatistics()
    let (set, pixels) = (data.test, data.test.size * data.test.size)
    let (rank, ranks) = (sharing.group?.rank ?? 0, sharing.group?.count ?? 1)
    var accuracy = Accuracy()
    var program: Program?
    let buffer = AlignedBuffer(count: 100 * pixels)
    for (turn, start) in stride(from: 0, to: set.count, by: 100).enumerated()
    where turn % ranks == rank {
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
    }
    return try total(accuracy)
  }

  /// Makes the running statistics of all shards their mean.
  private func averageStatistics() throws(Problem) {
    sharded?.averageStatistics()
    guard let group = sharing.group else { return }
    state.runningStatistics = ShardMean.of(
      try group.gather(state.runningStatistics, "the running statistics"))
  }

  /// Starts every shard with the state's running statistics.
  func takeStatistics() { sharded?.takeStatistics() }

  package func save(to path: String) throws { try Checkpoint.write(self, to: path) }

  package func restore(from path: String) throws(Problem) {
    try Checkpoint.restore(path, into: self)
  }
}
