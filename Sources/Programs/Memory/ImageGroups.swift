import Graphs
import Kernels
import Tensors

/// Which steps of a plan run over how many images of the batch at a time.
///
/// A step over a large batch writes more than the caches hold, and the next one reads it back from
/// memory. So a few images go through many steps before the next few start, as long as what lives
/// between the steps fits a cache; but each group reads all filters again, so where filters
/// outweigh activations, as in the last stages of a network, groups are large.
package struct ImageGroups: Hashable, Sendable {
  /// Consecutive steps that one group goes through before the next one begins.
  package struct Section: Hashable, Sendable {
    package var steps: Range<Int>
    /// Images of a group; divides the batch.
    package var images: Int

    package init(steps: Range<Int>, images: Int) { (self.steps, self.images) = (steps, images) }
  }

  /// What one image leaves behind in one step for later ones.
  package struct Value: Hashable, Sendable {
    /// Size, for one image.
    package var bytes: Int
    /// The step that writes it; nil for the image itself, which is there before all.
    package var first: Int?
    /// The last step that reads it.
    package var last: Int

    package init(bytes: Int, first: Int?, last: Int) {
      (self.bytes, self.first, self.last) = (bytes, first, last)
    }
  }

  /// The sections, one after the other from step 0 to the last.
  package private(set) var sections: [Section] = []

  /// The section of each step.
  package var sectionOfStep: [Section] {
    sections.flatMap { section in section.steps.map { _ in section } }
  }

  /// Chooses the sections that move the fewest bytes between caches and memory.
  ///
  /// Counted are, for each step, the filters once a group, and everything alive once an image if
  /// a group of it does not fit the cache; and between two sections what passes from one to the
  /// other, written and read. The least sum is found step by step over all group sizes.
  ///
  /// - Parameters:
  ///   - values: What lives from step to step.
  ///   - filterBytes: Size of each step's filters, 0 where it has none.
  ///   - batch: Images, at least 1.
  ///   - cacheBytes: What a group's values may fill.
  package init(values: [Value], filterBytes: [Int], batch: Int, cacheBytes: Int) {
    let sizes = (1...batch).filter { batch % $0 == 0 }
    var least = [Int](repeating: 0, count: sizes.count)
    // For each step and size, the size of the step before on the cheapest way here.
    var ways: [[Int]] = []
    for step in filterBytes.indices {
      let alive = Self.sum(values) { $0.first ?? 0 <= step && step <= $0.last }
      let change =
        2 * batch
        * Self.sum(values) { $0.first.map { $0 < step } ?? false && step <= $0.last }
      // Of equal costs the larger group is taken: it forks and joins less often.
      let cheapest = least.indices.reversed().min { least[$0] < least[$1] } ?? 0
      let way = sizes.indices.map { least[$0] <= least[cheapest] + change ? $0 : cheapest }
      least = sizes.indices.map { size in
        min(least[size], least[cheapest] + change) + filterBytes[step] * (batch / sizes[size])
          + (sizes[size] * alive > cacheBytes ? batch * alive : 0)
      }
      ways.append(way)
    }
    var size = least.indices.reversed().min { least[$0] < least[$1] } ?? 0
    for step in filterBytes.indices.reversed() {
      if let next = sections.first, next.images == sizes[size] {
        sections[0].steps = step..<next.steps.upperBound
      } else {
        sections.insert(Section(steps: step..<step + 1, images: sizes[size]), at: 0)
      }
      size = ways[step][size]
    }
  }

  private static func sum(_ values: [Value], where isMeant: (Value) -> Bool) -> Int {
    values.reduce(0) { isMeant($1) ? $0 + $1.bytes : $0 }
  }
}

extension ImageGroups {
  /// The groups of a graph's nodes on a machine.
  ///
  /// A quarter of the last level is for values. The rest is for the filters that pass through it,
  /// for what a cache cannot keep because its sets are full, and for others on the machine. Where
  /// a node sees all images at once, as in training, so do the others; and where no input has a
  /// batch, there is nothing to cut.
  ///
  /// - Parameters:
  ///   - graph: With its passes applied.
  ///   - shapes: One a value, for the whole batch.
  ///   - batch: Images of a run.
  ///   - threads: How many run the program, each with its own second level.
  ///   - caches: What the groups are to fit.
  package init(_ graph: Graph, _ shapes: [Shape], batch: Int, threads: Int, caches: CacheSizes) {
    guard graph.nodes.allSatisfy(\.op.isPerImage),
      graph.inputs.contains(where: { graph[$0.value].type.dimensions.first == .batch })
    else {
      self.init(values: [], filterBytes: [], batch: 1, cacheBytes: 0)
      sections = [Section(steps: 0..<graph.nodes.count, images: batch)]
      return
    }
    let (producers, readers) = (graph.producers, graph.readers)
    let values = graph.values.enumerated().filter { $1.parameter == nil }.map { index, value in
      Value(
        bytes: shapes[index].count / batch * value.type.element.byteCount,
        first: producers[index], last: readers[index].last ?? producers[index] ?? 0)
    }
    let filterBytes = graph.nodes.map { node in
      guard let shape = graph.filterShape(node, shapes) else { return 0 }
      switch node.op {
      case is QuantizedConvolution: return shape.filterCount
      case is BFloat16Convolution: return 2 * shape.filterCount
      default: return Self.filterBytes(shape)
      }
    }
    self.init(
      values: values, filterBytes: filterBytes, batch: batch,
      cacheBytes: max(caches.l3, caches.l2 * threads) / 4)
  }

  /// The products of filters of an inference graph, in the shapes of their groups.
  ///
  /// - Parameters:
  ///   - graph: With its passes applied.
  ///   - batch: Images of a run.
  ///   - threads: How many run the program.
  /// - Returns: torchvision's names and shapes, in order; none for a batch too large to count.
  package static func filterLayers(
    of graph: Graph, batch: Int, threads: Int
  ) -> [(name: String, shape: ConvShape)] {
    guard let shapes = try? graph.shapes(["batch": batch]) else { return [] }
    let groups = ImageGroups(graph, shapes, batch: batch, threads: threads, caches: .current)
    return zip(graph.nodes, groups.sectionOfStep).compactMap { node, section in
      graph.filterShape(node, shapes, images: section.images).map { (node.name, $0) }
    }
  }

  /// What a layer's filters take at most: four times their size where they can be transformed.
  private static func filterBytes(_ shape: ConvShape) -> Int {
    let copies = ConvAlgorithm.winograd4x3.supports(shape) ? 4 : 1
    return copies * shape.filterCount * MemoryLayout<Float>.stride
  }
}
