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
struct NormalizePass<Element: StoredElement, Ending: NormalizeEnding>: VectorPass {
  let input: UnsafePointer<Element>
  let output: UnsafeMutablePointer<Element>
  let normalizer: Normalizer
  let ending: Ending

  init(_ operands: NormForwardOperands<Element>, _ normalizer: Normalizer, _ ending: Ending) {
    (input, output) = (operands.input, operands.output)
    (self.normalizer, self.ending) = (normalizer, ending)
  }

  @inline(__always)
  func apply(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) {
    let x = Element.load(input + offset, lanes)
    Element.store(
      ending.finish(normalizer.apply(x, c, lanes), offset, lanes), output + offset, lanes)
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

struct ResidualEnding<Element: StoredElement>: NormalizeEnding {
  let residual: UnsafePointer<Element>

  @inline(__always)
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector {
    y + Element.load(residual + offset, lanes)
  }
}

struct ResidualReLUEnding<Element: StoredElement>: NormalizeEnding {
  let residual: UnsafePointer<Element>

  @inline(__always)
  func finish(_ y: Vector, _ offset: Int, _ lanes: some LaneSelection) -> Vector {
    (y + Element.load(residual + offset, lanes)).rectified()
  }
}

/// Forward's sums: `Σ x` and `Σ x²`.
struct InputTerms<Element: StoredElement>: ChannelTerms {
  let input: UnsafePointer<Element>

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    let x = Element.load(input + offset, lanes)
    return (x, x)
  }
}

/// Backward's sums, `Σ dy` and `Σ dy · x`, where no ReLU followed or its gradient is at hand.
struct GradientTerms<Element: StoredElement>: ChannelTerms {
  let input: UnsafePointer<Element>
  let gradient: UnsafeMutablePointer<Element>

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
    costcurve_prefetch(gradient + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    (
      Element.load(UnsafePointer(gradient + offset), lanes),
      Element.load(input + offset, lanes)
    )
  }
}

/// Backward's sums through a ReLU whose sign is computed again from the input.
struct RecomputedTerms<Element: StoredElement>: ChannelTerms {
  let input: UnsafePointer<Element>
  let gradient: UnsafeMutablePointer<Element>
  let normalizer: Normalizer

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
    costcurve_prefetch(gradient + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    let x = Element.load(input + offset, lanes)
    let dy = Element.load(UnsafePointer(gradient + offset), lanes)
    let isOn = normalizer.apply(x, c, lanes) .> 0
    return (Vector.zero.replacing(with: dy, where: isOn), x)
  }
}

/// Backward's sums through a ReLU whose output is at hand; leaves the rectified gradient behind.
struct RectifiedTerms<Element: StoredElement>: ChannelTerms {
  let input: UnsafePointer<Element>
  let gradient: UnsafeMutablePointer<Element>
  let output: UnsafePointer<Element>

  @inline(__always)
  func prefetch(_ offset: Int) {
    costcurve_prefetch(input + offset)
    costcurve_prefetch(gradient + offset)
    costcurve_prefetch(output + offset)
  }

  @inline(__always)
  func terms(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) -> (a: Vector, b: Vector) {
    let isOn = Element.load(output + offset, lanes) .> 0
    let dy = Element.load(UnsafePointer(gradient + offset), lanes)
    let rectified = Vector.zero.replacing(with: dy, where: isOn)
    Element.store(rectified, gradient + offset, lanes)
    return (rectified, Element.load(input + offset, lanes))
  }
}

/// Backward's second pass: the gradient by the input.
struct SlopePass<Element: StoredElement, Source: ChannelTerms>: VectorPass {
  let slope: Slope
  let source: Source
  let result: UnsafeMutablePointer<Element>

  @inline(__always)
  func apply(_ offset: Int, _ c: Int, _ lanes: some LaneSelection) {
    let (dy, x) = source.terms(offset, c, lanes)
    Element.store(slope.apply(dy, x, c, lanes), result + offset, lanes)
  }
}
