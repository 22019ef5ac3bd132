import Basics
import Graphs
import Kernels
import Tensors

extension AxisSelection: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let (shape, element) = (builder.inputShape(0), builder.element(0))
    let copy = AxisCopy(
      shape.dimensions, picks: picks, width: element.byteCount,
      filling: element.bits(of: filling))
    builder.unit.leastBytes = 2 * builder.unit.output.count * element.byteCount
    return { call in
      copy.run(input: input.bytes(call), output: call.bytes(output), pool: call.pool)
    }
  }
}

extension AxisBlending: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let lengths = builder.inputShape(0).dimensions
    let blend = AxisBlend(
      outer: lengths[..<axis].reduce(1, *), length: lengths[axis],
      inner: lengths[(axis + 1)...].reduce(1, *), taps: taps, filling: Float(filling))
    return { call in
      blend.run(input: input.floats(call), output: call.floats(output), pool: call.pool)
    }
  }
}

extension Joining: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    /// Blocks of a part, as often as they are repeated.
    struct Part {
      var source: Operand
      /// Bytes of a block, and from the start of the output's.
      var (bytes, offset): (Int, Int)
      var (blocks, repeats): (Int, Int)
    }
    let (target, output) = (builder.output(0), builder.outputShape(0).dimensions)
    let blocks = output[..<axis].reduce(1, *)
    let pitch = output[axis...].reduce(builder.element(0).byteCount, *)
    var (parts, offset): ([Part], Int) = ([], 0)
    for index in builder.node.inputs.indices {
      let own = builder.inputShape(index).dimensions
      let bytes = own[axis...].reduce(builder.element(0).byteCount, *)
      let ownBlocks = own[..<axis].reduce(1, *)
      parts.append(
        Part(
          source: try builder.operand(index), bytes: bytes, offset: offset, blocks: ownBlocks,
          repeats: blocks / ownBlocks))
      offset += bytes
    }
    return { [parts] call in
      for part in parts {
        let (source, start) = (part.source.bytes(call), call.bytes(target) + part.offset)
        for image in 0..<part.repeats {
          BlockCopy.copy(
            blocks: part.blocks, bytes: part.bytes, from: (source, part.bytes),
            to: (start + image * part.blocks * pitch, pitch), pool: call.pool)
        }
      }
    }
  }
}

extension TriangularPart: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let (shape, width) = (builder.inputShape(0).dimensions, builder.element(0).byteCount)
    return { [diagonal, isUpper] call in
      Triangle.keep(
        matrices: shape.dropLast(2).reduce(1, *), rows: shape[shape.count - 2],
        columns: shape[shape.count - 1], diagonal: diagonal, isUpper: isUpper, width: width,
        input: input.bytes(call), output: call.bytes(output), pool: call.pool)
    }
  }
}

extension OneHotCoding: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let (given, type) = (builder.inputShape(0).dimensions, builder.element(0))
    let (outer, inner) = (given[..<axis].reduce(1, *), given[axis...].reduce(1, *))
    let width = element.byteCount
    let both: Operand
    if let values {
      let held = Operand.Held(byteCount: 2 * width)
      for (index, value) in values.enumerated() {
        let bits = element.bits(of: value)
        for byte in 0..<width {
          held.buffer.bytes.storeBytes(
            of: UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte)),
            toByteOffset: index * width + byte, as: UInt8.self)
        }
      }
      both = Operand(held)
    } else {
      both = try builder.operand(1)
    }
    return { [depth] call in
      let indices = input.bytes(call)
      OneHotRows.write(
        outer: outer, depth: depth, inner: inner, width: width,
        index: { place in
          switch type {
          case .i64: Int(indices.load(fromByteOffset: 8 * place, as: Int64.self))
          case .i32: Int(indices.load(fromByteOffset: 4 * place, as: Int32.self))
          default:
            Int(
              exactly: indices.load(fromByteOffset: 4 * place, as: Float.self).rounded(.towardZero))
              ?? Int.max
          }
        }, values: both.bytes(call), output: call.bytes(output))
    }
  }
}
