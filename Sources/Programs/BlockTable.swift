import Graphs
import Tensors

/// The blocks of memory of a program, numbered: the arena, each parameter and the derivative by
/// it, each input, each output.
struct BlockTable {
  /// The graph's parameters, by their value's index.
  let parameters: [Parameter]
  /// Bytes from the start of the outputs' block, one an output; multiples of 64.
  let outputOffsets: [Int]
  /// Bytes of the outputs' block.
  let outputBytes: Int
  private let numbers: [Graph.Value: Int]
  private let inputCount: Int

  init(_ graph: Graph, _ shapes: [Shape]) {
    var parameters: [Parameter] = []
    var numbers: [Graph.Value: Int] = [:]
    for (index, value) in graph.values.enumerated() {
      guard let parameter = value.parameter else { continue }
      numbers[Graph.Value(index)] = parameters.count
      parameters.append(parameter)
    }
    var (offsets, bytes): ([Int], Int) = ([], 0)
    for port in graph.outputs {
      offsets.append(ArenaLayout.aligned(bytes))
      let size = shapes[port.value.index].count * graph[port.value].type.element.byteCount
      bytes = ArenaLayout.aligned(bytes) + size
    }
    (self.parameters, self.numbers) = (parameters, numbers)
    (outputOffsets, outputBytes, inputCount) = (offsets, bytes, graph.inputs.count)
  }

  /// Number of blocks.
  var count: Int { 1 + 2 * parameters.count + inputCount + outputOffsets.count }
  func parameter(_ index: Int) -> Int { 1 + index }
  func gradient(_ index: Int) -> Int { 1 + parameters.count + index }
  func input(_ index: Int) -> Int { 1 + 2 * parameters.count + index }
  func output(_ index: Int) -> Int { 1 + 2 * parameters.count + inputCount + index }

  /// The number of the block that a place is in.
  func number(_ block: MemoryPlan.Block) -> Int {
    switch block {
    case .arena: 0
    case .input(let index): input(index)
    case .output(let index): output(index)
    case .parameter(let value): parameter(numbers[value] ?? 0)
    case .gradient(let value): gradient(numbers[value] ?? 0)
    }
  }
}
