import Basics
import Graphs
import Kernels
import Tensors

extension Concatenation: CompiledOperator {
  /// Copies those parts that their operators have not written where they belong.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    var (parts, target): ([RowsToCopy], BoundPlace) = ([], builder.output(0))
    target.pitch = target.pitch ?? builder.outputShape(0).C
    let width = builder.element(0).byteCount
    var count = 0
    for index in builder.node.inputs.indices {
      let (source, shape) = (builder.input(index), builder.inputShape(index))
      if source != target {
        parts.append(RowsToCopy(from: source, to: target, shape: shape, width: width))
        count += shape.count * builder.batch / builder.images
      }
      target.offset += shape.C * width
    }
    builder.unit.leastBytes = 2 * width * count
    return { [parts] call in parts.forEach { $0.copy(call) } }
  }
}

extension ChannelSlice: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    var source = builder.input(0)
    let width = builder.element(0).byteCount
    source.offset += first * width
    source.pitch = builder.inputShape(0).C
    let rows = RowsToCopy(
      from: source, to: builder.output(0), shape: builder.outputShape(0), width: width)
    builder.unit.leastBytes = 2 * width * builder.unit.output.count
    return { call in rows.copy(call) }
  }
}

/// Rows of channels that go to another place.
private struct RowsToCopy {
  var from: BoundPlace
  var to: BoundPlace
  /// Of one group of images.
  var shape: Shape
  /// Bytes of an element.
  var width = MemoryLayout<Float>.stride

  func copy(_ call: UnitCall) {
    guard width == MemoryLayout<Float>.stride else {
      return BlockCopy.copy(
        blocks: shape.count / shape.C, bytes: shape.C * width,
        from: (UnsafeRawPointer(call.bytes(from)), (from.pitch ?? shape.C) * width),
        to: (call.bytes(to), (to.pitch ?? shape.C) * width), pool: call.pool)
    }
    RowCopy.copy(
      rows: shape.count / shape.C, channels: shape.C,
      from: (UnsafePointer(call.floats(from)), from.pitch ?? shape.C),
      to: (call.floats(to), to.pitch ?? shape.C), pool: call.pool)
  }
}
