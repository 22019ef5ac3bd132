import Basics
import Graphs
import Kernels
import Tensors

extension Concatenation: CompiledOperator {
  /// Copies those parts that their operators have not written where they belong.
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    var (parts, target): ([RowsToCopy], BoundPlace) = ([], builder.output(0))
    target.pitch = target.pitch ?? builder.outputShape(0).C
    var floats = 0
    for index in builder.node.inputs.indices {
      let (source, shape) = (builder.input(index), builder.inputShape(index))
      if source != target {
        parts.append(RowsToCopy(from: source, to: target, shape: shape))
        floats += shape.count * builder.batch / builder.images
      }
      target.offset += shape.C * MemoryLayout<Float>.stride
    }
    builder.unit.leastBytes = 8 * floats
    return { [parts] call in parts.forEach { $0.copy(call) } }
  }
}

extension ChannelSlice: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    var source = builder.input(0)
    source.offset += first * MemoryLayout<Float>.stride
    source.pitch = builder.inputShape(0).C
    let rows = RowsToCopy(from: source, to: builder.output(0), shape: builder.outputShape(0))
    builder.unit.leastBytes = 8 * builder.unit.output.count
    return { call in rows.copy(call) }
  }
}

/// Rows of channels that go to another place.
private struct RowsToCopy {
  var from: BoundPlace
  var to: BoundPlace
  /// Of one group of images.
  var shape: Shape

  func copy(_ call: UnitCall) {
    RowCopy.copy(
      rows: shape.count / shape.C, channels: shape.C,
      from: (UnsafePointer(call.floats(from)), from.pitch ?? shape.C),
      to: (call.floats(to), to.pitch ?? shape.C), pool: call.pool)
  }
}
