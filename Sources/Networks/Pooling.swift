import Kernels

/// Max pooling over square windows.
enum MaxPool {
  /// Writes the largest value of each window; padding never contributes.
  static func run(
    _ shape: PoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let (C, Q) = (shape.C, shape.Q)
    pool.forEachShare(of: shape.N * shape.P) { rows in
      for row in rows {
        let (n, p) = (row / shape.P, row % shape.P)
        for q in 0..<Q {
          let target = output + (row * Q + q) * C
          for c in 0..<C { target[c] = -.infinity }
          for r in 0..<shape.window {
            let y = p * shape.stride + r - shape.padding
            guard y >= 0, y < shape.H else { continue }
            for s in 0..<shape.window {
              let x = q * shape.stride + s - shape.padding
              guard x >= 0, x < shape.W else { continue }
              let source = input + ((n * shape.H + y) * shape.W + x) * C
              for c in 0..<C { target[c] = source[c] > target[c] ? source[c] : target[c] }
            }
          }
        }
      }
    }
  }
}

/// PyTorch's adaptive average pooling: part `i` of `side` is `⌊i·H/side⌋ ..< ⌈(i+1)·H/side⌉`.
enum AveragePool {
  /// Writes the mean of each part.
  static func run(
    _ input: ActivationShape, side: Int, input source: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let C = input.C
    func part(_ index: Int, of length: Int) -> Range<Int> {
      index * length / side..<((index + 1) * length + side - 1) / side
    }
    pool.forEachShare(of: input.N * side) { rows in
      for row in rows {
        let (n, ys) = (row / side, part(row % side, of: input.H))
        for q in 0..<side {
          let xs = part(q, of: input.W)
          let target = output + (row * side + q) * C
          for c in 0..<C { target[c] = 0 }
          for y in ys {
            for x in xs {
              let pixel = source + ((n * input.H + y) * input.W + x) * C
              for c in 0..<C { target[c] += pixel[c] }
            }
          }
          let scale = 1 / Float(ys.count * xs.count)
          for c in 0..<C { target[c] *= scale }
        }
      }
    }
  }
}
