import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// Each operator that reads one value, behind a convolution and before a linear layer: its gradient,
/// its kernel and its gradient's kernel.
@Suite struct OperatorTests {
  /// A new operator has its line here; one that reads more values has a graph in `ProgramTests`.
  static let operators: [any Operator] = [
    ReLU(), MaxPooling(window: 2, stride: 2), AdaptiveAveragePooling(side: 3),
    RandomDropout(probability: 0.5, stream: 3), Transpose([0, 3, 1, 2]),
    Reshape([.batch, 9, 4, 6]), ImagePadding(ImageBorder(top: 1, left: 0, bottom: 0, right: 2)),
  ]

  private func network(_ op: any Operator) -> Network {
    Network(name: "one", classes: 3, channels: 4, minimumInputSize: 8, usualInputSize: 8) {
      (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      let sums = try builder.convolution("conv", images, filters: 6, window: 3, hasBias: true)
      let value = try builder.append("op", op, [sums])[0]
      return [Graph.Port("logits", try builder.linear("fc", value, outputs: 3))]
    }
  }

  @Test(arguments: operators)
  func differentiatesAsDifferencesSay(op: any Operator) throws {
    let network = network(op)
    let forward = try network.graph(inputSize: 8).preparedForTraining(seed: 1).withCrossEntropy()
    let inputs = try ProgramTests.StepInputs(
      network, batch: 2, parameters: ProgramTests().tensors(forward))
    let derivatives = try checkedDerivatives(of: forward, at: inputs.tensors)
    #expect(Set(derivatives.map(\.parameter)).count == 4)
    #expect(derivatives.contains { $0.parameter == "conv.weight" && $0.difference != 0 })
    for derivative in derivatives { #expect(derivative.isRight, "\(derivative)") }
  }

  @Test(arguments: operators, [1 << 40, 4000])
  func computesWhatItsReferenceDoes(op: any Operator, cache: Int) throws {
    try ProgramTests().compare(network(op).graph(inputSize: 8), batch: 4, cache: cache)
  }

  @Test(arguments: operators)
  func trainsAsItsReferenceDoes(op: any Operator) throws {
    try ProgramTests().compareStep(network(op))
  }
}
