import Graphs
import Tensors

/// Where the values of a program lie: an arena shared by lifetimes, and what belongs to others.
///
/// Time is counted in nodes. What passes from one section of groups to another exists for the
/// whole batch, what lives inside a section for one group of images. An output lies where one of
/// the inputs lay, if its operator allows that and the input is not read again.
/// What a concatenation joins lies in its output from the beginning: see `ChannelRanges`. The elements
/// of a `Literal` have memory of their own throughout.
package struct MemoryPlan {
  /// A block of memory.
  package enum Block: Hashable, Sendable {
    /// What the program owns and shares by lifetimes.
    case arena
    /// An input of the graph, by its place among them.
    case input(Int)
    /// An output of the graph, by its place among them.
    case output(Int)
    /// A parameter.
    case parameter(Graph.Value)
    /// The derivative by a parameter.
    case gradient(Graph.Value)
  }

  /// A value's place.
  package struct Place: Hashable, Sendable {
    package var block: Block
    /// Bytes from the block's start to the first image's value.
    package var offset = 0
    /// Bytes from one image's value to the next; 0 where every group uses the same memory.
    package var imageStride = 0
    /// Elements from one row of channels to the next where the value is a part of a wider one; nil
    /// where rows follow one another.
    package var pitch: Int?
  }

  package let arenaBytes: Int
  /// One place a value.
  package let places: [Place]

  /// Gives each value a place.
  ///
  /// - Parameters:
  ///   - graph: With its passes applied.
  ///   - shapes: One a value, for the whole batch.
  ///   - groups: The sections that its nodes run in.
  package init(_ graph: Graph, _ shapes: [Shape], groups: ImageGroups) {
    var places = [Place?](repeating: nil, count: graph.values.count)
    func bytes(_ value: Graph.Value) -> Int {
      shapes[value.index].count * graph[value].type.element.byteCount
    }
    func hasImages(_ value: Graph.Value) -> Bool {
      graph[value].type.dimensions.first == .batch
    }
    // A convolution that adds its own image reads windows of it after it has begun to write.
    func mayReplace(_ alias: Alias, _ node: Graph.Node) -> Bool {
      node.inputs.indices.allSatisfy { place in
        node.inputs[place] != node.inputs[alias.input]
          || node.op.aliases.contains { $0.output == alias.output && $0.input == place }
      }
    }
    func fixed(_ value: Graph.Value, _ block: Block) {
      let stride = hasImages(value) ? bytes(value) / shapes[value.index].N : 0
      places[value.index] = Place(block: block, imageStride: stride)
    }
    for index in graph.values.indices where graph.values[index].parameter != nil {
      fixed(Graph.Value(index), .parameter(Graph.Value(index)))
    }
    for (index, port) in graph.inputs.enumerated() { fixed(port.value, .input(index)) }
    for (index, port) in graph.outputs.enumerated() { fixed(port.value, .output(index)) }
    for update in graph.updates { fixed(update.value, .parameter(update.parameter)) }
    for node in graph.nodes where node.op is any UpdateOperator {
      let count = node.outputs.count
      for (parameter, gradient) in zip(node.inputs[1...count], node.inputs[(1 + count)...]) {
        fixed(gradient, .gradient(parameter))
      }
    }
    for node in graph.nodes where node.op is GradientSum {
      for (own, sum) in zip(node.inputs, node.outputs) { places[own.index] = places[sum.index] }
    }
    // What a derivative begins as lies where that does, if nobody else reads it.
    let readers = graph.readers
    for node in graph.nodes.reversed() {
      for alias in node.op.aliases where alias.isRequired {
        let (input, output) = (node.inputs[alias.input], node.outputs[alias.output])
        if let place = places[output.index], case .gradient = place.block,
          places[input.index] == nil, readers[input.index].count == 1
        {
          places[input.index] = place
        }
      }
    }

    let ranges = ChannelRanges(graph, shapes)
    var lastReaders = graph.readers.map(\.last)
    let sections = groups.sectionOfStep
    var slots: [Int: (request: Int, isWhole: Bool)] = [:]
    var requests: [ArenaLayout.Request] = []
    for node in graph.nodes where node.op is Literal {
      let value = node.outputs[0]
      // Put in place once, it has to be there in each run: nothing else ever lies there.
      lastReaders[value.index] = nil
      guard places[value.index] == nil else { continue }
      slots[value.index] = (requests.count, true)
      requests.append(
        ArenaLayout.Request(bytes: bytes(value), first: 0, last: graph.nodes.count - 1))
    }
    for (index, node) in graph.nodes.enumerated() {
      var taken = Set<Int>()
      for (place, output) in node.outputs.enumerated() {
        let value = ranges.whole(output)
        guard places[value.index] == nil, slots[value.index] == nil else { continue }
        let last = lastReaders[value.index] ?? index
        let isWhole = sections[index] != sections[last]
        // Until the last group is through, a later group still needs what belongs to all.
        let (from, to) =
          isWhole
          ? (sections[index].steps.lowerBound, sections[last].steps.upperBound - 1)
          : (index, last)
        // What has no batch, and was computed before the groups begin, is read by each of them.
        let isOnce = hasImages(value) || !isWhole
        let reused = node.op.aliases.first { alias in
          let input = node.inputs[alias.input]
          return alias.output == place && value == output && lastReaders[input.index] == index
            && isOnce
            && slots[input.index]?.isWhole == isWhole && bytes(input) == bytes(value)
            && !taken.contains(input.index) && mayReplace(alias, node)
        }
        if let reused, let slot = slots[node.inputs[reused.input].index] {
          taken.insert(node.inputs[reused.input].index)
          slots[value.index] = slot
          requests[slot.request].last = to
        } else {
          slots[value.index] = (requests.count, isWhole)
          let group = hasImages(value) && !isWhole ? sections[index].images : shapes[value.index].N
          requests.append(
            ArenaLayout.Request(
              bytes: bytes(value) / shapes[value.index].N * group, first: from, last: to))
        }
      }
    }
    let layout = ArenaLayout(requests)
    arenaBytes = layout.byteCount
    for (index, slot) in slots {
      let value = Graph.Value(index)
      places[index] = Place(
        block: .arena, offset: layout.offsets[slot.request],
        imageStride: slot.isWhole && hasImages(value) ? bytes(value) / shapes[index].N : 0)
    }
    for (value, range) in ranges.ranges {
      places[value.index] = places[range.whole.index]
      places[value.index]?.offset += range.first * graph[value].type.element.byteCount
      places[value.index]?.pitch = shapes[range.whole.index].C
    }
    self.places = places.map { place in
      guard let place else { preconditionFailure("a value without a producer") }
      return place
    }
  }

  /// Where a value lies.
  package subscript(value: Graph.Value) -> Place { places[value.index] }
}
