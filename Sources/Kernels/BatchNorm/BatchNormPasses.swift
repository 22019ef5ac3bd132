import CShims

/// What one pass over a tensor does with one vector of it.
///
/// A type rather than a closure, for the reason given at `ChannelTerms`.
protocol VectorPass {
  /// Handles the lanes at `offset` into the tensor, channel `c`.
  func apply(_ offset: Int, _ c: Int, _ lanes: some LaneSelection)
}

/// `(x - mean) · factor + offset`: the same bits in forward and where backward computes it again.
struct Normalizer {
  let mean: UnsafePointer<Float>
  let factor: UnsafePointer<Float>
  let offset: UnsafePointer<Float>

  /// Writes `factor = scale · inverseDeviation` to the start of `coefficients`.
  init(
    _ parameters: BatchNormParameters, _ coefficients: UnsafeMutablePointer<Float>, channels: Int
  ) {
    for c in 0..<channels {
      coefficients[c] = parameters.scale[c] * parameters.inverseDeviation[c]
    }
    mean = UnsafePointer(parameters.batchMean)
    factor = UnsafePointer(coefficients)
    offset = parameters.offset
  }

  @inline(__always)
  func apply(_ x: Vector, _ c: Int, _ lanes: some LaneSelection) -> Vector {
    let centred = x - lanes.load(mean + c)
    return lanes.load(offset + c)
      .addingProduct(centred, lanes.load(factor + c))
  }
}

/// `dy · factor + (x - mean) · byNormal + constant`: the gradient by the input.
struct Slope {
  let mean: UnsafePointer<Float>
  let factor: UnsafePointer<Float>
  let byNormal: UnsafePointer<Float>
  let constant: UnsafePointer<Float>

  init(_ normalizer: Normalizer, channels: Int) {
    (mean, factor) = (normalizer.mean, normalizer.factor)
    (byNormal, constant) = (factor + channels, factor + 2 * channels)
  }

  @inline(__always)
  func apply(_ dy: Vector, _ x: Vector, _ c: Int, _ lanes: some LaneSelection) -> Vector {
    let centred = x - lanes.load(mean + c)
    return lanes.load(constant + c)
      .addingProduct(centred, lanes.load(byNormal + c))
      .addingProduct(dy, lanes.load(factor + c))
  }
}

/// Forward's second pass: normalises, ends, writes.
struct NormalizePass<Ending: NormalizeEnding>: VectorPass {
  let input: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>
  let normalizer: Normalizer
  let ending: Ending

  init(_ operands: BatchNormForwardOperands, _ normalizer: Normalizer, _ ending: Ending) {
    (input, output) = (operands.input, operands.output)
    (self.normalizer, self.ending) = (normalizer, ending)
  }

  @inline(__always)
  func apply(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) {
    let x = lanes.load(input + offset)
    lanes.store(
      ending.finish(normalizer.apply(x, c, lanes), offset, lanes), output + offset)
  }
}

/// What follows the normalisation in the same pass.
protocol NormalizeEnding {
  /// Turns the normalised vector at `offset` into the output.
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector
}

struct NoEnding: NormalizeEnding {
  @inline(__always)
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector { y }
}

struct ReLUEnding: NormalizeEnding {
  @inline(__always)
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector { y.rectified() }
}

struct ResidualEnding: NormalizeEnding {
  let residual: UnsafePointer<Float>

  @inline(__always)
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector {
    y + lanes.load(residual + offset)
  }
}

struct ResidualReLUEnding: NormalizeEnding {
  let residual: UnsafePointer<Float>

  @inline(__always)
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector {
    (y + lanes.load(residual + offset)).rectified()
  }
}

/// Forward's sums: `Σ x` and `Σ x²`.
struct InputTerms: ChannelTerms {
  let input: UnsafePointer<Float>

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    let x = lanes.load(input + offset)
    return (x, x)
  }
}

/// Backward's sums, `Σ dy` and `Σ dy · x`, where no ReLU followed or its gradient is at hand.
struct GradientTerms: ChannelTerms {
  let input: UnsafePointer<Float>
  let gradient: UnsafeMutablePointer<Float>

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
    costcurve_prefetch(gradient + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    (lanes.load(gradient + offset), lanes.load(input + offset))
  }
}

/// Backward's sums through a ReLU whose sign is computed again from the input.
struct RecomputedTerms: ChannelTerms {
  let input: UnsafePointer<Float>
  let gradient: UnsafeMutablePointer<Float>
  let normalizer: Normalizer

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
    costcurve_prefetch(gradient + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    let x = lanes.load(input + offset)
    let dy = lanes.load(gradient + offset)
    let isOn = normalizer.apply(x, c, lanes) .> 0
    return (Vector.zero.replacing(with: dy, where: isOn), x)
  }
}

/// Backward's sums through a ReLU whose output is at hand; leaves the rectified gradient behind.
struct RectifiedTerms: ChannelTerms {
  let input: UnsafePointer<Float>
  let gradient: UnsafeMutablePointer<Float>
  let output: UnsafePointer<Float>

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
    costcurve_prefetch(gradient + offset)
    costcurve_prefetch(output + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    let isOn = lanes.load(output + offset) .> 0
    let dy = lanes.load(gradient + offset)
    let rectified = Vector.zero.replacing(with: dy, where: isOn)
    lanes.store(rectified, gradient + offset)
    return (rectified, lanes.load(input + offset))
  }
}

/// Backward's second pass: the gradient by the input.
struct SlopePass<Source: ChannelTerms>: VectorPass {
  let slope: Slope
  let source: Source
  let result: UnsafeMutablePointer<Float>

  @inline(__always)
  func apply(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) {
    let (dy, x) = source.terms(offset, c, lanes)
    lanes.store(slope.apply(dy, x, c, lanes), result + offset)
  }
}
