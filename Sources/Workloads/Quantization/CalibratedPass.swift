import Basics
import Graphs
import Kernels
import Programs

/// What calibration saw of a pass: ranges, means, and float32's outputs for the first items.
///
/// Tables follow from it, whichever layers stay float, after the program that saw it is gone.
struct CalibratedPass {
  private let pass: ForwardPass
  private let float: FloatGraph
  private let items: GivenItems
  private let quantizer: Quantizer
  private let pool: ThreadPool
  /// Runs over all items.
  private let runs: Int
  private let ranges: [Graph.Value: ClosedRange<Float>]
  private let means: [Graph.Value: [Double]]
  /// Of the first runs, all outputs of the graph.
  private let answers: [[[Float]]]
  /// Operations of each layer, by its name.
  private let work: [String: Double]

  /// Runs a pass over items.
  ///
  /// - Parameters:
  ///   - pass: Of floats, as it is written.
  ///   - float: Its graph.
  ///   - sites: Values that may become bytes; tables are of these, or of fewer.
  ///   - items: What it is run over.
  ///   - quantizer: How ranges follow.
  ///   - comparesAnswers: Whether outputs will be compared with float32's.
  ///   - between: Called before every run with the share that is done; what it throws ends it.
  /// - Throws: Numbers that are not finite, or items that do not fit.
  init(
    _ pass: ForwardPass, _ float: FloatGraph, _ sites: QuantizationSites, items: GivenItems,
    quantizer: Quantizer, comparesAnswers: Bool, between: (_ share: Double) throws -> Void
  ) throws {
    let pool = ThreadPool(threads: quantizer.threads)
    let calibration = try Calibration(
      float.graph, weights: float.weights, sites: sites, batch: pass.batch, pool: pool
    ) { Engine.native.algorithm(for: $0) }
    let block = InputBlock(for: calibration.program, tables: pass.tables)
    block.bindLast(to: calibration.program)
    // Of seeded items there are as many as one run takes.
    let runs = max(items.count / pass.batch, items.isSeeded ? 1 : 0)
    guard runs > 0 else {
      throw Problem(
        .malformed, "calibration has \(items.count) items where \(pass.batch) are run at a time")
    }
    let compared = comparesAnswers ? max(EdgeChoice.mostItems / pass.batch, 1) : 0
    var answers: [[[Float]]] = []
    let rounds = quantizer.method.needsCounts ? 2 : 1
    for round in 0..<rounds {
      for run in 0..<runs {
        try between(Double(round * runs + run) / Double(rounds * runs))
        try items.read(run * pass.batch..<(run + 1) * pass.batch, into: block)
        guard round == 0 else {
          calibration.count(input: { UnsafeRawPointer(block.pointer($0)) })
          continue
        }
        try calibration.widen(
          input: { UnsafeRawPointer(block.pointer($0)) }, countsMeans: quantizer.correctsBias)
        if run < compared { answers.append(calibration.answers) }
      }
    }
    (self.pass, self.float, self.items, self.quantizer) = (pass, float, items, quantizer)
    (self.pool, self.runs, self.answers) = (pool, runs, answers)
    ranges = Dictionary(
      uniqueKeysWithValues: zip(sites.values, calibration.ranges(by: quantizer.method)))
    means = calibration.means
    work = Dictionary(
      calibration.program.units.map { ($0.name, $0.directFLOPs.count) }, uniquingKeysWith: +)
  }

  /// Items whose outputs are compared.
  var comparedItems: Int { answers.count * pass.batch }

  /// A layer with its share of all operations.
  ///
  /// - Parameter layer: Its name.
  /// - Returns: What a choice has of it.
  func edge(_ layer: String) -> EdgeChoice.Edge {
    let all = work.values.reduce(0, +)
    return EdgeChoice.Edge(layer: layer, share: all > 0 ? (work[layer] ?? 0) / all : 0)
  }

  /// The ranges of all values that become bytes.
  ///
  /// - Parameter kept: Names of layers that stay float.
  /// - Returns: The table, with corrections of biases where these are asked for.
  /// - Throws: Weights that cannot be read.
  func table(keeping kept: Set<String>) throws(Problem) -> QuantizationTable {
    let sites = QuantizationSites(float.graph, keeping: kept)
    var table = QuantizationTable(
      float.graph, sites, ranges: sites.values.compactMap { ranges[$0] }, method: quantizer.method,
      calibration: items.words(for: runs * pass.batch), isSeeded: items.isSeeded, kept: kept,
      weightBits: quantizer.weightBits)
    if quantizer.correctsBias {
      let bytes = sites.quantizations(try table.rangesByValue(of: float.graph, sites))
      table.corrections = try float.corrections(
        means, bytes, sites, weightBits: table.weightBits)
    }
    return table
  }

  /// How far outputs are from those of float32 with some layers in float.
  ///
  /// - Parameters:
  ///   - kept: Names of these layers.
  ///   - between: Called before every run; what it throws ends it.
  /// - Returns: `OutputDistance.error`; nil where no layer is left on bytes.
  /// - Throws: Weights that cannot be read.
  func error(keeping kept: Set<String>, between: () throws -> Void) throws -> Double? {
    guard !QuantizationSites(float.graph, keeping: kept).layers.isEmpty else { return nil }
    let quantized = try QuantizedGraph(float, by: try table(keeping: kept))
    var own = pass
    (own.graph, own.weights) = (try quantized.inferenceGraph(), quantized.weights)
    let program = try own.program(pool: pool) { Engine.native.algorithm(for: $0) }
    let block = InputBlock(for: program, tables: pass.tables)
    block.bindLast(to: program)
    var distance = OutputDistance(outputs: answers.first?.count ?? 0)
    for (run, expected) in answers.enumerated() {
      try between()
      try items.read(run * pass.batch..<(run + 1) * pass.batch, into: block)
      withExtendedLifetime(block) { program.run() }
      for (output, numbers) in expected.enumerated() where !numbers.isEmpty {
        distance.count(program.numbers(output), beside: numbers, of: output)
      }
    }
    return distance.error
  }
}
