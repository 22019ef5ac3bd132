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
      let expected = oracle.numbers(index)
      let items = oracle.outputShapes[index].N
      let own = numbers(index).suffix(max(items * width(index), expected.count))
        .prefix(expected.count)
      return RelativeError.between(own, expected, scale: bound(index))
    }.max() ?? 0
  }

  /// What no element of an output exceeds in magnitude; nil where nothing bounds it.
  package func bound(_ index: Int) -> Double? {
    let value = graph.outputs[index].value
    return graph.nodes.first { $0.outputs[0] == value }?.op.outputBound
  }
}
