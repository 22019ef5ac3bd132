import Basics
import Graphs
import Kernels
import Models
import Tensors

/// Filters of a unit that a state may change.
struct LoadableFilters: @unchecked Sendable {
  /// The filters as the unit reads them, where they lie in one piece.
  let memory: UnsafeRawBufferPointer?
  private let pack: (ThreadPool) -> Void

  /// Of a convolution in float32; nil for filters that stay as they are.
  init(
    convolution: any CompiledConvolution, filters: UnsafePointer<Float>?,
    bias: UnsafePointer<Float>?
  ) {
    memory = convolution.filterMemory
    pack = { pool in
      if let filters { convolution.load(filters: filters, bias: bias, pool: pool) }
    }
  }

  /// Of a convolution that rounds them to bfloat16.
  init(
    rounding convolution: any CompiledBFloat16Convolution, filters: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?
  ) {
    memory = convolution.filterMemory
    pack = { pool in convolution.load(weights: filters, bias: bias, pool: pool) }
  }

  /// Packs the filters as they are now; those that stay as they are were packed once.
  func load(_ pool: ThreadPool) { pack(pool) }
}

/// Scratch memory that units of one size share, as they run in turn.
final class SharedScratch {
  private var norms: [[Int]: BatchNorm] = [:]

  /// A batch-norm over tensors of a shape.
  func norm(_ shape: Shape, threads: Int) -> BatchNorm {
    let size = [shape.count / shape.C, shape.C]
    if let norm = norms[size] { return norm }
    let norm = BatchNorm(rows: size[0], channels: size[1], threads: threads)
    norms[size] = norm
    return norm
  }
}

/// What is known of one node when its unit is compiled, and what is to be known of the unit.
final class UnitBuilder {
  /// What the unit is; the operator completes it.
  var unit: Program.Unit
  /// Floats of workspace that the unit needs.
  var workspaceCount = 0
  /// The unit's filters, if it has some.
  var filters: LoadableFilters?
  /// Filters in one piece that stay as they are, where the unit reads them so.
  var filterMemory: UnsafeRawBufferPointer?
  /// Parameters that stay as they are and are read where they lie, as values are, by their block.
  private(set) var placedParameters: [Int: Parameter] = [:]

  let node: Graph.Node
  /// Images of the batch, and of a group.
  let (batch, images): (Int, Int)
  let threads: Int
  let parameters: Program.Parameters
  let scratch: SharedScratch
  /// The algorithm of layers on bytes; nil where it follows from the layer.
  let bytes: Int8Algorithm?
  /// Whether that may be Winograd's.
  let bytesAllowWinograd: Bool
  private let graph: Graph
  private let shapes: [Shape]
  private let memory: MemoryPlan
  private let table: BlockTable

  init(
    _ graph: Graph, _ index: Int, shapes: [Shape], memory: MemoryPlan, table: BlockTable,
    parameters: Program.Parameters, batch: Int, images: Int, threads: Int,
    scratch: SharedScratch, bytes: Int8Algorithm?, bytesAllowWinograd: Bool
  ) {
    (self.bytes, self.bytesAllowWinograd) = (bytes, bytesAllowWinograd)
    (self.graph, node, self.shapes) = (graph, graph.nodes[index], shapes)
    (self.memory, self.table, self.parameters) = (memory, table, parameters)
    (self.batch, self.images, self.threads, self.scratch) = (batch, images, threads, scratch)
    unit = Program.Unit(
      name: node.name, input: shapes[(node.inputs.first ?? node.outputs[0]).index],
      output: shapes[node.outputs[0].index], images: images)
    unit.epilogue = (node.op as? any EpilogueOperator)?.epilogue ?? Epilogue()
    unit.leastBytes = Set(node.inputs + node.outputs).reduce(0) {
      $0 + shapes[$1.index].count * graph[$1].type.element.byteCount
    }
    if let shape = graph.filterShape(node, shapes) {
      (unit.conv, unit.directFLOPs) = (shape, shape.macs.flops)
    }
  }

  /// The shape of an input, for one group.
  func inputShape(_ index: Int) -> Shape { group(node.inputs[index]) }
  /// The shape of an output, for one group.
  func outputShape(_ index: Int) -> Shape { group(node.outputs[index]) }
  /// Where an input lies.
  func input(_ index: Int) -> BoundPlace { place(node.inputs[index]) }
  /// Where an output lies.
  func output(_ index: Int) -> BoundPlace { place(node.outputs[index]) }
  /// The type of an input's elements.
  func element(_ index: Int) -> DType { graph[node.inputs[index]].type.element }
  /// The type of the first output.
  var outputType: TensorType { graph[node.outputs[0]].type }
  /// The parameters among some inputs.
  func parameters(_ indices: some Sequence<Int>) -> [Parameter] {
    indices.compactMap { graph[node.inputs[$0]].parameter }
  }

  /// The product of filters that the node is, over the whole batch, and the chosen algorithm.
  func product() -> (shape: ConvShape, algorithm: ConvAlgorithm) {
    guard let shape = unit.conv, let algorithm = unit.algorithm else {
      preconditionFailure("\(node.name) has no filters")
    }
    return (shape, algorithm)
  }

  /// The same over one group.
  func groupProduct() -> ConvShape {
    guard let shape = graph.filterShape(node, shapes, images: images) else {
      preconditionFailure("\(node.name) has no filters")
    }
    return shape
  }

  /// Says what a pass over filters, compiled for one group, takes over the whole batch.
  func describe(_ pass: any CompiledPass) {
    unit.executedFLOPs = Double(batch / images) * pass.executedFLOPs
    workspaceCount = pass.workspaceCount
  }

  /// Says what work a unit is that computes by the definition, over the whole batch.
  ///
  /// - Parameter macs: Its work over one group.
  func count(_ macs: MACs) {
    unit.directFLOPs = Double(unit.output.count / outputShape(0).count) * macs.flops
    unit.executedFLOPs = unit.directFLOPs
  }

  /// A kernel that reads the first input and writes the first output.
  func kernel(
    _ run:
      @escaping (
        _ call: UnitCall, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
      ) -> Void
  ) -> Kernel {
    let (input, output) = (self.input(0), self.output(0))
    return { call in run(call, call.floats(input), call.floats(output)) }
  }

  /// The kernel, with a copy before it for each output that must begin as an input that lies
  /// elsewhere.
  func inPlace(_ kernel: @escaping Kernel) -> Kernel {
    var copies: [(from: BoundPlace, to: BoundPlace, bytes: Int)] = []
    for alias in node.op.aliases where alias.isRequired {
      let (from, to) = (input(alias.input), output(alias.output))
      guard from != to else { continue }
      copies.append((from, to, inputShape(alias.input).count * element(alias.input).byteCount))
    }
    guard !copies.isEmpty else { return kernel }
    return { call in
      for copy in copies {
        call.bytes(copy.to).copyMemory(from: call.bytes(copy.from), byteCount: copy.bytes)
      }
      kernel(call)
    }
  }

  private func place(_ value: Graph.Value) -> BoundPlace {
    let place = memory[value]
    let block = table.number(place.block)
    if case .frozen = parameters, case .parameter = place.block {
      placedParameters[block] = graph[value].parameter
    }
    return BoundPlace(
      block: block, offset: place.offset, imageStride: place.imageStride, pitch: place.pitch)
  }

  private func group(_ value: Graph.Value) -> Shape {
    let shape = shapes[value.index]
    guard images != batch, graph[value].type.dimensions.first == .batch,
      let cut = Shape([images] + shape.dimensions.dropFirst())
    else { return shape }
    return cut
  }
}
