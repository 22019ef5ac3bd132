import Basics
import Graphs
import Kernels
import Tensors

extension Reduction: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let lengths = builder.inputShape(0).dimensions
    switch builder.element(0) {
    case .i32: return whole(builder, lengths, of: Int32.self)
    case .i64: return whole(builder, lengths, of: Int64.self)
    case .bool: return whole(builder, lengths, of: UInt8.self)
    default:
      let reduction = AxisReduction(kind, lengths: lengths, axes: axes)
      return builder.kernel { call, input, output in
        reduction.run(input: input, output: output, pool: call.pool)
      }
    }
  }

  private func whole<Element: FixedWidthInteger>(
    _ builder: UnitBuilder, _ lengths: [Int], of _: Element.Type
  ) -> Kernel {
    let (input, output) = (builder.input(0), builder.output(0))
    return { [kind, axes] call in
      WholeReduction.run(
        kind, lengths: lengths, axes: axes,
        input: call.bytes(input).assumingMemoryBound(to: Element.self),
        output: call.bytes(output).assumingMemoryBound(to: Element.self))
    }
  }
}

/// An operator that compares the elements of lines.
protocol ComparesLines: CompiledOperator {
  /// What it calls for elements of one type.
  func kernel<Element: Comparable>(_ builder: UnitBuilder, of _: Element.Type) -> Kernel
}

extension ComparesLines {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    switch builder.element(0) {
    case .i32: kernel(builder, of: Int32.self)
    case .i64: kernel(builder, of: Int64.self)
    default: kernel(builder, of: Float.self)
    }
  }
}

extension LineExtreme: ComparesLines {
  func kernel<Element: Comparable>(
    _ builder: UnitBuilder, of _: Element.Type
  ) -> Kernel {
    let lines = AxisLines(builder.inputShape(0).dimensions, axis: axis)
    let (input, output) = (builder.input(0), builder.output(0))
    return { [isSmallest, takesLast] call in
      LineExtremes.places(
        lines, isSmallest: isSmallest, takesLast: takesLast,
        input: UnsafePointer(call.bytes(input).assumingMemoryBound(to: Element.self)),
        output: call.bytes(output).assumingMemoryBound(to: Int64.self), pool: call.pool)
    }
  }
}

extension LineSelection: ComparesLines {
  func kernel<Element: Comparable>(
    _ builder: UnitBuilder, of _: Element.Type
  ) -> Kernel {
    let lines = AxisLines(builder.inputShape(0).dimensions, axis: axis)
    let (input, values, places) = (builder.input(0), builder.output(0), builder.output(1))
    return { [count, isSmallest] call in
      LineOrder.run(
        lines, count: count, isSmallest: isSmallest,
        input: UnsafePointer(call.bytes(input).assumingMemoryBound(to: Element.self)),
        values: call.bytes(values).assumingMemoryBound(to: Element.self),
        places: call.bytes(places).assumingMemoryBound(to: Int64.self), pool: call.pool)
    }
  }
}

extension RunningSum: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    switch builder.element(0) {
    case .i32: kernel(builder, from: Int32(0)) { $0 &+ $1 }
    case .i64: kernel(builder, from: Int64(0)) { $0 &+ $1 }
    default: kernel(builder, from: Float(0)) { $0 + $1 }
    }
  }

  private func kernel<Element>(
    _ builder: UnitBuilder, from zero: Element, _ add: @escaping (Element, Element) -> Element
  ) -> Kernel {
    let lines = AxisLines(builder.inputShape(0).dimensions, axis: axis)
    let (input, output) = (builder.input(0), builder.output(0))
    return { [isExclusive, isReversed] call in
      LineSums.run(
        lines, from: zero, isExclusive: isExclusive, isReversed: isReversed,
        input: UnsafePointer(call.bytes(input).assumingMemoryBound(to: Element.self)),
        output: call.bytes(output).assumingMemoryBound(to: Element.self), pool: call.pool,
        add: add)
    }
  }
}
