import Tensors

/// The specification of backward-data in bfloat16: that of float32 on widened derivatives and rounded
/// filters, with sums in float64, rounded to float32 and, where that is stored, to bfloat16.
final class BFloat16ReferenceBackwardData: CompiledBFloat16BackwardData {
  let shape: ConvShape
  let algorithm = BFloat16Algorithm.reference

  private let output: DType
  private let accumulates: Bool
  private let plain: ReferenceBackwardData

  init(_ shape: ConvShape, output: DType, accumulates: Bool) {
    (self.shape, self.output, self.accumulates) = (shape, output, accumulates)
    plain = ReferenceBackwardData(shape)
  }

  var workspaceByteCount: Int { 4 * (shape.outputCount + shape.filterCount + shape.inputCount) }

  func run(_ operands: BFloat16BackwardDataOperands, pool: ThreadPool) {
    let floats = operands.workspace.assumingMemoryBound(to: Float.self)
    let (filters, result) = (
      floats + shape.outputCount, floats + shape.outputCount + shape.filterCount
    )
    for i in 0..<shape.outputCount { floats[i] = operands.outputGradient[i].value }
    for i in 0..<shape.filterCount { filters[i] = BFloat16(operands.filters[i]).value }
    let target = operands.inputGradient
    if accumulates {
      for i in 0..<shape.inputCount {
        result[i] = Float(output.number(i, in: UnsafeRawPointer(target)))
      }
    }
    plain.run(
      BackwardDataOperands(
        outputGradient: UnsafePointer(floats), filters: UnsafePointer(filters),
        inputGradient: result, accumulates: accumulates, workspace: floats),
      pool: pool)
    for i in 0..<shape.inputCount {
      if output == .bf16 {
        target.storeBytes(of: BFloat16(result[i]).bits, toByteOffset: 2 * i, as: UInt16.self)
      } else {
        target.storeBytes(of: result[i], toByteOffset: 4 * i, as: Float.self)
      }
    }
  }
}

/// The specification of backward-weights in bfloat16: that of float32 on widened numbers, with sums in
/// float64, rounded once.
///
/// Zeros of the border are multiplied, also with infinities.
final class BFloat16ReferenceBackwardWeights: CompiledBFloat16BackwardWeights {
  let shape: ConvShape
  let algorithm = BFloat16Algorithm.reference

  private let plain: ReferenceBackwardWeights

  init(_ shape: ConvShape) {
    self.shape = shape
    plain = ReferenceBackwardWeights(shape)
  }

  var workspaceByteCount: Int { 4 * (shape.outputCount + shape.inputCount) }

  func run(_ operands: BFloat16BackwardWeightsOperands, pool: ThreadPool) {
    let gradient = operands.workspace.assumingMemoryBound(to: Float.self)
    let input = gradient + shape.outputCount
    for i in 0..<shape.outputCount { gradient[i] = operands.outputGradient[i].value }
    for i in 0..<shape.inputCount { input[i] = operands.input[i].value }
    plain.run(
      BackwardWeightsOperands(
        input: UnsafePointer(input), outputGradient: UnsafePointer(gradient),
        filterGradient: operands.filterGradient, workspace: gradient),
      pool: pool)
  }
}
