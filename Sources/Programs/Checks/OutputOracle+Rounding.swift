import Basics
import Graphs
import Kernels

extension OutputOracle {
  /// Of the largest output, what numbers between two bytes may move the outputs by at most: a check
  /// that lets more pass tells nothing.
  static let mostByRounding = 0.05

  /// The largest error of a program that its roundings explain.
  ///
  /// Where layers of floats stand between bytes, a number near the middle of two bytes becomes either,
  /// as its sum was rounded. How far these go is found by two runs in which the numbers before such
  /// roundings are moved by the program's own bound of float32, up in one and down in the other: every
  /// byte that is in doubt differs between them, and all of these in one direction. Twice the distance
  /// of their outputs stands for doubts that do not cancel as theirs do.
  ///
  /// - Parameters:
  ///   - program: Of the same subject, for as many items or more.
  ///   - inputs: Where the elements of each input lie, in the order of `inputShapes`.
  ///   - answer: What the outputs have to be.
  ///   - pool: The threads.
  /// - Returns: `program.errorBound`, and what the doubts add to it.
  /// - Throws: Weights that cannot be read.
  package func errorBound(
    of program: Program, for inputs: [UnsafeRawPointer], beside answer: Answer, pool: ThreadPool
  ) throws(Problem) -> Double {
    let share = program.errorBound
    guard share > 0, compiled.isQuantized else { return share }
    guard let up = try compiled.movingRoundings(by: share),
      let down = try compiled.movingRoundings(by: -share)
    else { return share }
    let (above, below) = (try outputs(of: up, inputs, pool), try outputs(of: down, inputs, pool))
    var worst = 0.0
    for index in above.indices {
      let largest = answer.outputs[index].reduce(0) { max($0, abs(Double($1))) }
      let error = RelativeError.between(
        above[index], below[index], scale: program.bound(index) ?? largest)
      worst = max(worst, error)
    }
    // Of numbers that are not finite nothing follows.
    guard worst.isFinite else { return share }
    return share + min(2 * worst, Self.mostByRounding)
  }

  /// The outputs of a graph by the fastest kernels.
  private func outputs(
    of graph: Graph, _ inputs: [UnsafeRawPointer], _ pool: ThreadPool
  ) throws(Problem) -> [[Float]] {
    let program = try Program(
      graph, parameters: .frozen(weights), batch: batch, pool: pool
    ) { _, shape, _ in ConvPlan.native(shape) }
    for (index, input) in inputs.enumerated() { program.bind(index, to: input) }
    program.run()
    return graph.outputs.indices.map { program.numbers($0) }
  }
}
