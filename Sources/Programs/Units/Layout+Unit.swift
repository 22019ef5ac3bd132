import Basics
import Graphs
import Kernels
import Tensors

extension Transpose: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let order = AxisPermutation(builder.inputShape(0).dimensions, permutation: permutation)
    builder.unit.leastBytes = 8 * builder.unit.input.count
    let (input, output) = (builder.input(0), builder.output(0))
    return { call in
      order.run(input: call.floats(input), output: call.floats(output), pool: call.pool)
    }
  }
}

extension Reshape: CompiledOperator {
  /// Copies the elements unless they lie where they should.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (builder.input(0), builder.output(0))
    let shape = builder.inputShape(0)
    let bytes = shape.count * builder.element(0).byteCount
    builder.unit.leastBytes = input == output ? 0 : 2 * bytes * builder.batch / builder.images
    return { call in
      let (source, target) = (call.bytes(input), call.bytes(output))
      if source != target { target.copyMemory(from: source, byteCount: bytes) }
    }
  }
}

extension ImagePadding: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.inputShape(0)
    builder.unit.leastBytes = 4 * (builder.unit.input.count + builder.unit.output.count)
    let (input, output) = (builder.input(0), builder.output(0))
    return { [border] call in
      border.add(
        images: image.N, rows: image.H, columns: image.W, channels: image.C,
        input: call.floats(input), output: call.floats(output), pool: call.pool)
    }
  }
}

extension ImageCropping: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.outputShape(0)
    builder.unit.phase = .backwardData
    builder.unit.leastBytes = 8 * builder.unit.output.count
    let (gradient, target) = (builder.input(0), builder.output(0))
    return { [border] call in
      border.remove(
        images: image.N, rows: image.H, columns: image.W, channels: image.C,
        input: call.floats(gradient), output: call.floats(target), pool: call.pool)
    }
  }
}
