import Graphs
import Harness
import Kernels
import Models
import Programs
import Tensors

/// Memory for all inputs of a program.
package final class InputBlock {
  private let memory: AlignedBuffer
  private let offsets: [Int]
  private let inputs: [Input]

  private struct Input {
    var name: String
    var element: DType
    var shape: Shape
    /// Rows of the table that its numbers pick from; nil where they pick from none.
    var tableRows: Int?

    /// A whole number for a place: a row of its table, or one below 1000, as every vocabulary has
    /// that many tokens.
    func number(_ place: Int, _ hash: HashFill) -> Int {
      let (words, rows) = (name.lowercased(), tableRows ?? 1000)
      if words.contains("mask") { return 1 }
      if words.contains("type") { return 0 }
      if words.contains("position") { return place % min(shape.dimensions.last ?? 1, rows) }
      return Int(hash.word(place)) % rows
    }
  }

  /// Memory for as many items as the program handles.
  ///
  /// - Parameters:
  ///   - program: What reads it.
  ///   - tables: Rows of the tables from which inputs pick, by their names.
  package init(for program: Program, tables: [String: Int] = [:]) {
    inputs = zip(program.graph.inputs, program.inputShapes).map { port, shape in
      Input(
        name: port.name, element: program.graph[port.value].type.element, shape: shape,
        tableRows: tables[port.name])
    }
    var (offsets, end) = ([Int](), 0)
    for input in inputs {
      offsets.append(end)
      end += (input.element.byteCount * input.shape.count + 63) / 64 * 64
    }
    self.offsets = offsets
    memory = AlignedBuffer(byteCount: max(end, 64))
  }

  /// Where an input lies.
  package func pointer(_ index: Int) -> UnsafeMutableRawPointer { memory.bytes + offsets[index] }

  /// Gives a program the last items of each input.
  ///
  /// - Parameter program: Of the same subject, for as many items or fewer; for one item also with
  ///   fewer tokens, which are the item's first.
  package func bindLast(to program: Program) {
    for (index, input) in inputs.enumerated() {
      let items = input.shape.N - program.inputShapes[index].N
      let surplus = items * (input.shape.count / input.shape.N)
      program.bind(index, to: pointer(index) + surplus * input.element.byteCount)
    }
  }

  /// Hides all tokens of each item behind the first ones.
  ///
  /// - Parameters:
  ///   - first: How many are shown.
  ///   - name: Of the input that does it, a row of 64-bit numbers for each item.
  func show(first: Int, by name: String) {
    guard let index = inputs.firstIndex(where: { $0.name == name }),
      inputs[index].element == .i64
    else { preconditionFailure("no input \(name) hides tokens") }
    let (numbers, width) = (elements(index, of: Int64.self), inputs[index].shape.C)
    for place in numbers.indices { numbers[place] = place % width < first ? 1 : 0 }
  }

  /// Fills all inputs from a seed: images that differ, floats of both signs, and for whole numbers
  /// tokens, masks that leave nothing out, and places in a row; truth values are drawn.
  package func fill(seed: UInt32) {
    for (index, input) in inputs.enumerated() {
      let (shape, hash) = (input.shape, HashFill(name: input.name, seed: seed))
      switch input.element {
      case .f32 where shape.rank == 4 && shape.H == shape.W && shape.H > 1:
        SeededImages.fill(shape, seed: seed, into: elements(index, of: Float.self))
      case .f32:
        let floats = elements(index, of: Float.self)
        for place in floats.indices { floats[place] = Float(2 * hash.unit(place) - 1) }
      case .i64: fill(index, of: Int64.self, hash)
      case .i32: fill(index, of: Int32.self, hash)
      case .i8: fill(index, of: Int8.self, hash)
      case .u8: fill(index, of: UInt8.self, hash)
      case .bool:
        let truths = elements(index, of: UInt8.self)
        let isMask = input.name.lowercased().contains("mask")
        for place in truths.indices { truths[place] = isMask ? 1 : UInt8(hash.word(place) & 1) }
      default: preconditionFailure("\(input.name) is of \(input.element.rawValue)")
      }
    }
  }

  private func fill<Number: FixedWidthInteger>(
    _ index: Int, of type: Number.Type, _ hash: HashFill
  ) {
    let numbers = elements(index, of: type)
    for place in numbers.indices {
      numbers[place] = Number(clamping: inputs[index].number(place, hash))
    }
  }

  /// The type and shape of an input.
  func type(_ index: Int) -> (element: DType, shape: Shape) {
    (inputs[index].element, inputs[index].shape)
  }

  /// The elements of an input.
  func elements<Number>(
    _ index: Int, of type: Number.Type
  ) -> UnsafeMutableBufferPointer<Number> {
    let count = inputs[index].shape.count
    return UnsafeMutableBufferPointer(
      start: pointer(index).bindMemory(to: type, capacity: count), count: count)
  }
}
