import Basics
import Graphs
import Kernels
import Models
import Tensors

/// A network's training step over sequences: what it reads, its program and its parameters.
///
/// Forward, the network's losses, backward, and the update of its optimizer. A step allocates nothing.
/// Not to be run by two threads at once.
package final class SequenceStep: @unchecked Sendable {
  /// What runs.
  package let program: Program
  /// Parameters, gradients and moments.
  package let state: TrainingState
  /// The update.
  package let optimizer: Optimizer
  /// Steps taken.
  package private(set) var stepCount = 0

  private let inputs: [Network.StepInput]
  /// The first byte of each input.
  private let offsets: [Int]
  private let memory: AlignedBuffer
  /// The optimizer's numbers and, at a cache line of its own, the number of the step.
  private let numbers = AlignedBuffer(count: 32)

  /// Compiles a training step.
  ///
  /// - Parameters:
  ///   - network: One that learns from sequences.
  ///   - weights: Asked for each parameter once.
  ///   - batch: Sequences of one step.
  ///   - tokens: Of a sequence.
  ///   - optimizer: The update; that of the network's publication unless given.
  ///   - seed: Of dropout.
  ///   - precision: What layers multiply; the state is float32 in any case.
  ///   - pool: The threads that it runs on.
  ///   - choose: The algorithm for a layer and direction, by the layer's name and forward shape.
  /// - Throws: `usage` for a network that does not learn from sequences, weights that cannot be read,
  ///   or a batch too large to count.
  package init(
    _ network: Network, weights: some WeightSource, batch: Int, tokens: Int,
    optimizer: Optimizer? = nil, seed: UInt64 = 1, precision: TrainingPrecision = .f32,
    pool: ThreadPool, choose: Program.Choice
  ) throws(Problem) {
    guard let update = optimizer ?? network.training?.optimizer, network.training != nil else {
      throw Problem(.usage, "\(network.name) does not learn from sequences.")
    }
    state = try TrainingState(
      network, weights: weights, keepsSquares: update.kind.hasSecondMoment)
    let graph = network.trainingGraph(
      inputSize: tokens, seed: seed, optimizer: update.kind, precision: precision)
    program = try Program(
      graph, parameters: .state(state), batch: batch, pool: pool, choose: choose)
    self.optimizer = update
    inputs = network.stepInputs(inputSize: tokens)
    var (offsets, end) = ([Int](), 0)
    for input in inputs {
      offsets.append(end)
      end += (input.lengths.reduce(8 * batch, *) + 63) / 64 * 64
    }
    self.offsets = offsets
    memory = AlignedBuffer(byteCount: end)
    for (index, port) in graph.inputs.enumerated() {
      if let place = inputs.firstIndex(where: { $0.name == port.name }) {
        program.bind(index, to: memory.bytes + offsets[place])
      } else {
        program.bind(index, to: port.name == "step" ? numbers.pointer + 16 : numbers.pointer)
      }
    }
  }

  /// The sum of the losses of the last step, before its update.
  package var loss: Double {
    program.graph.outputs.indices.reduce(0) { $0 + program.output($1).load(as: Double.self) }
  }

  /// Takes one step on what the inputs hold, allocating nothing.
  ///
  /// - Parameters:
  ///   - rate: The learning rate of this step; the optimizer's unless given.
  ///   - finished: Told the index of each unit that has ended.
  /// - Returns: `loss`.
  @discardableResult
  package func run(
    rate: Double? = nil, finished: (_ unit: Int) -> Void = { _ in }
  ) -> Double {
    prepare(rate: rate)
    program.run(finished: finished)
    stepCount += 1
    return loss
  }

  /// Says what the next step reads beside its inputs, without taking it.
  ///
  /// - Parameter rate: The learning rate of the step; the optimizer's unless given.
  package func prepare(rate: Double? = nil) {
    var update = optimizer
    if let rate { update.learningRate = rate }
    update.write(step: stepCount + 1, into: numbers.pointer)
    UnsafeMutableRawPointer(numbers.pointer + 16).storeBytes(of: Int64(stepCount), as: Int64.self)
  }

  /// Fills all inputs from a seed: tokens and labels that are drawn, places in order, nothing hidden.
  package func fill(seed: UInt32) {
    for (index, input) in inputs.enumerated() {
      let (target, hash) = (elements(index), HashFill(name: input.name, seed: seed))
      let width = input.lengths.reduce(1, *)
      for place in target.indices {
        target[place] = Int64(input.numbers.number(place, width: width, hash))
      }
    }
  }

  /// Goes on as after so many steps, with the state's parameters as they are now.
  package func resume(after steps: Int) {
    stepCount = steps
    program.packFilters()
  }

  /// Where an input's whole numbers lie, one item behind the other, to be written before a step.
  ///
  /// - Parameter name: One of `inputNames`.
  /// - Returns: Memory that lives as long as the step; nil for another name.
  package func inputMemory(_ name: String) -> UnsafeMutableBufferPointer<Int64>? {
    inputs.firstIndex { $0.name == name }.map { elements($0) }
  }

  /// Names of the inputs, in order.
  package var inputNames: [String] { inputs.map(\.name) }

  /// What an input holds.
  ///
  /// - Parameter name: One of `inputNames`.
  /// - Returns: Its lengths, the batch first, and its numbers; nil for another name.
  package func input(_ name: String) -> (lengths: [Int], numbers: [Int64])? {
    inputs.firstIndex { $0.name == name }.map { index in
      ([program.batch] + inputs[index].lengths, Array(elements(index)))
    }
  }

  private func elements(_ index: Int) -> UnsafeMutableBufferPointer<Int64> {
    let count = inputs[index].lengths.reduce(program.batch, *)
    return UnsafeMutableBufferPointer(
      start: (memory.bytes + offsets[index]).bindMemory(to: Int64.self, capacity: count),
      count: count)
  }
}
