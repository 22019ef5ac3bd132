import Kernels

/// The specification of adaptive average pooling, with float64 sums.
enum AdaptiveAveragePoolReference {
  /// `output[n, p, q, c]` is the mean over the window.
  static func forward(
    _ shape: AdaptivePoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    for n in 0..<shape.N {
      for p in 0..<shape.P {
        for q in 0..<shape.Q {
          for c in 0..<shape.C {
            var sum = 0.0
            for h in shape.rows(p) {
              for w in shape.columns(q) {
                sum += Double(input[((n * shape.H + h) * shape.W + w) * shape.C + c])
              }
            }
            let area = shape.rows(p).count * shape.columns(q).count
            output[((n * shape.P + p) * shape.Q + q) * shape.C + c] = Float(sum / Double(area))
          }
        }
      }
    }
  }

  /// Each input receives its share of the gradient of every window it is in.
  static func backward(
    _ shape: AdaptivePoolShape, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    for n in 0..<shape.N {
      for h in 0..<shape.H {
        for w in 0..<shape.W {
          for c in 0..<shape.C {
            var sum = 0.0
            for p in 0..<shape.P where shape.rows(p).contains(h) {
              for q in 0..<shape.Q where shape.columns(q).contains(w) {
                let area = Double(shape.rows(p).count * shape.columns(q).count)
                let at = ((n * shape.P + p) * shape.Q + q) * shape.C + c
                sum += Double(outputGradient[at]) / area
              }
            }
            inputGradient[((n * shape.H + h) * shape.W + w) * shape.C + c] = Float(sum)
          }
        }
      }
    }
  }
}
