import Basics
import Graphs
import Kernels
import Models
import Tensors

/// A graph compiled for one batch, one number of threads and one choice of algorithms: nothing is
/// left to decide.
///
/// Inference and training are the same kind of program. Where nothing updates a parameter, filters
/// are folded and packed one layer at a time, so the weights never exist twice; otherwise they are
/// those of a `TrainingState`. Values share one block of memory by their lifetimes; `run` allocates
/// nothing. Not to be run by two threads at once.
package final class Program: @unchecked Sendable {
  /// The part of a run that a unit of work belongs to, for tables.
  package enum Phase: String, CaseIterable, Sendable {
    /// Convolutions and fully connected layers, forward.
    case forward
    /// Gradients by the input of these layers.
    case backwardData = "backward-data"
    /// Gradients by their filters and biases.
    case backwardWeights = "backward-weights"
    /// Batch-norm with residual and ReLU, both directions.
    case norm = "batch-norm"
    /// Pooling, dropout and the loss, both directions.
    case other
    /// Waiting for the gradients of other processes.
    case allReduce = "all-reduce"
    /// The optimizer, and packing the new filters.
    case update
  }

  /// Which gradient or pass an algorithm is chosen for.
  package enum Direction: String, CaseIterable, Sendable {
    /// The pass from images to logits.
    case forward
    /// The gradient by the input.
    case backwardData = "backward-data"
    /// The gradient by the filters.
    case backwardWeights = "backward-weights"
  }

  /// Chooses the algorithm for a layer and direction, by the layer's name and its forward shape
  /// over the images that it computes at a time.
  package typealias Choice = (_ layer: String, _ shape: ConvShape, _ direction: Direction) ->
    ConvAlgorithm

  /// Where parameters come from.
  package enum Parameters {
    /// Each is asked for once, and stays as it is.
    case frozen(any WeightSource)
    /// They are the state's, and a run changes them.
    case state(TrainingState)
  }

  /// What one unit of work is, for tables.
  package struct Unit: Sendable {
    /// torchvision's name of the layer, for example `layer2.0.conv2`; `loss`, `sgd` and `pack` for
    /// what belongs to none.
    package var name: String
    /// The part of the run that it belongs to.
    package var phase = Phase.other
    /// What it reads first, for the whole batch.
    package var input: Shape
    /// What it gives first, for the whole batch.
    package var output: Shape
    /// The convolution that it is, in its forward shape; nil for all else.
    package var conv: ConvShape?
    /// How it is computed; nil where there is one way.
    package var algorithm: ConvAlgorithm?
    /// The one way that there is, where it has a name.
    package var kernelName: String?
    /// What is fused behind it.
    package var epilogue = Epilogue()
    /// Images of the batch that it computes at a time.
    package var images: Int
    /// Whether it multiplies bytes, so that its operations are those of whole numbers.
    package var isOnBytes = false
    /// Whether it multiplies bfloat16.
    package var isOnBFloat16 = false
    /// Work of the whole batch in direct operations; 0 for what is not counted.
    package var directFLOPs = FLOPs(0)
    /// Work of the whole batch as executed; 0 for what is not counted.
    package var executedFLOPs = FLOPs(0)
    /// The fewest bytes that it can move: every operand read or written once.
    ///
    /// What an algorithm moves on top, such as a second pass over its input, is its own business
    /// and shows as a gap to the roofline.
    package var leastBytes = 0
  }

  /// What runs, with its passes applied.
  package let graph: Graph
  package let units: [Unit]
  /// Images of one run.
  package let batch: Int
  /// The shape of each input, in the graph's order.
  package let inputShapes: [Shape]
  /// Bytes of values, workspace and outputs.
  package let activationBytes: Int

  let outputShapes: [Shape]
  private let sections: [ImageGroups.Section]
  private let kernels: [Kernel]
  /// For each unit, and for the end, the filters that are read first from there on.
  ///
  /// ResNet-50's filters are more than most caches hold, so they come from memory in every run;
  /// a direct convolution asks for those of the layer behind it. Looking one layer ahead is best:
  /// what was asked for two layers ahead was gone again when it was needed.
  private let firstFilters: [UnsafeRawBufferPointer?]
  private let filters: [LoadableFilters]
  /// Parameters that stay as they are and that units read as they read values, by their block.
  private let constants: [Int: Operand.Held]
  private let arena: AlignedBuffer
  private let workspace: AlignedBuffer
  private let outputs: AlignedBuffer
  /// Where each block of memory begins: see `BlockTable`.
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let table: BlockTable
  private let memory: MemoryPlan
  private let shapes: [Shape]
  private let pool: ThreadPool

  /// Compiles a graph.
  ///
  /// - Parameters:
  ///   - graph: With its passes applied.
  ///   - parameters: Where they come from; a graph that updates some needs a state.
  ///   - batch: Images of one run, at least 1.
  ///   - pool: The threads that it runs on.
  ///   - caches: What the groups of images that run together follow from.
  ///   - bytes: The algorithm of all layers on bytes; nil for the fastest of each, or the reference
  ///     where that is chosen.
  ///   - bytesAllowWinograd: False leaves those layers only direct multiplications.
  ///   - choose: The algorithms.
  /// - Throws: A weight file that cannot be read, or a batch too large to count.
  package init(
    _ graph: Graph, parameters: Parameters, batch: Int, pool: ThreadPool,
    caches: CacheSizes = .current, bytes: Int8Algorithm? = nil, bytesAllowWinograd: Bool = true,
    choose: Choice
  ) throws(Problem) {
    let shapes: [Shape]
    do throws(Problem) {
      shapes = try graph.shapes(["batch": batch])
    } catch {
      throw Problem(.malformed, "\(error); choose a smaller batch")
    }
    let groups = ImageGroups(
      graph, shapes, batch: batch, threads: pool.threads, caches: caches)
    let memory = MemoryPlan(graph, shapes, groups: groups)
    let table = BlockTable(graph, shapes)
    var (units, kernels): ([Unit], [Kernel]) = ([], [])
    var (filters, fetched): ([LoadableFilters], [UnsafeRawBufferPointer?]) = ([], [])
    var constants: [Int: Operand.Held] = [:]
    let scratch = SharedScratch()
    var workspaceCount = 0
    for (index, section) in groups.sectionOfStep.enumerated() {
      guard let op = graph.nodes[index].op as? any CompiledOperator else {
        preconditionFailure("\(graph.nodes[index].name) has no kernel")
      }
      let builder = UnitBuilder(
        graph, index, shapes: shapes, memory: memory, table: table, parameters: parameters,
        batch: batch, images: section.images, threads: pool.threads, scratch: scratch,
        bytes: bytes, bytesAllowWinograd: bytesAllowWinograd)
      (builder.unit.phase, builder.unit.kernelName) = (op.phase, op.kernelName)
      if builder.unit.conv != nil {
        builder.unit.algorithm = choose(
          builder.unit.name, builder.groupProduct(), op.direction)
      }
      kernels.append(builder.inPlace(try op.compile(builder)))
      units.append(builder.unit)
      workspaceCount = max(workspaceCount, builder.workspaceCount)
      filters += builder.filters.map { [$0] } ?? []
      if case .frozen(let weights) = parameters {
        for (block, parameter) in builder.placedParameters where constants[block] == nil {
          constants[block] = try Operand.Held.of(parameter, from: weights)
        }
      }
      fetched.append(builder.filterMemory ?? builder.filters?.memory)
    }
    var sections = groups.sections
    if case .state(let state) = parameters {
      sections[sections.count - 1].steps =
        sections[sections.count - 1].steps.lowerBound..<kernels.count + 1
      kernels.append { [filters] call in filters.forEach { $0.load(call.pool) } }
      // A weight is read as a float, and written as one or as half of one.
      let weightBytes = units.contains(where: \.isOnBFloat16) ? 6 : 8
      units.append(
        Unit(
          name: "pack", phase: .update, input: [], output: [], images: batch,
          leastBytes: weightBytes * state.values.count))
      fetched.append(nil)
    }
    var firstFilters = [UnsafeRawBufferPointer?](repeating: nil, count: fetched.count + 1)
    for index in fetched.indices.reversed() {
      firstFilters[index] = fetched[index] ?? firstFilters[index + 1]
    }
    (self.graph, self.units, self.batch, self.pool) = (graph, units, batch, pool)
    (self.kernels, self.sections, self.filters) = (kernels, sections, filters)
    (self.firstFilters, self.table, self.constants) = (firstFilters, table, constants)
    (self.memory, self.shapes) = (memory, shapes)
    inputShapes = graph.inputs.map { shapes[$0.value.index] }
    outputShapes = graph.outputs.map { shapes[$0.value.index] }
    arena = AlignedBuffer(byteCount: memory.arenaBytes)
    workspace = AlignedBuffer(count: workspaceCount)
    outputs = AlignedBuffer(byteCount: table.outputBytes)
    activationBytes = memory.arenaBytes + 4 * workspaceCount + table.outputBytes
    bases = .allocate(capacity: table.count)
    bases.initialize(repeating: arena.bytes, count: table.count)
    for (index, offset) in table.outputOffsets.enumerated() {
      bases[table.output(index)] = outputs.bytes + offset
    }
    for (block, constant) in constants { bases[block] = constant.buffer.bytes }
    for node in graph.nodes {
      guard let literal = node.op as? Literal else { continue }
      let place = memory[node.outputs[0]]
      let start = bases[table.number(place.block)] + place.offset
      UnsafeMutableRawBufferPointer(start: start, count: literal.bytes.count)
        .copyBytes(from: literal.bytes)
    }
    if case .state(let state) = parameters {
      for (index, parameter) in table.parameters.enumerated() {
        bases[table.parameter(index)] = UnsafeMutableRawPointer(state.pointer(parameter))
        bases[table.gradient(index)] =
          parameter.isTrainable
          ? UnsafeMutableRawPointer(state.gradientPointer(parameter)) : arena.bytes
      }
    }
  }

  deinit { bases.deallocate() }

  /// Says where an input lies from the next run on.
  ///
  /// - Parameters:
  ///   - index: Of the graph's inputs.
  ///   - memory: Elements of its type and shape, images `N H W C`; only read, unless it is a cache of
  ///     attention, which a run appends to.
  package func bind(_ index: Int, to memory: UnsafeRawPointer) {
    bases[table.input(index)] = UnsafeMutableRawPointer(mutating: memory)
  }

  /// Where an output lies.
  ///
  /// - Parameter index: Of the graph's outputs.
  /// - Returns: Elements of its type and shape, which stay until the next run.
  package func output(_ index: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(bases[table.output(index)])
  }

  /// Computes the outputs from the inputs, allocating nothing.
  ///
  /// - Parameter finished: Told the index of each unit that has ended, once a group of its images;
  ///   what a table of times per layer listens to.
  package func run(finished: (_ unit: Int) -> Void = { _ in }) {
    let (batch, bases, scratch, pool) = (batch, bases, workspace.pointer, pool)
    for section in sections {
      var first = 0
      while first < batch {
        for index in section.steps {
          let isLastOfGroup = index + 1 == section.steps.upperBound
          let hasMoreGroups = first + section.images < batch
          let next = isLastOfGroup && hasMoreGroups ? section.steps.lowerBound : index + 1
          kernels[index](
            UnitCall(
              bases: bases, first: first, workspace: scratch, upcoming: firstFilters[next],
              pool: pool))
          finished(index)
        }
        first += section.images
      }
    }
  }

  /// Computes some of the units over the whole batch, as training's take it; allocates nothing.
  ///
  /// - Parameters:
  ///   - units: In order; what they read has to be there.
  ///   - finished: Told the index of each unit that has ended.
  func run(units: Range<Int>, finished: (_ unit: Int) -> Void = { _ in }) {
    precondition(sections.count == 1, "groups of images run through several units at a time")
    for index in units {
      kernels[index](
        UnitCall(
          bases: bases, first: 0, workspace: workspace.pointer, upcoming: firstFilters[index + 1],
          pool: pool))
      finished(index)
    }
  }

  /// What a unit gives and where that lies; nothing for packing.
  ///
  /// - Parameter index: Of a unit.
  /// - Returns: A part of memory for each output of its node.
  func outputs(ofUnit index: Int) -> [UnitOutput] {
    guard graph.nodes.indices.contains(index) else { return [] }
    return graph.nodes[index].outputs.map { value in
      let (place, shape) = (memory[value], shapes[value.index])
      return UnitOutput(
        element: graph[value].type.element, rows: shape.count / shape.C, width: shape.C,
        pitch: place.pitch ?? shape.C, start: bases[table.number(place.block)] + place.offset)
    }
  }

  /// Gives the convolutions the parameters as they are now.
  ///
  /// A training step ends with it; call it after changing parameters from outside.
  package func packFilters() { filters.forEach { $0.load(pool) } }
}

extension Program {
  /// Work of one run in direct operations.
  package var directFLOPs: FLOPs { units.reduce(FLOPs(0)) { $0 + $1.directFLOPs } }
  /// Work of one run as executed.
  package var executedFLOPs: FLOPs { units.reduce(FLOPs(0)) { $0 + $1.executedFLOPs } }
  /// The work of layers on bytes, which is operations on integers, by one of a unit's counts.
  package func integerOperations(_ work: KeyPath<Unit, FLOPs>) -> IntegerOperations {
    units.filter(\.isOnBytes).reduce(IntegerOperations(0)) {
      $0 + IntegerOperations($1[keyPath: work].count)
    }
  }
  /// The part of it that is in float32.
  package var float32FLOPs: FLOPs {
    units.filter { !$0.isOnBytes && !$0.isOnBFloat16 }.reduce(FLOPs(0)) { $0 + $1.executedFLOPs }
  }
  /// The work of layers on bfloat16 by one of a unit's counts.
  package func bfloat16FLOPs(_ work: KeyPath<Unit, FLOPs>) -> FLOPs {
    units.filter(\.isOnBFloat16).reduce(FLOPs(0)) { $0 + $1[keyPath: work] }
  }
  /// Shape of the images that it reads, its first input.
  package var imageShape: Shape { inputShapes[0] }
}
