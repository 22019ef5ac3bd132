import Basics
import Graphs
import Kernels
import Tensors

extension Pointwise: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    if builder.element(0) == .bf16 {
      let count = builder.inputShape(0).count
      return builder.bfloat16Kernel("rows.bf16.function") { [function] call, input, output in
        BFloat16Rows.apply(
          function, count: count, input: input, output: output, pool: call.pool)
      }
    }
    let (input, output) = (try builder.operand(0), builder.output(0))
    let (count, element) = (builder.inputShape(0).count, builder.element(0))
    return { [function] call in
      Elementwise.apply(
        function, element, count: count, input: input.bytes(call), output: call.bytes(output),
        pool: call.pool)
    }
  }
}

extension ElementCast: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (input, output) = (try builder.operand(0), builder.output(0))
    let (count, from) = (builder.inputShape(0).count, builder.element(0))
    if element == .bf16 {
      builder.unit.kernelName = "rows.bf16.round"
      return { call in
        BFloat16Rows.round(
          count: count, from: input.floats(call), to: call.bfloats(output), pool: call.pool)
      }
    }
    if from == .bf16 {
      builder.unit.kernelName = "rows.bf16.widen"
      return { call in
        BFloat16Rows.widen(
          count: count, from: input.bytes(call).assumingMemoryBound(to: BFloat16.self),
          to: call.floats(output), pool: call.pool)
      }
    }
    return { [element] call in
      Elementwise.convert(
        count: count, input.bytes(call), from: from, call.bytes(output), to: element,
        pool: call.pool)
    }
  }
}

extension Pairwise: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (first, output) = (try builder.operand(0), builder.output(0))
    let (function, element) = (function, builder.element(0))
    let own = builder.inputShape(0).dimensions
    guard let constant else {
      let second = try builder.operand(1)
      let rows = Broadcast(
        builder.outputShape(0).dimensions, operands: [own, builder.inputShape(1).dimensions])
      return { call in
        rows.apply(
          function, element, first.bytes(call), second.bytes(call), output: call.bytes(output),
          pool: call.pool)
      }
    }
    let number = ConstantElement(constant, element)
    let rows = Broadcast(own, operands: isConstantFirst ? [[], own] : [own, []])
    return { [isConstantFirst] call in
      number.withBytes { constant in
        let tensor = first.bytes(call)
        rows.apply(
          function, element, isConstantFirst ? constant : tensor,
          isConstantFirst ? tensor : constant, output: call.bytes(output), pool: call.pool)
      }
    }
  }
}

extension Choice: CompiledOperator {
  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (condition, output) = (try builder.operand(0), builder.output(0))
    var lengths = [builder.inputShape(0).dimensions]
    var (operands, numbers): ([Operand?], [ConstantElement]) = ([], [])
    for constant in [first, second] {
      numbers.append(ConstantElement(constant ?? 0, element))
      if constant == nil {
        lengths.append(builder.inputShape(1 + operands.count { $0 != nil }).dimensions)
        operands.append(try builder.operand(1 + operands.count { $0 != nil }))
      } else {
        lengths.append([])
        operands.append(nil)
      }
    }
    let rows = Broadcast(builder.outputShape(0).dimensions, operands: lengths)
    let (first, second) = (operands[0], operands[1])
    let (firstNumber, secondNumber) = (numbers[0], numbers[1])
    return { [byteCount = element.byteCount] call in
      firstNumber.withBytes { one in
        secondNumber.withBytes { other in
          rows.choose(
            condition.bytes(call), first.map { $0.bytes(call) } ?? one,
            second.map { $0.bytes(call) } ?? other, byteCount: byteCount,
            output: call.bytes(output), pool: call.pool)
        }
      }
    }
  }
}

/// One number as an element of a type.
private struct ConstantElement {
  /// Its bytes, the first of them at the front.
  private let bits: UInt64

  init(_ number: Double, _ element: DType) { bits = element.bits(of: number) }

  func withBytes(_ body: (UnsafeRawPointer) -> Void) {
    withUnsafeBytes(of: bits.littleEndian) { bytes in
      if let first = bytes.baseAddress { body(first) }
    }
  }
}
