import Basics
import Graphs
import Kernels
import Tensors

extension Transpose: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let (lengths, width) = (builder.inputShape(0).dimensions, builder.element(0).byteCount)
    if width == 1 {
      let order = AxisPermutation(lengths, permutation: permutation)
      return { call in
        order.runBytes(input: input.bytes(call), output: call.bytes(output), pool: call.pool)
      }
    }
    let order = AxisPermutation(lengths, permutation: permutation, width: width)
    return { call in
      order.run(input: input.floats(call), output: call.floats(output), pool: call.pool)
    }
  }
}

extension Reshape: CompiledOperator {
  /// Copies the elements unless they lie where they should.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let bytes = builder.inputShape(0).count * builder.element(0).byteCount
    if builder.input(0) == output { builder.unit.leastBytes = 0 }
    return { call in
      let (source, target) = (input.bytes(call), call.bytes(output))
      if source != UnsafeRawPointer(target) { target.copyMemory(from: source, byteCount: bytes) }
    }
  }
}

extension ImagePadding: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.inputShape(0)
    return builder.kernel { [border] call, input, output in
      border.add(
        images: image.N, rows: image.H, columns: image.W, channels: image.C, input: input,
        output: output, pool: call.pool)
    }
  }
}

extension ImageCropping: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let image = builder.outputShape(0)
    // The border is not read.
    builder.unit.leastBytes = 8 * builder.unit.output.count
    return builder.kernel { [border] call, gradient, target in
      border.remove(
        images: image.N, rows: image.H, columns: image.W, channels: image.C, input: gradient,
        output: target, pool: call.pool)
    }
  }
}
