import Basics
import Graphs
import Kernels
import Tensors

extension IndexedReading: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (data, output) = (try builder.operand(0), builder.output(0))
    let indices = try access.indices(builder)
    let places = access.places(builder.inputShape(0), indices.shape)
    let element = builder.element(0)
    builder.unit.leastBytes = 2 * builder.unit.output.count * element.byteCount
    return { call in
      IndexedCopy.read(
        places, indices: IndexList(indices.source.bytes(call), isWide: indices.isWide),
        width: element.byteCount, isFloat: element.isFloat, input: data.bytes(call),
        output: call.bytes(output), pool: call.pool)
    }
  }
}

extension IndexedWriting: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (data, output) = (try builder.operand(0), builder.output(0))
    let updates = try builder.operand(builder.node.inputs.count - 1)
    let indices = try access.indices(builder)
    let shape = builder.inputShape(0)
    let places = access.places(shape, indices.shape)
    let width = builder.element(0).byteCount
    return { [reduction] call in
      let list = IndexList(indices.source.bytes(call), isWide: indices.isWide)
      call.bytes(output).copyMemory(from: data.bytes(call), byteCount: shape.count * width)
      if reduction == .none {
        IndexedCopy.write(
          places, indices: list, width: width, updates: updates.bytes(call),
          output: call.bytes(output))
      } else {
        IndexedCopy.reduce(
          places, indices: list, reduction: reduction, updates: updates.floats(call),
          output: call.floats(output))
      }
    }
  }
}

extension IndexedAccess {
  /// The indices of a unit, the input of that number where they are not fixed, and whether they have 64
  /// bits.
  func indices(
    _ builder: UnitBuilder, at input: Int = 1
  ) throws(Problem) -> (source: Operand, shape: Shape, isWide: Bool) {
    if let fixed, let shape = Shape(fixed.lengths) {
      return (Operand(fixed.values), shape, true)
    }
    return (
      try builder.operand(input), builder.inputShape(input), builder.element(input) == .i64
    )
  }
}

extension GridReading: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (image, grid, output) = (
      try builder.operand(0), try builder.operand(1), builder.output(0)
    )
    let sampler = sampler(builder.inputShape(0), builder.inputShape(1))
    return { call in
      sampler.run(
        input: image.floats(call), grid: grid.floats(call), output: call.floats(output),
        pool: call.pool)
    }
  }
}
