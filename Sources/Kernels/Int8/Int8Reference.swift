/// The specification of a convolution of bytes: plain loops over whole numbers.
///
/// Sums are taken modulo 2³², in which no order of the products matters; what becomes of them is
/// written out in `Int8Epilogue`. Every other algorithm gives these bits.
final class Int8Reference: CompiledInt8Convolution {
  let shape: ConvShape
  let algorithm = Int8Algorithm.reference
  let epilogue: Int8Epilogue
  let workspaceByteCount = 0

  private let zero: Int32
  private let weights: [Int8]
  private let bias: [Int32]
  private let factors: [Float]

  init(_ shape: ConvShape, input: Quantization, filters: Int8Filters, epilogue: Int8Epilogue) {
    (self.shape, self.epilogue) = (shape, epilogue)
    zero = Int32(input.zeroPoint)
    weights = (0..<shape.filterCount).map { filters.weights[$0] }
    bias = (0..<shape.K).map { filters.bias?[$0] ?? 0 }
    factors = (0..<shape.K).map { epilogue.factor(input: input, filter: filters.scales[$0]) }
  }

  func run(_ operands: Int8Operands, pool: ThreadPool) {
    precondition(!epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    let pitch = operands.pitch ?? shape.K
    weights.withUnsafeBufferPointer { weights in
      pool.forEachShare(of: shape.N * shape.P) { rows in
        for row in rows {
          for q in 0..<shape.Q {
            let at = (row * shape.Q + q) * pitch
            for k in 0..<shape.K {
              let sum = bias[k] &+ products(operands.input, weights, row, q, k)
              epilogue.store(
                sum, factor: factors[k], residual: operands.residual?[at + k] ?? 0,
                to: operands.output, at: at + k)
            }
          }
        }
      }
    }
  }

  /// The products under one window.
  private func products(
    _ input: UnsafePointer<UInt8>, _ weights: UnsafeBufferPointer<Int8>, _ row: Int, _ q: Int,
    _ k: Int
  ) -> Int32 {
    let (image, p) = (row / shape.P, row % shape.P)
    let channels = shape.C / shape.groups
    let first = k / (shape.K / shape.groups) * channels
    var sum: Int32 = 0
    for r in 0..<shape.R {
      let h = shape.row(p, r)
      guard h >= 0, h < shape.H else { continue }
      for s in 0..<shape.S {
        let w = shape.column(q, s)
        guard w >= 0, w < shape.W else { continue }
        let pixel = ((image * shape.H + h) * shape.W + w) * shape.C + first
        let tap = ((k * shape.R + r) * shape.S + s) * channels
        for c in 0..<channels {
          sum &+= (Int32(input[pixel + c]) &- zero) &* Int32(weights[tap + c])
        }
      }
    }
    return sum
  }
}
