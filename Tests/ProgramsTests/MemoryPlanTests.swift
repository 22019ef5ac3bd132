import Graphs
import Kernels
import Models
import Programs
import Tensors
import Testing

/// Where values lie: apart while both are wanted, and no further apart than that.
@Suite struct MemoryPlanTests {
  @Test func packsByLifetime() {
    let layout = ArenaLayout([
      .init(bytes: 100, first: 0, last: 1), .init(bytes: 64, first: 1, last: 2),
      .init(bytes: 128, first: 2, last: 3),
    ])
    #expect(layout.offsets == [0, 128, 0])
    #expect(layout.byteCount == 192)
    #expect(ArenaLayout([]).byteCount == 0)
  }

  /// Bytes that each value occupies, and from which node until which.
  private func check(_ graph: Graph, batch: Int, cache: Int) throws {
    let shapes = try graph.shapes(["batch": batch])
    let groups = ImageGroups(
      graph, shapes, batch: batch, threads: 1, caches: CacheSizes(l1: 1, l2: 1, l3: cache))
    let plan = MemoryPlan(graph, shapes, groups: groups)
    let sections = groups.sectionOfStep
    var lives: [(value: Graph.Value, bytes: Range<Int>, nodes: ClosedRange<Int>)] = []
    for (index, node) in graph.nodes.enumerated() {
      for value in node.outputs where plan[value].block == .arena {
        let last = graph.readers[value.index].max() ?? index
        let passes = sections[index] != sections[last]
        let whole = shapes[value.index].count * graph[value].type.element.byteCount
        let cut = graph[value].type.dimensions.first == .batch
        let bytes = cut && !passes ? whole / batch * sections[index].images : whole
        #expect(plan[value].offset % 64 == 0)
        #expect(plan[value].offset + bytes <= plan.arenaBytes)
        #expect(plan[value].imageStride == (passes ? whole / batch : 0))
        let nodes =
          passes
          ? sections[index].steps.lowerBound...sections[last].steps.upperBound - 1 : index...last
        lives.append((value, plan[value].offset..<plan[value].offset + bytes, nodes))
      }
    }
    for (place, one) in lives.enumerated() {
      for other in lives[(place + 1)...]
      where one.bytes.overlaps(other.bytes) && one.nodes.overlaps(other.nodes) {
        let writer = try #require(
          graph.nodes.firstIndex { $0.outputs.contains(other.value) })
        let node = graph.nodes[writer]
        let isAlias = node.op.aliases.contains {
          node.inputs[$0.input] == one.value && node.outputs[$0.output] == other.value
        }
        #expect(
          isAlias && one.bytes == other.bytes,
          "\(graph[one.value].name) and \(graph[other.value].name) overlap")
      }
    }
  }

  @Test(arguments: ["resnet18", "resnet50", "resnet20", "alexnet", "alexnet-small"])
  func keepsApartWhatIsWantedAtOnce(name: String) throws {
    let network = try Network.named(name, classes: 10)
    let size = max(64, network.minimumInputSize)
    for cache in [1 << 20, 4 << 20, 1 << 40] {
      try check(network.inferenceGraph(inputSize: size), batch: 4, cache: cache)
    }
    try check(network.trainingGraph(inputSize: size), batch: 4, cache: 1 << 20)
  }

  @Test func putsAResidualSumWhereTheResidualLay() throws {
    let network = try Network.named("resnet18", classes: 10)
    let graph = network.inferenceGraph(inputSize: 64)
    let shapes = try graph.shapes(["batch": 1])
    let groups = ImageGroups(graph, shapes, batch: 1, threads: 1, caches: .current)
    let plan = MemoryPlan(graph, shapes, groups: groups)
    let sums = graph.nodes.filter { ($0.op as? Convolution)?.residualInput != nil }
    #expect(sums.count == 8)
    for node in sums { #expect(plan[node.outputs[0]] == plan[try #require(node.inputs.last)]) }
  }

  @Test func givesOutputsAndParametersTheirOwnPlaces() throws {
    let graph = try Network.named("resnet20", classes: 10).trainingGraph(inputSize: 28)
    let shapes = try graph.shapes(["batch": 2])
    let groups = ImageGroups(graph, shapes, batch: 2, threads: 1, caches: .current)
    #expect(groups.sections.map(\.images) == [2])
    let plan = MemoryPlan(graph, shapes, groups: groups)
    #expect(plan[graph.outputs[0].value].block == .output(0))
    for update in graph.updates {
      #expect(plan[update.value].block == .parameter(update.parameter))
    }
    let descent = try #require(graph.nodes.first { $0.op is MomentumDescent })
    let count = descent.outputs.count
    for index in 1...count {
      #expect(plan[descent.inputs[index + count]].block == .gradient(descent.inputs[index]))
    }
  }

  /// A value without a batch is computed in its place again for every group that reads it.
  @Test func keepsWhatEveryGroupReads() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 1, 1, 1024]))
    func constant(_ name: String, _ shape: [Int]) -> Graph.Value {
      builder.parameter(Parameter(name: name, shape: shape, role: .constant))
    }
    let twice = Pairwise(.multiply, constant: 2)
    let before = try builder.append("before", twice, [constant("row", [1024])])[0]
    var value = try builder.convolution("first", images, filters: 1024, window: 1)
    value = try builder.append("wide", Pairwise(.add), [value, constant("all", [8, 8, 1024])])[0]
    let after = try builder.append("after", Pointwise(.sigmoid), [before])[0]
    value = try builder.append("scaled", Pairwise(.multiply), [value, after])[0]
    value = try builder.append("act", Pointwise(.sigmoid), [value])[0]
    value = try builder.convolution(
      "last", builder.averagePool("mean", value), filters: 1024, window: 1)
    builder.output("y", try builder.append("y", Pairwise(.add), [value, after])[0])
    let graph = try builder.graph()
    let shapes = try graph.shapes(["batch": 4])
    let groups = ImageGroups(
      graph, shapes, batch: 4, threads: 1, caches: CacheSizes(l1: 1, l2: 1, l3: 4 << 20))
    #expect(groups.sections.map(\.images) == [4, 1, 4])
    let plan = MemoryPlan(graph, shapes, groups: groups)
    #expect(plan[before] != plan[after])
  }

  @Test func putsBranchesWhereTheyMeet() throws {
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 8, 8, 4]))
    let a = try builder.convolution("a", images, filters: 3, window: 1)
    let b = try builder.maxPool("b", images, window: 1, stride: 1)
    let inner = try builder.append("inner", Concatenation(), [a, b])[0]
    let c = try builder.convolution("c", images, filters: 5, window: 1)
    let outer = try builder.append("outer", Concatenation(), [c, inner])[0]
    builder.output("y", try builder.convolution("last", outer, filters: 2, window: 1))
    let graph = try builder.graph()
    let shapes = try graph.shapes(["batch": 2])
    let groups = ImageGroups(graph, shapes, batch: 2, threads: 1, caches: .current)
    let plan = MemoryPlan(graph, shapes, groups: groups)
    let base = plan[outer]
    #expect(base.block == .arena && base.pitch == nil)
    for (value, channel) in [(c, 0), (inner, 5), (a, 5), (b, 8)] {
      var place = base
      (place.offset, place.pitch) = (base.offset + 4 * channel, 12)
      #expect(plan[value] == place, "\(graph[value].name)")
    }
    #expect(plan.arenaBytes == 4 * 12 * 64 * (groups.sections.map(\.images).max() ?? 0))
  }
}
