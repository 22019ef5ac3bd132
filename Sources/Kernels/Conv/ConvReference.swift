/// The specification of a convolution: seven loops, sums in float64.
///
/// Error: one rounding of the float64 sum, another of each step of the epilogue. The filters are
/// held in the order `R S C K`, so that the innermost loop runs over independent sums; each sum
/// still adds its products in the order of the definition, window row, window column, channel.
/// A filter that sees one group of channels is held with zeros for the others.
final class ConvReference: CompiledConvolution, @unchecked Sendable {
  let shape: ConvShape
  let workspaceCount = 0

  private let epilogue: Epilogue
  private let filters: AlignedBuffer
  private let bias: AlignedBuffer
  private let sums: UnsafeMutableBufferPointer<Double>

  init(_ shape: ConvShape, epilogue: Epilogue, threads: Int) {
    self.shape = shape
    self.epilogue = epilogue
    filters = AlignedBuffer(count: shape.groups * shape.filterCount)
    bias = AlignedBuffer(count: shape.K)
    sums = .allocate(capacity: threads * shape.K)
  }

  deinit { sums.deallocate() }

  func load(filters source: UnsafePointer<Float>, bias: UnsafePointer<Float>?, pool: ThreadPool) {
    let channels = shape.C / shape.groups
    let depth = shape.R * shape.S * channels
    for k in 0..<shape.K {
      let first = k / (shape.K / shape.groups) * channels
      for i in 0..<depth {
        let place = i / channels * shape.C + first + i % channels
        filters.pointer[place * shape.K + k] = source[k * depth + i]
      }
    }
    for k in 0..<shape.K { self.bias.pointer[k] = bias?[k] ?? 0 }
  }

  func run(_ operands: ConvOperands, pool: ThreadPool) {
    let (shape, epilogue, pitch) = (shape, epilogue, operands.pitch ?? shape.K)
    let (filters, bias) = (UnsafePointer(filters.pointer), UnsafePointer(bias.pointer))
    guard let everySum = sums.baseAddress else { return }
    precondition(pool.threads * shape.K <= sums.count, "compiled for fewer threads")
    pool.run { worker in
      let sums = everySum + worker * shape.K
      for row in ThreadPool.share(
        of: shape.N * shape.P, worker: worker, workers: pool.threads)
      {
        let (n, p) = (row / shape.P, row % shape.P)
        for q in 0..<shape.Q {
          for k in 0..<shape.K { sums[k] = 0 }
          for r in 0..<shape.R {
            let h = shape.row(p, r)
            guard h >= 0, h < shape.H else { continue }
            for s in 0..<shape.S {
              let w = shape.column(q, s)
              guard w >= 0, w < shape.W else { continue }
              let pixel = operands.input + ((n * shape.H + h) * shape.W + w) * shape.C
              for c in 0..<shape.C {
                let x = Double(pixel[c])
                let taps = filters + ((r * shape.S + s) * shape.C + c) * shape.K
                for k in 0..<shape.K { sums[k] += x * Double(taps[k]) }
              }
            }
          }
          let at = (row * shape.Q + q) * pitch
          for k in 0..<shape.K {
            var value = Float(sums[k] + Double(bias[k]))
            if epilogue.addsResidual, let residual = operands.residual { value += residual[at + k] }
            if epilogue.appliesReLU, value < 0 { value = 0 }
            if let function = epilogue.function {
              value = Float(function.value(at: Double(value)))
            }
            operands.output[at + k] = value
          }
        }
      }
    }
  }
}
