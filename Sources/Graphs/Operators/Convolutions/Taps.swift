import Kernels

/// The products of a convolution: every output, with the inputs and taps that it sums over.
struct Taps {
  private let shape: ConvShape

  init(_ shape: ConvShape) { self.shape = shape }

  /// Calls `body` with indices into `N P Q K`, `N H W C` and `K C R S`.
  func forEach(_ body: (_ output: Int, _ input: Int, _ tap: Int) -> Void) {
    let (inputs, outputs) = (shape.C / shape.groups, shape.K / shape.groups)
    for output in 0..<shape.outputCount {
      let (k, pixel) = (output % shape.K, output / shape.K)
      let (q, p, n) = (pixel % shape.Q, pixel / shape.Q % shape.P, pixel / shape.Q / shape.P)
      for r in 0..<shape.R {
        let h = shape.row(p, r)
        guard h >= 0, h < shape.H else { continue }
        for s in 0..<shape.S {
          let w = shape.column(q, s)
          guard w >= 0, w < shape.W else { continue }
          let base = ((n * shape.H + h) * shape.W + w) * shape.C + k / outputs * inputs
          for c in 0..<inputs {
            body(output, base + c, ((k * inputs + c) * shape.R + r) * shape.S + s)
          }
        }
      }
    }
  }
}
