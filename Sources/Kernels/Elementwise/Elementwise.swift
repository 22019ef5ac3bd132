import Glibc
import Tensors

/// Functions of one number over tensors of any shape, in the pool's threads.
///
/// Those of `e^x`, and those without any, go by vectors, and their lanes say how exact they are; the
/// others are the C library's, within 5e-7 of the result. NaN stays NaN but for comparisons.
package enum Elementwise {
  /// Computes a function of every element.
  ///
  /// - Parameters:
  ///   - function: One that is for the type of the elements.
  ///   - element: That type: f32, i64, i32, i8, u8 or bool.
  ///   - count: Number of elements.
  ///   - input: May be `output` itself where both have one type.
  ///   - output: Elements of `function.output(of: element)`, overwritten.
  ///   - pool: Runs the work.
  package static func apply(
    _ function: PointwiseFunction, _ element: DType, count: Int, input: UnsafeRawPointer,
    output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    switch element {
    case .f32:
      let floats = input.assumingMemoryBound(to: Float.self)
      if function.output(of: .f32) == .bool {
        test(function, count, floats, output.assumingMemoryBound(to: UInt8.self), pool)
      } else {
        apply(function, count, floats, output.assumingMemoryBound(to: Float.self), pool)
      }
    case .i32: whole(function, count, input, output, as: Int32.self, pool)
    case .i64: whole(function, count, input, output, as: Int64.self, pool)
    case .i8: whole(function, count, input, output, as: Int8.self, pool)
    case .u8: whole(function, count, input, output, as: UInt8.self, pool)
    default:
      precondition(element == .bool && function == .not, "no \(function) of \(element)")
      each(count, input, output, pool) { (value: UInt8) in value == 0 ? 1 as UInt8 : 0 }
    }
  }

  private static func apply(
    _ function: PointwiseFunction, _ count: Int, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: Activation.grain) { items in
      apply(
        function, rows: 1, columns: items.count, input: input + items.lowerBound,
        output: output + items.lowerBound, stride: items.count)
    }
  }

  /// Computes a function of a part of a matrix of floats in the calling thread.
  ///
  /// Convolutions and products end with it, a few rows at a time, so that these are still in the
  /// cache. An element's result has the same bits wherever it lies.
  ///
  /// - Parameters:
  ///   - function: One that gives floats of floats.
  ///   - rows: Rows of the part.
  ///   - columns: Floats of a row, side by side.
  ///   - input: The first of them; may be `output` itself.
  ///   - output: Overwritten; nothing beside the part is touched.
  ///   - stride: Distance between rows of both, in floats.
  static func apply(
    _ function: PointwiseFunction, rows: Int, columns: Int, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, stride: Int
  ) {
    func map(_ lanes: some LaneFunction) {
      Self.map(lanes, rows, columns, input, output, stride)
    }
    switch function {
    case .relu: map(ReLULanes())
    case .sigmoid: map(SigmoidLanes())
    case .swish(let scale): map(SwishLanes(scale: scale))
    case .gelu: map(GELULanes())
    case .geluByTanh: map(TanhGELULanes())
    case .erf: map(ErfLanes())
    case .mish: map(MishLanes())
    case .exponential: map(ExponentialLanes())
    case .exponentialLinear(let scale, let factor, let divisor):
      map(ExponentialLinearLanes(scale: scale, factor: factor, divisor: divisor))
    case .leaky(let slope): map(LeakyLanes(slope: slope))
    case .clip(let least, let most): map(ClipLanes(least: least, most: most))
    case .hardSigmoid(let slope, let shift):
      map(HardSigmoidLanes(slope: slope, shift: shift, multiplies: false))
    case .hardSwish: map(HardSigmoidLanes.hardSwish)
    case .threshold(let threshold): map(ThresholdLanes(threshold: threshold))
    case .shrink(let threshold, let bias): map(ShrinkLanes(threshold: threshold, bias: bias))
    case .softsign: map(SoftsignLanes())
    case .power(let exponent): map(PowerLanes(exponent: exponent))
    case .negate: map(NegationLanes())
    case .absolute: map(MagnitudeLanes())
    case .reciprocal: map(ReciprocalLanes())
    default: map(EachLane(function: libraryFunction(function)))
    }
  }

  /// What goes lane by lane.
  private static func libraryFunction(_ function: PointwiseFunction) -> (Float) -> Float {
    switch function {
    case .softplus: return { max($0, 0) + log1pf(expf(-abs($0))) }
    case .sign: return { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .squareRoot: return { $0.squareRoot() }
    case .floor: return { $0.rounded(.down) }
    case .ceiling: return { $0.rounded(.up) }
    case .round: return { $0.rounded(.toNearestOrEven) }
    case .logarithm: return logf
    case .sine: return sinf
    case .cosine: return cosf
    case .tangent: return tanf
    case .arcsine: return asinf
    case .arccosine: return acosf
    case .arctangent: return atanf
    case .hyperbolicSine: return sinhf
    case .hyperbolicCosine: return coshf
    case .areaSine: return asinhf
    case .areaCosine: return acoshf
    case .areaTangent: return atanhf
    default: preconditionFailure("no \(function) of floats")
    }
  }

  private static func map(
    _ lanes: some LaneFunction, _ rows: Int, _ columns: Int, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>, _ stride: Int
  ) {
    for row in 0..<rows {
      let (source, target) = (input + row &* stride, output + row &* stride)
      var i = 0
      while i &+ Vector.scalarCount <= columns {
        lanes(Vector.load(source + i)).store(target + i)
        i &+= Vector.scalarCount
      }
      guard i < columns else { continue }
      let rest = FirstLanes(count: columns &- i)
      rest.store(lanes(rest.load(source + i)), target + i)
    }
  }

  private static func test(
    _ function: PointwiseFunction, _ count: Int, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<UInt8>, _ pool: ThreadPool
  ) {
    guard case .isInfinite(let negative, let positive) = function else {
      return each(count, input, output, pool) { (x: Float) in x.isNaN ? 1 as UInt8 : 0 }
    }
    each(count, input, output, pool) { (x: Float) in
      (negative && x == -.infinity) || (positive && x == .infinity) ? 1 as UInt8 : 0
    }
  }

  private static func whole<T: FixedWidthInteger>(
    _ function: PointwiseFunction, _ count: Int, _ input: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer, as type: T.Type, _ pool: ThreadPool
  ) {
    switch function {
    case .negate: each(count, input, output, pool) { (x: T) in 0 &- x }
    case .absolute: each(count, input, output, pool) { (x: T) in x < 0 ? 0 &- x : x }
    case .sign: each(count, input, output, pool) { (x: T) in x.signum() }
    case .complement: each(count, input, output, pool) { (x: T) in ~x }
    default: preconditionFailure("no \(function) of whole numbers")
    }
  }

  /// A loop, element by element.
  @inline(__always)
  static func each<From, To>(
    _ count: Int, _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer,
    _ pool: ThreadPool, _ function: (From) -> To
  ) {
    let source = input.assumingMemoryBound(to: From.self)
    let target = output.assumingMemoryBound(to: To.self)
    pool.forEachShare(of: count, grain: Activation.grain) { items in
      for i in items { target[i] = function(source[i]) }
    }
  }
}
