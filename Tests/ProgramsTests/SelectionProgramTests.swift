import Basics
import Formats
import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing

/// Operators that imported models need and no network of ours has: their kernels beside their
/// references, over whole batches and groups of images.
@Suite struct SelectionProgramTests {
  /// Each over images of 8 x 8 x 4.
  static let operators: [any Operator] = [
    AxisSelection([nil, [7, 3, -1, 3], nil, nil], filling: 2),
    AxisSelection([nil, nil, [1, 2, 3, 7], [3, 2, 1, 0, -1]]),
    AxisSelection([nil, nil, nil, [2, 3]]), AxisSelection([nil, [0], [0, 0, 1, 1], nil]),
    AxisSelection([[2, 0], nil, [-1, 5, 6], nil], images: 4),
    AxisBlending(axis: 1, taps: blend), AxisBlending(axis: 2, taps: blend, filling: -3),
    AxisBlending(axis: 3, taps: [[AxisBlend.Tap(index: 3, weight: 2)], []]),
    Transpose([1, 0, 3, 2], images: 4), Reshape([32, 32], images: 4),
    TriangularPart(diagonal: -1, isUpper: true), TriangularPart(diagonal: 2, isUpper: false),
    IndexedReading(
      IndexedAccess(
        .slices(axis: 2), fixed: IndexedAccess.Fixed(values: [7, -8, 2], lengths: [3]))),
    IndexedReading(
      IndexedAccess(
        .rows(shared: 0), fixed: IndexedAccess.Fixed(values: [3, 1, -4, 7], lengths: [2, 2]),
        images: 4)),
    OneHotCoding(axis: 1, depth: 5, element: .f32, values: [-1, 2]),
    WindowPooling(.maximum, axes: [axis(3, 2, 1, 1, 0), axis(2, 3, 2, 0, 1)], roundsUp: true),
    WindowPooling(.mean(countsBorder: false), axes: [axis(4, 3, 1, 1, 2), axis(3, 2, 1, 2, 1)]),
    WindowPooling(
      .mean(countsBorder: true), axes: [axis(4, 3, 1, 1, 2), axis(3, 2, 2, 2, 1)], roundsUp: true),
    WindowPooling(.norm(p: 2), axes: [axis(8, 1, 1, 0, 0), axis(3, 1, 1, 0, 0)]),
    WindowPooling(.norm(p: 3), axes: [axis(2, 2, 1, 0, 0), axis(3, 1, 1, 1, 1)]),
    WindowPooling(
      .maximum, axes: [axis(3, 2, 1, 1, 0), axis(2, 1, 1, 0, 1)], isChannelsLast: false),
  ]

  private static let blend: [[AxisBlend.Tap]] = [
    [AxisBlend.Tap(index: 0, weight: 0.25), AxisBlend.Tap(index: 7, weight: 0.75)], [],
    [AxisBlend.Tap(index: 4, weight: 1)],
  ]

  private static func axis(
    _ size: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int
  ) -> WindowPooling.Axis {
    WindowPooling.Axis(
      size: size, stride: stride, dilation: dilation, before: before, after: after)
  }

  @Test(arguments: operators, [1 << 40, 4000])
  func computesWhatItsReferenceDoes(op: any Operator, cache: Int) throws {
    let graph = try ProgramTests().graph { builder, images in
      let apart = try builder.averagePool("apart", images, window: 1, stride: 1)
      builder.output("y", try builder.append("op", op, [apart])[0])
    }
    try ProgramTests().compare(graph, batch: 4, cache: cache)
  }

  @Test(arguments: [0, 1, 2, 3])
  func joinsAlongAnyAxis(axis: Int) throws {
    let graph = try ProgramTests().graph { builder, images in
      let turned = try builder.append(
        "turned", AxisSelection([nil, Array((0..<8).reversed()), nil, nil]), [images])[0]
      let one = builder.parameter(Parameter(name: "one", shape: [1, 8, 8, 4], role: .constant))
      let parts = axis == 0 ? [images, turned] : [images, one, turned]
      let op = Joining(axis: axis, images: axis == 0 ? 4 : nil)
      builder.output("y", try builder.append("join", op, parts)[0])
    }
    try ProgramTests().compare(graph, batch: 4, cache: axis == 0 ? 1 << 40 : 4000)
  }

  @Test func writesWhereFixedIndicesSay() throws {
    for reduction in [IndexedCopy.Reduction.none, .add, .mul, .min, .max] {
      let graph = try ProgramTests().graph { builder, images in
        let fixed = IndexedAccess.Fixed(
          values: [0, 5, 1, 2, 0, 5, -1, 7], lengths: [4, 2])
        let updates = builder.parameter(
          Parameter(name: "updates", shape: [4, 8, 4], role: .constant))
        let op = IndexedWriting(
          IndexedAccess(.rows(shared: 0), fixed: fixed, images: 4), reduction: reduction)
        builder.output("y", try builder.append("write", op, [images, updates])[0])
      }
      try ProgramTests().compare(graph, batch: 4)
    }
  }

  /// Over images that are seen as `N C H W`, with filters and biases that are parameters.
  @Test(arguments: [
    LoopConvolution(axes: [LoopConvolution.Axis(stride: 2, before: 1), LoopConvolution.Axis()]),
    LoopConvolution(
      axes: [LoopConvolution.Axis(dilation: 3, after: 2), LoopConvolution.Axis(stride: 3)],
      groups: 2),
    LoopConvolution(
      axes: [
        LoopConvolution.Axis(stride: 2, before: 1, extra: 1),
        LoopConvolution.Axis(stride: 3, dilation: 2, after: 1),
      ], groups: 2, isTransposed: true),
  ])
  func convolvesByLoops(op: LoopConvolution) throws {
    let graph = try ProgramTests().graph { builder, images in
      let shape = op.isTransposed ? [8, 3, 2, 3] : [6, 8 / op.groups, 2, 3]
      let filters = builder.parameter(Parameter(name: "w", shape: shape, role: .constant))
      let bias = builder.parameter(Parameter(name: "b", shape: [6], role: .constant))
      builder.output("y", try builder.append("conv", op, [images, filters, bias])[0])
    }
    try ProgramTests().compare(graph, batch: 3)
  }

  /// Over the whole batch, cut or not: each of 32 pixels of 8 channels meets 3 filters of 6 taps.
  @Test(arguments: [1 << 40, 4000])
  func countsTheWorkOfLoops(cache: Int) throws {
    let graph = try ProgramTests().graph { builder, images in
      let filters = builder.parameter(Parameter(name: "w", shape: [8, 3, 2, 3], role: .constant))
      let axis = LoopConvolution.Axis()
      let op = LoopConvolution(axes: [axis, axis], groups: 2, isTransposed: true)
      builder.output("y", try builder.append("conv", op, [images, filters])[0])
    }
    let program = try ProgramTests().compare(graph, batch: 4, cache: cache)
    #expect(program.directFLOPs == MACs(4 * 32 * 8 * 3 * 6).flops)
    #expect(program.executedFLOPs == program.directFLOPs)
  }

  /// Rows of 4 of the images as coordinates in others, of which some lie outside.
  @Test(arguments: [GridSampler.Mode.nearest, .linear, .cubic])
  func looksAtCoordinates(mode: GridSampler.Mode) throws {
    for border in [GridSampler.Border.zeros, .border, .reflection] {
      let graph = try ProgramTests().graph { builder, images in
        let grid = builder.parameter(Parameter(name: "grid", shape: [1, 5, 3, 2], role: .constant))
        let wide = AxisBlending(
          axis: 1, taps: (0..<5).map { [AxisBlend.Tap(index: $0, weight: 1.7)] })
        let places = try builder.append("wide", wide, [grid])[0]
        let op = GridReading(mode, border: border, alignsCorners: mode == .linear)
        builder.output("y", try builder.append("look", op, [images, places])[0])
      }
      try ProgramTests().compare(graph, batch: 3, bound: mode == .nearest ? 1e-6 : 1e-5)
    }
  }

  /// What is known before any run is put in place once, and stays there in every run: for groups of
  /// images, and behind operators that write where their input lay.
  @Test(arguments: [1 << 40, 4000])
  func keepsKnownValuesInPlace(cache: Int) throws {
    let numbers = (0..<256).map { 0.5 + Float($0) / 128 }
    let graph = try ProgramTests().graph { builder, images in
      let type = TensorType(.f32, [1, 8, 8, 4])
      let known = Literal(type, numbers.withUnsafeBytes { Array($0) })
      var value = try builder.append("first", Pointwise(.absolute), [images])[0]
      value = try builder.append("second", Pointwise(.sigmoid), [value])[0]
      let literal = try builder.append("known", known, [])[0]
      let changed = try builder.append("changed", Pointwise(.negate), [literal])[0]
      value = try builder.append("product", Pairwise(.multiply), [value, changed])[0]
      builder.output("y", try builder.append("last", Pairwise(.add), [literal, value])[0])
      builder.output("known", try builder.append("given", known, [])[0])
    }
    try ProgramTests().compare(graph, batch: 3, cache: cache, bound: 1e-6)
  }

  /// An embedding: a table of parameters, and ids of which some name nothing.
  @Test(arguments: [DType.i64, .i32])
  func readsRowsThatComputedIndicesName(type: DType) throws {
    var builder = GraphBuilder()
    let ids = builder.input("ids", TensorType(type, [.batch, 3]))
    let table = builder.parameter(Parameter(name: "table", shape: [5, 4], role: .constant))
    let op = IndexedReading(IndexedAccess(.slices(axis: 0)))
    builder.output("y", try builder.append("rows", op, [table, ids])[0])
    let program = try Program(
      builder.graph(), parameters: .frozen(ProgramTests.Weights()), batch: 2,
      pool: ThreadPool(threads: 2)
    ) { _, shape, _ in ConvPlan.native(shape, allowsWinograd: false) }
    let given = [4, -5, 5, 0, 1 << 30, -6]
    let memory = AlignedBuffer(byteCount: 48)
    for (place, id) in given.enumerated() {
      if type == .i64 {
        memory.bytes.storeBytes(of: Int64(id), toByteOffset: 8 * place, as: Int64.self)
      } else {
        memory.bytes.storeBytes(of: Int32(id), toByteOffset: 4 * place, as: Int32.self)
      }
    }
    program.bind(0, to: memory.bytes)
    program.run()
    let rows = try ProgramTests.Weights().values(
      Parameter(name: "table", shape: [5, 4], role: .constant))
    let output = program.output(0).assumingMemoryBound(to: Float.self)
    for (place, id) in given.enumerated() {
      for c in 0..<4 {
        let value = output[place * 4 + c]
        if (-5..<5).contains(id) {
          #expect(value == rows[(id + 5) % 5 * 4 + c])
        } else {
          #expect(value.isNaN)
        }
      }
    }
  }
}
