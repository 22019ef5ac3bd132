import Graphs
import Tensors

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

  /// Bytes of an output of the last run; they stay until the next one.
  package func bytes(_ index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: output(index), count: outputShapes[index].count * element(index).byteCount)
  }

  /// The type of an output's elements.
  package func element(_ index: Int) -> DType { graph[graph.outputs[index].value].type.element }

  /// An output of the last run as floats, whatever its type; whole numbers beyond 2^24 are rounded.
  package func numbers(_ index: Int) -> [Float] {
    guard element(index) != .f32 else { return Array(values(index)) }
    let (type, first) = (element(index), output(index))
    return (0..<outputShapes[index].count).map { Float(type.number($0, in: first)) }
  }

  /// Elements of one image in an output.
  package func width(_ index: Int) -> Int { outputShapes[index].count / outputShapes[index].N }

  /// How far the last images' outputs are from those of a program that computed these images alone.
  ///
  /// - Parameter oracle: A program of the same network, for as many images or fewer; or for one
  ///   sequence with fewer tokens, which are the last one's first.
  /// - Returns: The worst of the outputs' errors, each relative to its largest value; of one that
  ///   has a bound, relative to that: a single number near 0 has no scale of its own.
  package func error(beside oracle: Program) -> Double {
    graph.outputs.indices.map { index in
      error(of: index, beside: oracle.numbers(index), items: oracle.outputShapes[index].N)
    }.max() ?? 0
  }

  /// The same of outputs that were computed otherwise.
  ///
  /// - Parameters:
  ///   - expected: The elements of each output, for as many items as this program has or fewer.
  ///   - items: How many items they belong to where they are of a part of each, the first tokens; nil
  ///     where they are all that these items have.
  /// - Returns: The worst of the outputs' errors.
  package func error(beside expected: [[Float]], items: Int? = nil) -> Double {
    graph.outputs.indices.map { error(of: $0, beside: expected[$0], items: items) }.max() ?? 0
  }

  private func error(of index: Int, beside expected: [Float], items: Int?) -> Double {
    let count = max((items ?? 0) * width(index), expected.count)
    let own = numbers(index).suffix(count).prefix(expected.count)
    return RelativeError.between(own, expected, scale: bound(index))
  }

  /// What no element of an output exceeds in magnitude; nil where nothing bounds it.
  package func bound(_ index: Int) -> Double? {
    let value = graph.outputs[index].value
    return graph.nodes.first { $0.outputs[0] == value }?.op.outputBound
  }
}
