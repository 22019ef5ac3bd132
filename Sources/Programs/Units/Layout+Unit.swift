import Basics
import Graphs
import Kernels
import Tensors

extension Transpose: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let order = AxisPermutation(builder.inputShape(0).dimensions, permutation: permutation)
    return builder.kernel { call, input, output in
      order.run(input: input, output: output, pool: call.pool)
    }
  }
}

extension Reshape: CompiledOperator {
  /// Copies the elements unless they lie where they should.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (builder.input(0), builder.output(0))
    let bytes = builder.inputShape(0).count * builder.element(0).byteCount
    if input == output { builder.unit.leastBytes = 0 }
    return { call in
      let (source, target) = (call.bytes(input), call.bytes(output))
      if source != target { target.copyMemory(from: source, byteCount: bytes) }
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
