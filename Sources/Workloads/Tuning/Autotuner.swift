import Graphs
import Harness
import Kernels
import Programs

/// Times the candidate algorithms of each layer on this machine and remembers the fastest.
package struct Autotuner {
  package var threads: Int
  package var engine: Engine
  /// Rounds over the candidates of one layer; each counts by its fastest call.
  package var rounds = 7
  /// Told the layer at work, for a progress line.
  package var progress: (_ layer: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }

  package init(threads: Int, engine: Engine) { (self.threads, self.engine) = (threads, engine) }

  /// Fills in what the table lacks for a graph at one batch.
  ///
  /// - Parameters:
  ///   - table: Choices known so far; gains one for each distinct layer with several candidates.
  ///   - graph: Of inference, whose convolutions and fully connected layers are timed.
  ///   - batch: Images of a run, of which a layer is timed with as many as it takes at a time.
  package func tune(
    _ table: inout TuningTable, for graph: Graph, batch: Int
  ) {
    var shapes: [(name: String, shape: ConvShape)] = []
    for layer in ImageGroups.filterLayers(
      of: graph, batch: batch, threads: threads)
    where !shapes.contains(where: { $0.shape == layer.shape }) {
      shapes.append((layer.name, layer.shape))
    }
    let pool = ThreadPool(threads: threads)
    for (index, layer) in shapes.enumerated() {
      progress(layer.name, index, shapes.count)
      guard table.algorithm(for: layer.shape, threads: threads) == nil else { continue }
      let candidates = engine.candidates(for: layer.shape)
      guard candidates.count > 1 else { continue }
      table.choices[TuningTable.key(layer.shape, threads: threads)] = fastest(
        of: candidates, layer.shape, pool)
    }
  }

  /// The candidate whose fastest call is the fastest, all called in turn in every round.
  private func fastest(
    of candidates: [ConvAlgorithm], _ shape: ConvShape, _ pool: ThreadPool
  ) -> ConvAlgorithm {
    let filters = AlignedBuffer(count: shape.filterCount)
    let input = AlignedBuffer(count: shape.inputCount)
    let output = AlignedBuffer(count: shape.outputCount)
    SmallIntegers.fill(filters.elements, seed: 1)
    SmallIntegers.fill(input.elements, seed: 2)
    let compiled = candidates.map {
      $0.compile(
        shape, filters: filters.pointer, bias: nil, epilogue: Epilogue(activation: .relu),
        threads: threads)
    }
    let workspace = AlignedBuffer(count: compiled.map(\.workspaceCount).max() ?? 0)
    let operands = ConvOperands(
      input: input.pointer, output: output.pointer, workspace: workspace.pointer)
    var best = [UInt64](repeating: .max, count: compiled.count)
    for _ in 0...rounds {
      for (index, convolution) in compiled.enumerated() {
        let start = Clock.now()
        convolution.run(operands, pool: pool)
        best[index] = min(best[index], Clock.now() - start)
      }
    }
    let winner = best.indices.min { best[$0] < best[$1] } ?? 0
    return candidates[winner]
  }
}
