import Tensors

/// The specification of a convolution of bfloat16: plain loops in float64, in the order window row,
/// window column, channel, then bias, residual and activation, rounded to float32 and, where that is
/// stored, to bfloat16.
///
/// Nothing is added in the border. Products of two bfloat16 are exact.
final class BFloat16Reference: CompiledBFloat16Convolution, @unchecked Sendable {
  let shape: ConvShape
  let algorithm = BFloat16Algorithm.reference
  let epilogue: BFloat16Epilogue
  let workspaceByteCount = 0

  private var weights: [Double]
  private var bias: [Double]

  /// Copies the filters; without some, all are 0 until `load` is called.
  init(_ shape: ConvShape, filters: BFloat16Filters?, epilogue: BFloat16Epilogue) {
    (self.shape, self.epilogue) = (shape, epilogue)
    weights = (0..<shape.filterCount).map { Double(filters?.weights[$0].value ?? 0) }
    bias = (0..<shape.K).map { Double(filters?.bias?[$0] ?? 0) }
  }

  func load(weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool) {
    for index in self.weights.indices {
      self.weights[index] = Double(BFloat16(weights[index]).value)
    }
    for k in self.bias.indices { self.bias[k] = Double(bias?[k] ?? 0) }
  }

  func run(_ operands: BFloat16Operands, pool: ThreadPool) {
    precondition(epilogue.residual == nil || operands.residual != nil, "the residual is missing")
    let pitch = operands.pitch ?? shape.K
    weights.withUnsafeBufferPointer { weights in
      pool.forEachShare(of: shape.N * shape.P) { rows in
        for row in rows {
          for q in 0..<shape.Q {
            let at = (row * shape.Q + q) * pitch
            for k in 0..<shape.K {
              let sum = bias[k] + products(operands.input, weights, row, q, k)
              store(sum, operands, at + k)
            }
          }
        }
      }
    }
  }

  /// The products under one window.
  private func products(
    _ input: UnsafePointer<BFloat16>, _ weights: UnsafeBufferPointer<Double>, _ row: Int,
    _ q: Int, _ k: Int
  ) -> Double {
    let (image, p) = (row / shape.P, row % shape.P)
    let channels = shape.C / shape.groups
    let first = k / (shape.K / shape.groups) * channels
    var sum = 0.0
    for r in 0..<shape.R {
      let h = shape.row(p, r)
      guard h >= 0, h < shape.H else { continue }
      for s in 0..<shape.S {
        let w = shape.column(q, s)
        guard w >= 0, w < shape.W else { continue }
        let pixel = ((image * shape.H + h) * shape.W + w) * shape.C + first
        let tap = ((k * shape.R + r) * shape.S + s) * channels
        for c in 0..<channels { sum += Double(input[pixel + c].value) * weights[tap + c] }
      }
    }
    return sum
  }

  /// Stores what becomes of one sum.
  private func store(_ sum: Double, _ operands: BFloat16Operands, _ index: Int) {
    var value = sum
    if let type = epilogue.residual, let residual = operands.residual {
      value += type.number(index, in: residual)
    }
    let result = Float(epilogue.activation?.value(at: value) ?? value)
    if epilogue.output == .bf16 {
      operands.output.storeBytes(
        of: BFloat16(result).bits, toByteOffset: 2 * index, as: UInt16.self)
    } else {
      operands.output.storeBytes(of: result, toByteOffset: 4 * index, as: Float.self)
    }
  }
}
