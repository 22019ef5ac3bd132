import Basics
import Graphs
import Kernels
import Tensors

extension LinearQuantization: CompiledOperator {
  var kernelName: String? { "rows.i8.quantize" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, range) = (builder.inputShape(0), QuantizedRange(quantization))
    let (input, output) = (try builder.operand(0), builder.output(0))
    return { call in
      QuantizedRows.quantize(
        rows: shape.count / shape.C, channels: shape.C,
        from: PitchedRows(input.floats(call), pitch: shape.C),
        to: PitchedRows(call.steps(output), pitch: output.pitch ?? shape.C), as: range,
        pool: call.pool)
    }
  }
}

extension LinearDequantization: CompiledOperator {
  var kernelName: String? { "rows.i8.dequantize" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (input, output) = (builder.input(0), builder.output(0))
    return { [quantization] call in
      QuantizedRows.dequantize(
        rows: shape.count / shape.C, channels: shape.C,
        from: PitchedRows(UnsafePointer(call.steps(input)), pitch: shape.C), of: quantization,
        to: PitchedRows(call.floats(output), pitch: output.pitch ?? shape.C), pool: call.pool)
    }
  }
}

extension ByteMapping: CompiledOperator {
  var kernelName: String? { function == nil ? "rows.i8.requantize" : "rows.i8.table" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, range) = (builder.inputShape(0), QuantizedRange(self.output))
    let (source, target) = (builder.input(0), builder.output(0))
    guard function == nil else {
      let table = ByteTable(from: input, to: range) { self.value(at: $0) }
      return { call in
        table.apply(
          count: shape.count, input: UnsafePointer(call.steps(source)),
          output: call.steps(target), pool: call.pool)
      }
    }
    return { [input] call in
      QuantizedRows.requantize(
        rows: shape.count / shape.C, channels: shape.C,
        from: PitchedRows(UnsafePointer(call.steps(source)), pitch: shape.C), of: input,
        to: PitchedRows(call.steps(target), pitch: target.pitch ?? shape.C), as: range,
        pool: call.pool)
    }
  }
}

extension ByteAddition: CompiledOperator {
  var phase: Program.Phase { .norm }
  var kernelName: String? { "rows.i8.add" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let shape = builder.inputShape(0)
    let (left, right, target) = (builder.input(0), builder.input(1), builder.output(0))
    return { [operands, total] call in
      func rows(_ place: BoundPlace) -> PitchedRows<UnsafePointer<UInt8>> {
        PitchedRows(UnsafePointer(call.steps(place)), pitch: shape.C)
      }
      QuantizedAddition.add(
        rows: shape.count / shape.C, channels: shape.C, rows(left), of: operands[0], rows(right),
        of: operands[1], to: PitchedRows(call.steps(target), pitch: shape.C), as: total,
        pool: call.pool)
    }
  }
}

extension ByteAveragePooling: CompiledOperator {
  var kernelName: String? { "pool.i8" }

  func compile(_ builder: UnitBuilder) throws(Problem) -> Kernel {
    let (shape, range) = (shape(builder.inputShape(0)), QuantizedRange(self.output))
    let (source, target) = (builder.input(0), builder.output(0))
    return { [input] call in
      QuantizedPool.mean(
        shape, countsBorder: true, input: UnsafePointer(call.steps(source)), of: input,
        output: call.steps(target), as: range, pitch: target.pitch, pool: call.pool)
    }
  }
}

extension UnitBuilder {
  /// What a maximum pool over bytes does.
  func maximumOfBytes(_ pool: MaxPooling) -> Kernel {
    let shape = WindowShape(pool.windows(inputShape(0)))
    let (source, target) = (input(0), output(0))
    unit.kernelName = "pool.i8"
    return { call in
      QuantizedPool.maximum(
        shape, input: UnsafePointer(call.steps(source)), output: call.steps(target),
        pitch: target.pitch, pool: call.pool)
    }
  }
}

extension UnitCall {
  /// A value's first byte for this group, where its elements are bytes.
  func steps(_ place: BoundPlace) -> UnsafeMutablePointer<UInt8> {
    bytes(place).assumingMemoryBound(to: UInt8.self)
  }
}
