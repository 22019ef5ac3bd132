import Basics
import Graphs
import Kernels
import Models
import Tensors

/// The program of a network's training step, with the numbers that it is given each time.
///
/// Forward with batch statistics, mean cross-entropy, with that of an auxiliary head, or the losses of a
/// game's tower, backward, and PyTorch's SGD. A step allocates nothing. Not to be run by two threads at once.
///
/// Of a batch that is cut into shards, the program is that of one: `state.reduction` sums the
/// gradients over processes that have one each, a `ShardedStep` over those that one process takes in
/// turn.
package final class TrainingStep: @unchecked Sendable {
  /// What runs.
  package let program: Program
  /// Parameters, gradients, momenta and running statistics.
  package let state: TrainingState
  /// Steps taken; dropout draws its masks by it.
  package var stepCount = 0
  /// Parts that a step's images are cut into.
  package let shards: Int
  /// Which of them a run is of, from 0; dropout draws its masks by it.
  package var shard = 0

  /// The optimizer's three numbers and, at a cache line of its own, the numbers of step and shard.
  private let numbers = AlignedBuffer(count: 32)
  /// Places of the images, of each output's labels or targets and, if anything is drawn, of the step
  /// among the inputs.
  private let places: (images: Int, targets: [Int], step: Int?)
  /// Losses that are added up; an auxiliary head's reads the labels of the first.
  private let lossCount: Int

  /// Compiles a training step.
  ///
  /// - Parameters:
  ///   - network: What to train.
  ///   - state: Its parameters; a step updates them.
  ///   - batch: Images of one step, or of a shard of it; a batch-norm must see more than one pixel.
  ///   - inputSize: Side of an image, at least the network's minimum.
  ///   - seed: Of dropout.
  ///   - shards: Parts that a step's images are cut into.
  ///   - precision: What layers multiply; the state is float32 in any case.
  ///   - pool: The threads that it runs on.
  ///   - choose: The algorithm for a layer and direction, by the layer's name and forward shape; on
  ///     bfloat16 all but the reference stand for the one fast way that there is.
  /// - Throws: A batch too large to count.
  package init(
    _ network: Network, state: TrainingState, batch: Int, inputSize: Int, seed: UInt64 = 1,
    shards: Int = 1, precision: TrainingPrecision = .f32, pool: ThreadPool,
    choose: Program.Choice
  ) throws(Problem) {
    precondition(shards >= 1, "\(shards) shards")
    self.shards = shards
    let graph = network.trainingGraph(
      inputSize: inputSize, seed: seed, shards: shards, precision: precision)
    program = try Program(
      graph, parameters: .state(state), batch: batch, pool: pool, choose: choose)
    self.state = state
    func place(_ name: String) -> Int? { graph.inputs.firstIndex { $0.name == name } }
    let losses = graph.nodes.filter { $0.op is any LossOperator }
    let read = Set(losses.map { $0.inputs[1] })
    lossCount = losses.count
    let targets = graph.inputs.indices.filter { read.contains(graph.inputs[$0].value) }
    places = (place("images") ?? 0, targets, place("step"))
    if let optimizer = place("optimizer") { program.bind(optimizer, to: numbers.pointer) }
    if let step = places.step { program.bind(step, to: numbers.pointer + 16) }
  }

  /// The loss of the last step, before its update; the sum over the network's outputs, each by its
  /// weight.
  ///
  /// Of a shard, its part of the mean over all.
  package var loss: Double {
    (0..<lossCount).reduce(0) { $0 + program.output($1).load(as: Double.self) }
  }

  /// Takes one step, allocating nothing; of a shard, beside the processes that have the others.
  ///
  /// - Parameters:
  ///   - images: `N H W C`; only read.
  ///   - labels: `N` class numbers for each of the network's outputs, those of the first output
  ///     first; each below the output's number of elements.
  ///   - optimizer: Learning rate, momentum and weight decay of this step.
  ///   - finished: Told the index of each unit that has ended.
  /// - Returns: `loss`.
  @discardableResult
  package func run(
    _ images: UnsafePointer<Float>, labels: UnsafePointer<Int32>, optimizer: SGD,
    finished: (_ unit: Int) -> Void = { _ in }
  ) -> Double {
    bind(labels: labels)
    return run(images, optimizer: optimizer, finished: finished)
  }

  /// Says where labels lie from the next step on.
  ///
  /// - Parameter labels: `N` class numbers for each of the network's outputs; only read.
  package func bind(labels: UnsafePointer<Int32>) {
    for (head, place) in places.targets.enumerated() {
      program.bind(place, to: labels + head * program.batch)
    }
  }

  /// Says where the targets of a game's outputs lie from the next step on.
  ///
  /// - Parameter targets: For each output in order, as many floats as it has; only read.
  package func bind(targets: [UnsafeRawPointer]) {
    precondition(targets.count == places.targets.count, "\(targets.count) targets")
    for (place, target) in zip(places.targets, targets) { program.bind(place, to: target) }
  }

  /// Takes one step with the labels or targets that were bound before, allocating nothing.
  ///
  /// - Parameters:
  ///   - images: `N H W C`; only read.
  ///   - optimizer: Learning rate, momentum and weight decay of this step.
  ///   - finished: Told the index of each unit that has ended.
  /// - Returns: `loss`.
  @discardableResult
  package func run(
    _ images: UnsafePointer<Float>, optimizer: SGD, finished: (_ unit: Int) -> Void = { _ in }
  ) -> Double {
    prepare(images, optimizer: optimizer)
    if let reduction = state.reduction {
      reduction.begin()
      program.run { unit in
        reduction.finished(unit)
        finished(unit)
      }
    } else {
      program.run(finished: finished)
    }
    stepCount += 1
    return loss
  }

  /// Says what the next step reads, without taking it.
  ///
  /// - Parameters:
  ///   - images: `N H W C`; only read.
  ///   - optimizer: Learning rate, momentum and weight decay of the step.
  package func prepare(_ images: UnsafePointer<Float>, optimizer: SGD) {
    begin(images)
    set(optimizer)
  }

  /// Computes the derivatives of one of several shards, allocating nothing; `update` ends the step.
  ///
  /// - Parameters:
  ///   - images: Of the shard, `N H W C`; only read.
  ///   - labels: As `run` takes them.
  /// - Returns: `loss`.
  func differentiate(_ images: UnsafePointer<Float>, labels: UnsafePointer<Int32>) -> Double {
    bind(labels: labels)
    begin(images)
    program.run(units: 0..<sumUnit)
    return loss
  }

  /// Ends a step by the gradients that the state has, which are those of all shards by now.
  ///
  /// - Parameter optimizer: Learning rate, momentum and weight decay of this step.
  func update(_ optimizer: SGD) {
    set(optimizer)
    program.run(units: sumUnit + 1..<program.units.count)
    stepCount += 1
  }

  /// The unit that waits for the sum of gradients.
  private var sumUnit: Int {
    guard let unit = program.graph.nodes.firstIndex(where: { $0.op is GradientSum }) else {
      preconditionFailure("a step of one shard sums no gradients")
    }
    return unit
  }

  /// Says where the images lie, and which step and shard it is.
  private func begin(_ images: UnsafePointer<Float>) {
    program.bind(places.images, to: images)
    let words = UnsafeMutableRawPointer(numbers.pointer + 16)
    words.storeBytes(of: Int64(stepCount), as: Int64.self)
    words.storeBytes(of: Int64(shard), toByteOffset: 8, as: Int64.self)
  }

  private func set(_ optimizer: SGD) {
    numbers.pointer[0] = optimizer.learningRate
    numbers.pointer[1] = optimizer.momentum
    numbers.pointer[2] = optimizer.weightDecay
  }
}
