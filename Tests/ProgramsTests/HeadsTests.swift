import Basics
import Graphs
import Kernels
import Models
import Programs
import Testing

/// Checks and steps of a network that has more outputs than its logits.
@Suite struct HeadsTests {
  private let network = Network(
    name: "two", classes: 5, channels: 1, minimumInputSize: 8, usualInputSize: 8
  ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
    let parts = try builder.averagePool("parts", images, side: 8)
    return [
      Graph.Port("logits", try builder.linear("first", parts, outputs: 5)),
      Graph.Port("value", try builder.linear("second", parts, outputs: 1)),
    ]
  }

  /// Only the second output is summed in another order than the oracle's.
  private func choose(_ shape: ConvShape, _: Program.Direction) -> ConvAlgorithm {
    shape.K == 1 ? .direct : .reference
  }

  @Test func theErrorIsThatOfEveryOutput() throws {
    let pool = ThreadPool(threads: 1)
    let weights = SeededWeights(for: network, seed: 1)
    let program = try Program(network, weights: weights, batch: 2, inputSize: 8, pool: pool) {
      choose($1, .forward)
    }
    let images = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(program.imageShape, seed: 1, into: images.elements)
    program.run(images.pointer)
    let oracle = OutputOracle(
      written: network.graph(inputSize: 8), compiled: program.graph, weights: weights, batch: 2)
    let answer = try oracle.answer(to: [UnsafeRawPointer(images.bytes)], pool: pool)
    #expect(answer.basis == .operators)
    #expect(program.error(beside: answer.outputs) <= program.errorBound)
    let outputs = program.outputNames.indices.map { program.numbers($0) }
    #expect(outputs.map(\.count) == [10, 2] && program.error(beside: outputs) == 0)
    var others = outputs
    others[1][1] += 1
    #expect(program.error(beside: others) > 0.1)
    // Fewer items are the last ones.
    #expect(program.error(beside: [Array(outputs[0].suffix(5)), [outputs[1][1]]]) == 0)
  }

  @Test func aStepHasLabelsForEveryOutput() throws {
    let pool = ThreadPool(threads: 2)
    let check = try SelfCheck.training(network, engine: "", pool: pool, choose: choose)
    #expect(check.passed, "\(check.error)")
  }

  /// Relative to its own size, a number near 0 would be as far off as its rounding.
  @Test func whatIsBoundedIsComparedWithItsBound() throws {
    let network = Network(
      name: "one", classes: 1, channels: 1, minimumInputSize: 8, usualInputSize: 8
    ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      [Graph.Port("value", try builder.tanh("tanh", builder.linear("fc", images, outputs: 1)))]
    }
    func program(_ seed: UInt32) throws -> Program {
      let program = try Program(
        network, weights: SeededWeights(for: network, seed: seed), batch: 1, inputSize: 8,
        pool: ThreadPool(threads: 1)
      ) { _, _ in .reference }
      let images = AlignedBuffer(count: program.imageShape.count)
      SeededImages.fill(program.imageShape, seed: 1, into: images.elements)
      program.run(images.pointer)
      return program
    }
    let (own, other) = (try program(1), try program(2))
    let difference = abs(Double(own.values(0)[0]) - Double(other.values(0)[0]))
    #expect(difference > 0 && abs(other.values(0)[0]) < 1)
    #expect(own.error(beside: other) == difference)
  }
}
