import Graphs

extension Program {
  /// Names of the outputs, in order.
  package var outputNames: [String] { graph.outputs.map(\.name) }

  /// An output of the last run, one row an image.
  ///
  /// - Parameter index: Of the graph's outputs, which is one of floats.
  /// - Returns: Floats that stay until the next run.
  package func values(_ index: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(
      start: output(index).assumingMemoryBound(to: Float.self), count: outputShapes[index].count)
  }

  /// Floats of one image in an output.
  package func width(_ index: Int) -> Int { outputShapes[index].count / outputShapes[index].N }

  /// How far the last images' outputs are from those of a program that computed these images alone.
  ///
  /// - Parameter oracle: A program of the same network, for as many images or fewer.
  /// - Returns: The worst of the outputs' errors, each relative to its largest value; of one that
  ///   `tanh` bounds, relative to the bound: a single number near 0 has no scale of its own.
  package func error(beside oracle: Program) -> Double {
    graph.outputs.indices.map { index in
      let expected = oracle.values(index)
      let own = values(index).suffix(expected.count)
      return isBounded(index)
        ? CheckResult.largestDifference(own, expected) : CheckResult.relativeError(own, expected)
    }.max() ?? 0
  }

  /// Whether an output lies between −1 and 1.
  package func isBounded(_ index: Int) -> Bool {
    let value = graph.outputs[index].value
    return graph.nodes.contains { $0.outputs == [value] && $0.op is Tanh }
  }
}
