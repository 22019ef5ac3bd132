/// The specification of backward-data: each input position gathers from the outputs that read it.
///
/// Sums in float64, one rounding at the end.
final class ReferenceBackwardData: CompiledBackwardData, Sendable {
  let shape: ConvShape
  let workspaceCount = 0

  init(_ shape: ConvShape) { self.shape = shape }

  func run(_ operands: BackwardDataOperands, pool: ThreadPool) {
    let shape = shape
    pool.forEachShare(of: shape.N * shape.H) { rows in
      for row in rows {
        for w in 0..<shape.W {
          for c in 0..<shape.C {
            let at = (row * shape.W + w) * shape.C + c
            let old = operands.accumulates ? Double(operands.inputGradient[at]) : 0
            let sum = Self.gradient(shape, operands, n: row / shape.H, h: row % shape.H, w: w, c: c)
            operands.inputGradient[at] = Float(old + sum)
          }
        }
      }
    }
  }

  private static func gradient(
    _ shape: ConvShape, _ operands: BackwardDataOperands, n: Int, h: Int, w: Int, c: Int
  ) -> Double {
    let (channels, filters) = (shape.C / shape.groups, shape.K / shape.groups)
    let group = c / channels
    var sum = 0.0
    for r in 0..<shape.R {
      guard
        let p = output(
          over: h, tap: r, stride: shape.strides.vertical, padding: shape.paddings.vertical,
          dilation: shape.dilations.vertical, of: shape.P)
      else { continue }
      for s in 0..<shape.S {
        guard
          let q = output(
            over: w, tap: s, stride: shape.strides.horizontal, padding: shape.paddings.horizontal,
            dilation: shape.dilations.horizontal, of: shape.Q)
        else { continue }
        let gradient = operands.outputGradient + ((n * shape.P + p) * shape.Q + q) * shape.K
        for k in group * filters..<(group + 1) * filters {
          let tap = operands.filters[((k * shape.R + r) * shape.S + s) * channels + c % channels]
          sum += Double(gradient[k]) * Double(tap)
        }
      }
    }
    return sum
  }

  /// The output coordinate whose window has input coordinate `i` under tap `tap`, if there is one.
  private static func output(
    over i: Int, tap: Int, stride: Int, padding: Int, dilation: Int, of outputs: Int
  ) -> Int? {
    let from = i + padding - tap * dilation
    guard from >= 0, from % stride == 0, from / stride < outputs else { return nil }
    return from / stride
  }
}

/// The specification of backward-weights: each tap sums over all output pixels, in float64.
///
/// The border holds zeros, which are multiplied as any number is: where a derivative by the output is
/// infinite or NaN, taps that lie on the border there become NaN, as 0 · ∞ is. Algorithms that lay
/// out the input with its border give just that; those that transform tiles make NaN of more.
final class ReferenceBackwardWeights: CompiledBackwardWeights, Sendable {
  let shape: ConvShape
  let workspaceCount = 0

  init(_ shape: ConvShape) { self.shape = shape }

  func run(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    let shape = shape
    let channels = shape.C / shape.groups
    pool.forEachShare(of: shape.K * shape.R * shape.S) { places in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: channels) { sums in
        for place in places {
          Self.add(shape, operands, place: place, into: sums)
          let taps = operands.filterGradient + place * channels
          for c in 0..<channels { taps[c] = Float(sums[c]) }
        }
      }
    }
  }

  /// The sums of all channels at one place of one filter's window, in the order of pixels.
  private static func add(
    _ shape: ConvShape, _ operands: BackwardWeightsOperands, place: Int,
    into sums: UnsafeMutableBufferPointer<Double>
  ) {
    let (s, r) = (place % shape.S, place / shape.S % shape.R)
    let k = place / (shape.S * shape.R)
    let first = k / (shape.K / shape.groups) * sums.count
    sums.initialize(repeating: 0)
    for row in 0..<(shape.N * shape.P) {
      let (n, h) = (row / shape.P, shape.row(row % shape.P, r))
      for q in 0..<shape.Q {
        let w = shape.column(q, s)
        let gradient = Double(operands.outputGradient[(row * shape.Q + q) * shape.K + k])
        guard h >= 0, h < shape.H, w >= 0, w < shape.W else {
          if !gradient.isFinite { sums.update(repeating: .nan) }
          continue
        }
        let pixel = operands.input + ((n * shape.H + h) * shape.W + w) * shape.C + first
        for c in 0..<sums.count { sums[c] += Double(pixel[c]) * gradient }
      }
    }
  }
}
