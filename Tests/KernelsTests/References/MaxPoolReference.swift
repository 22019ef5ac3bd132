import Kernels

/// The specification of maximum pooling: the largest value of each window and where it was.
enum MaxPoolReference {
  /// Forward; `positions` holds, per output, the winner's index in its window, row by row.
  ///
  /// Of equal values the first wins; a NaN wins over all. Positions outside the input never do.
  static func forward(
    _ shape: PoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    positions: UnsafeMutablePointer<UInt8>
  ) {
    for n in 0..<shape.N {
      for p in 0..<shape.P {
        for q in 0..<shape.Q {
          for c in 0..<shape.C {
            var (best, position) = (-Float.infinity, 0)
            var isFirst = true
            for r in 0..<shape.window {
              for s in 0..<shape.window {
                let (h, w) = (
                  p * shape.stride + r - shape.padding, q * shape.stride + s - shape.padding
                )
                guard h >= 0, h < shape.H, w >= 0, w < shape.W else { continue }
                let value = input[((n * shape.H + h) * shape.W + w) * shape.C + c]
                if isFirst || value > best || (value.isNaN && !best.isNaN) {
                  (best, position, isFirst) = (value, r * shape.window + s, false)
                }
              }
            }
            let at = ((n * shape.P + p) * shape.Q + q) * shape.C + c
            output[at] = best
            positions[at] = UInt8(position)
          }
        }
      }
    }
  }

  /// Backward; each output's gradient goes to the input that won.
  static func backward(
    _ shape: PoolShape, outputGradient: UnsafePointer<Float>, positions: UnsafePointer<UInt8>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    inputGradient.update(repeating: 0, count: shape.inputCount)
    for n in 0..<shape.N {
      for p in 0..<shape.P {
        for q in 0..<shape.Q {
          for c in 0..<shape.C {
            let at = ((n * shape.P + p) * shape.Q + q) * shape.C + c
            let (r, s) = Int(positions[at]).quotientAndRemainder(dividingBy: shape.window)
            let (h, w) = (
              p * shape.stride + r - shape.padding, q * shape.stride + s - shape.padding
            )
            inputGradient[((n * shape.H + h) * shape.W + w) * shape.C + c] += outputGradient[at]
          }
        }
      }
    }
  }
}
