import Formats
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

extension ProgramTests {
  /// Images, labels and numbers of a step, as the references read them.
  final class StepInputs {
    let images: AlignedBuffer
    var labels: [Int32] = []
    let optimizer = SGD(learningRate: 0.01, momentum: 0, weightDecay: 0.1)
    var tensors: [String: ReferenceTensor]

    /// Makes what a network's training graph reads besides its parameters.
    init(_ network: Network, batch: Int, parameters: [String: ReferenceTensor]) throws {
      let shape = network.imageShape(batch: batch, inputSize: network.usualInputSize)
      images = AlignedBuffer(count: shape.count)
      SeededImages.fill(0..<batch, seed: 3, channels: shape.C, size: shape.H, into: images.elements)
      tensors = parameters
      tensors["images"] = ReferenceTensor(shape, images.elements.map(Double.init))
      tensors["step"] = ReferenceTensor([2], [0, 0])
      let numbers = [optimizer.learningRate, optimizer.momentum, optimizer.weightDecay]
      tensors["optimizer"] = ReferenceTensor([3], numbers.map(Double.init))
      for (index, output) in network.outputs.enumerated() {
        let own = (0..<batch).map { Int32((2 * $0 + index) % output.width) }
        let name = network.outputs.count == 1 ? "labels" : "labels.\(output.name)"
        tensors[name] = ReferenceTensor([batch], own.map(Double.init))
        labels += own
      }
    }
  }

  /// Takes a training step by a program and by the references of its graph; compares the losses and
  /// the changes of all parameters.
  func compareStep(_ network: Network, batch: Int = 3) throws {
    let state = try TrainingState(network, weights: Weights())
    let step = try TrainingStep(
      network, state: state, batch: batch, inputSize: network.usualInputSize,
      pool: ThreadPool(threads: 2)
    ) { _, shape, _ in shape.isPlain ? .direct : .reference }
    let graph = step.program.graph
    let inputs = try StepInputs(network, batch: batch, parameters: tensors(graph))
    let expected = try graph.evaluate(inputs.tensors)
    let loss = withExtendedLifetime(inputs) {
      step.run(inputs.images.pointer, labels: inputs.labels, optimizer: inputs.optimizer)
    }
    let sum = try graph.outputs.reduce(0) {
      $0 + (try #require(expected[$1.name]).values[0])
    }
    #expect(abs(loss - sum) < 1e-5 * (1 + sum))
    for parameter in state.parameters {
      let (old, new) = (
        try Weights().values(parameter), try #require(expected[parameter.name]).values
      )
      let change = zip(new, old).map { Float($0 - Double($1)) }
      let own = zip(try state.values(parameter), old).map { $0 - $1 }
      #expect(relativeError(own, change) < 1e-3, "\(parameter.name)")
    }
  }
}
