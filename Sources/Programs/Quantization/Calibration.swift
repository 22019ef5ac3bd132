import Basics
import Graphs
import Kernels
import Models
import Tensors

/// A graph of floats that is run over images to learn which numbers its values have.
///
/// The graph's outputs are the values that become bytes, besides its own, so that all of them are
/// there after a run.
package final class Calibration {
  /// What is to be run; its inputs are those of the graph.
  package let program: Program
  /// The values, and what is known of each, in their order.
  package let sites: QuantizationSites
  /// In the order of `sites.values`.
  package private(set) var statistics: [ValueStatistics]

  private let graph: Graph
  /// For each of the values its place among the program's outputs or inputs.
  private let places: [Place]
  /// For each of the graph's own outputs its place among the program's; nil for one that is not of floats.
  private let answerPlaces: [Int?]
  /// Sums of the numbers of each channel of what layers read, by the value's place.
  private var sums: [Int: [Double]] = [:]
  /// How many numbers each of them is the sum of.
  private var counts: [Int: Double] = [:]

  private enum Place {
    case input(Int)
    case output(Int)
  }

  /// Compiles the graph.
  ///
  /// - Parameters:
  ///   - graph: For inference, norms folded into plain filters and biases, nothing fused.
  ///   - weights: Where its parameters come from.
  ///   - sites: The values that become bytes.
  ///   - batch: Items of one run.
  ///   - pool: The threads that it runs on.
  ///   - choose: The algorithm for a layer.
  /// - Throws: Weights that cannot be read, a batch too large to count, or more memory than there is.
  package init(
    _ graph: Graph, weights: any WeightSource, sites: QuantizationSites, batch: Int,
    pool: ThreadPool, choose: (_ shape: ConvShape) -> ConvAlgorithm
  ) throws(Problem) {
    var builder = GraphBuilder(graph, keepsNodes: false)
    for node in graph.nodes { builder.append(node) }
    var places: [Place] = []
    var outputs: [Graph.Value] = []
    for value in sites.values {
      if let index = graph.inputs.firstIndex(where: { $0.value == value }) {
        places.append(.input(index))
      } else {
        places.append(.output(outputs.count))
        outputs.append(value)
      }
    }
    // Its own outputs keep all nodes and inputs in the graph.
    let own = graph.outputs.map(\.value).filter { value in !sites.values.contains(value) }
    outputs += own
    for (index, value) in outputs.enumerated() { builder.output("value\(index)", value) }
    answerPlaces = graph.outputs.map { port in
      graph[port.value].type.element == .f32 ? outputs.firstIndex(of: port.value) : nil
    }
    let all = try builder.graph()
    try MemoryEstimate.inference(all, batch: batch, threads: pool.threads)
      .refuseIfTooLarge(for: "calibration", remedy: "give smaller inputs.")
    program = try Program(
      all, parameters: .frozen(weights), batch: batch, pool: pool
    ) { _, shape, _ in choose(shape) }
    (self.graph, self.sites, self.places) = (graph, sites, places)
    statistics = sites.values.map { _ in ValueStatistics() }
  }

  /// Runs the images that are bound, and widens the ranges of all values by what they have now.
  ///
  /// - Parameters:
  ///   - input: The memory that is bound as an input.
  ///   - countsMeans: Whether the means of what layers read are wanted, too.
  /// - Throws: A number that is not finite.
  package func widen(
    input: (_ index: Int) -> UnsafeRawPointer, countsMeans: Bool = false
  ) throws(Problem) {
    program.run()
    for index in places.indices {
      let value = sites.values[index]
      let numbers = numbers(index, input)
      try statistics[index].widen(by: numbers, of: graph[value].name)
      if countsMeans { count(numbers, index) }
    }
  }

  /// Runs the images that are bound, and counts the numbers of all values by their size.
  ///
  /// - Parameter input: The memory that is bound as an input.
  package func count(input: (_ index: Int) -> UnsafeRawPointer) {
    program.run()
    for index in places.indices { statistics[index].count(numbers(index, input)) }
  }

  /// The ranges of all values.
  ///
  /// - Parameter method: How much of what was seen counts.
  /// - Returns: In the order of `sites.values`.
  package func ranges(by method: CalibrationMethod) -> [ClosedRange<Float>] {
    statistics.map { $0.range(by: method) }
  }

  /// The mean of each channel of each value that a layer reads, of each number of an item where a fully
  /// connected layer reads all of it; of no value where no means were counted.
  package var means: [Graph.Value: [Double]] {
    var result: [Graph.Value: [Double]] = [:]
    for (index, sum) in sums {
      guard let count = counts[index], count > 0 else { continue }
      result[sites.values[index]] = sum.map { $0 / count }
    }
    return result
  }

  /// What the graph itself gave in the last run: each of its outputs, without numbers where it is not of
  /// floats.
  package var answers: [[Float]] {
    answerPlaces.map { place in
      guard let place else { return [] }
      return Array(program.values(place))
    }
  }

  private func numbers(
    _ index: Int, _ input: (_ index: Int) -> UnsafeRawPointer
  ) -> UnsafeBufferPointer<Float> {
    switch places[index] {
    case .output(let place): return program.values(place)
    case .input(let place):
      return UnsafeBufferPointer(
        start: input(place).assumingMemoryBound(to: Float.self),
        count: program.inputShapes[place].count)
    }
  }

  private func count(_ numbers: UnsafeBufferPointer<Float>, _ index: Int) {
    let value = sites.values[index]
    let layers = sites.layers.filter { graph.nodes[$0].inputs[0] == value }
    guard !layers.isEmpty else { return }
    let flattens = layers.contains { (graph.nodes[$0].op as? Convolution)?.flattens == true }
    let channels = graph[value].type.dimensions.last?.length ?? 1
    let width = flattens ? numbers.count / program.batch : channels
    var sum = sums[index] ?? [Double](repeating: 0, count: width)
    guard sum.count == width, width > 0 else { return }
    for row in 0..<numbers.count / width {
      for place in 0..<width { sum[place] += Double(numbers[row * width + place]) }
    }
    sums[index] = sum
    counts[index, default: 0] += Double(numbers.count / width)
  }
}
