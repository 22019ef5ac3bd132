import Basics
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Functions of one number")
struct PointwiseTests {
  /// A function, its definition, and what its error may be: relative, and absolute near a zero.
  struct Sample: Sendable, CustomStringConvertible {
    var function: PointwiseFunction
    var relative: Double
    var absolute = 1e-37
    var exact: @Sendable (Double) -> Double

    var description: String { "\(function)" }
  }

  private static func normal(_ x: Double) -> Double { erfc(-x * 0.5.squareRoot()) / 2 }
  private static func ramp(_ x: Double) -> Double { min(max(x, 0), 1) }
  private static let root = (2 / Double.pi).squareRoot()

  static let samples = [
    Sample(function: .relu, relative: 0) { max($0, 0) },
    Sample(function: .sigmoid, relative: 3e-7) { 1 / (1 + exp(-$0)) },
    Sample(function: .swish(scale: 1), relative: 4e-7) { $0 / (1 + exp(-$0)) },
    Sample(function: .swish(scale: 1.7), relative: 2e-6) {
      $0 / (1 + exp(-Double(1.7 as Float) * $0))
    },
    Sample(function: .gelu, relative: 1e-6) { $0 * normal($0) },
    Sample(function: .geluByTanh, relative: 2e-5) {
      $0 / (1 + exp(-2 * root * ($0 + 0.044715 * $0 * $0 * $0)))
    },
    Sample(function: .erf, relative: 4e-7) { erf($0) },
    Sample(function: .mish, relative: 7e-7) { $0 * tanh(log1p(exp($0))) },
    Sample(function: .exponential, relative: 2e-7) { exp($0) },
    Sample(function: .exponentialLinear(scale: 1.5, factor: 2, divisor: 0.5), relative: 5e-7) {
      1.5 * ($0 > 0 ? $0 : 2 * expm1(2 * $0))
    },
    Sample(function: .leaky(slope: 0.25), relative: 0) { $0 < 0 ? $0 / 4 : $0 },
    Sample(function: .clip(least: -1.5, most: 6), relative: 0) { min(max($0, -1.5), 6) },
    Sample(function: .hardSigmoid(slope: 0.25, shift: 0.5), relative: 2e-7, absolute: 1e-7) {
      ramp($0 / 4 + 0.5)
    },
    Sample(function: .hardSwish, relative: 4e-7, absolute: 4e-7) { $0 * ramp($0 / 6 + 0.5) },
    Sample(function: .threshold(1.25), relative: 0) { $0 > 1.25 ? $0 : 0 },
    Sample(function: .shrink(threshold: 1.5, bias: 0.5), relative: 1e-7) {
      abs($0) <= 1.5 ? 0 : $0 < 0 ? $0 + 0.5 : $0 - 0.5
    },
    Sample(function: .softplus, relative: 5e-7) { log1p(exp($0)) },
    Sample(function: .softsign, relative: 2e-7) { $0 / (1 + abs($0)) },
    Sample(function: .power(exponent: 2), relative: 1e-7) { $0 * $0 },
    Sample(function: .power(exponent: 3), relative: 2e-7) { $0 * $0 * $0 },
    Sample(function: .power(exponent: 1.5), relative: 3e-7) { pow($0, 1.5) },
    Sample(function: .negate, relative: 0) { -$0 },
    Sample(function: .absolute, relative: 0) { abs($0) },
    Sample(function: .sign, relative: 0) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 },
    Sample(function: .reciprocal, relative: 1e-7) { 1 / $0 },
    Sample(function: .squareRoot, relative: 1e-7) { $0.squareRoot() },
    Sample(function: .floor, relative: 0) { floor($0) },
    Sample(function: .ceiling, relative: 0) { ceil($0) },
    Sample(function: .round, relative: 0) { rint($0) },
    Sample(function: .logarithm, relative: 3e-7) { log($0) },
    Sample(function: .sine, relative: 3e-7) { sin($0) },
    Sample(function: .cosine, relative: 3e-7) { cos($0) },
    Sample(function: .tangent, relative: 5e-7) { tan($0) },
    Sample(function: .arcsine, relative: 5e-7) { asin($0) },
    Sample(function: .arccosine, relative: 5e-7) { acos($0) },
    Sample(function: .arctangent, relative: 5e-7) { atan($0) },
    Sample(function: .hyperbolicSine, relative: 5e-7) { sinh($0) },
    Sample(function: .hyperbolicCosine, relative: 5e-7) { cosh($0) },
    Sample(function: .areaSine, relative: 5e-7) { asinh($0) },
    Sample(function: .areaCosine, relative: 5e-7) { acosh($0) },
    Sample(function: .areaTangent, relative: 5e-7) { atanh($0) },
  ]

  private func apply(_ function: PointwiseFunction, _ x: [Float], threads: Int = 1) -> [Float] {
    let (input, output) = (Tensor(x), Tensor(count: x.count, filledWith: .nan))
    Elementwise.apply(
      function, .f32, count: x.count, input: input.pointer, output: output.pointer,
      pool: ThreadPool(threads: threads))
    return output.values
  }

  @Test("Stay within their errors of float64", arguments: samples)
  func bounded(sample: Sample) {
    for (count, threads) in [(1, 1), (7, 1), (16, 2), (5_003, 2)] {
      var random = SeededRandom(seed: UInt64(count))
      // Half of the numbers are small ones, where some functions do most.
      let x = random.floats(count).enumerated().map { $1 * ($0.isMultiple(of: 2) ? 12 : 1.5) }
      for (own, x) in zip(apply(sample.function, x, threads: threads), x) {
        let expected = sample.exact(Double(x))
        guard !expected.isNaN else {
          #expect(own.isNaN, "\(x)")
          continue
        }
        let bound = sample.relative * abs(expected) + sample.absolute
        #expect(abs(Double(own) - expected) <= bound, "of \(x): \(own), not \(expected)")
      }
    }
  }

  @Test("Give their limits far out, and keep NaN")
  func extremes() {
    let far: [Float] = [-.infinity, -1e30, 1e30, .infinity, .nan]
    func check(_ function: PointwiseFunction, _ expected: [Float]) {
      let own = apply(function, far)
      #expect(own[4].isNaN, "\(function)")
      for (own, expected) in zip(own, expected) {
        #expect(own == expected || (own.isNaN && expected.isNaN), "\(function): \(own)")
      }
    }
    check(.sigmoid, [0, 0, 1, 1])
    check(.swish(scale: 1), [.nan, 0, 1e30, .infinity])
    check(.gelu, [.nan, 0, 1e30, .infinity])
    check(.geluByTanh, [.nan, 0, 1e30, .infinity])
    check(.erf, [-1, -1, 1, 1])
    check(.mish, [.nan, 0, 1e30, .infinity])
    check(.exponential, [0, 0, .infinity, .infinity])
    check(.clip(least: -2, most: 3), [-2, -2, 3, 3])
    check(.leaky(slope: 0.5), [-.infinity, -5e29, 1e30, .infinity])
    check(.hardSwish, [.nan, 0, 1e30, .infinity])
    #expect(apply(.clip(least: 3, most: 1), [0, 2, 4]) == [1, 1, 1])
    #expect(apply(.round, [0.5, 1.5, -2.5]) == [0, 2, -2])
    // Results that have no normal float any more are still those of the definition.
    for (own, x) in zip(
      apply(.exponential, [-90, -95, -100, 88.7]), [-90, -95, -100, 88.7 as Float])
    {
      #expect(abs(Double(own) - exp(Double(x))) <= 2e-7 * exp(Double(x)) + 0x1p-149)
    }
  }

  @Test("In place, on whole numbers and on truths")
  func otherTypes() {
    let pool = ThreadPool(threads: 2)
    let x = Tensor([-1, 0, 2])
    Elementwise.apply(
      .absolute, .f32, count: 3, input: x.pointer, output: x.pointer, pool: pool)
    #expect(x.values == [1, 0, 2])
    func whole(_ function: PointwiseFunction) -> [Int64] {
      var numbers: [Int64] = [-7, 0, 9, .min]
      numbers.withUnsafeMutableBytes { bytes in
        guard let first = bytes.baseAddress else { return }
        Elementwise.apply(function, .i64, count: 4, input: first, output: first, pool: pool)
      }
      return numbers
    }
    #expect(whole(.negate) == [7, 0, -9, .min])
    #expect(whole(.absolute) == [7, 0, 9, .min])
    #expect(whole(.sign) == [-1, 0, 1, -1])
    #expect(whole(.complement) == [6, -1, -10, .max])
    func truths(_ function: PointwiseFunction, _ x: [Float]) -> [UInt8] {
      var result = [UInt8](repeating: 9, count: x.count)
      Elementwise.apply(function, .f32, count: x.count, input: x, output: &result, pool: pool)
      return result
    }
    let odd: [Float] = [.nan, 0, -.infinity, .infinity]
    #expect(truths(.isNaN, odd) == [1, 0, 0, 0])
    #expect(truths(.isInfinite(negative: true, positive: false), odd) == [0, 0, 1, 0])
    #expect(truths(.isInfinite(negative: true, positive: true), odd) == [0, 0, 1, 1])
    var turned: [UInt8] = [0, 0, 0]
    Elementwise.apply(
      .not, .bool, count: 3, input: [0, 1, 1] as [UInt8], output: &turned, pool: pool)
    #expect(turned == [1, 0, 0])
  }

  @Test("Types become one another")
  func conversions() {
    let pool = ThreadPool(threads: 1)
    func convert<T: BitwiseCopyable, R: BitwiseCopyable & Equatable>(
      _ values: [T], _ from: DType, _ to: DType, _ zero: R
    ) -> [R] {
      var result = [R](repeating: zero, count: values.count)
      Elementwise.convert(count: values.count, values, from: from, &result, to: to, pool: pool)
      return result
    }
    let floats: [Float] = [-2.9, 0.5, 3e9, -.infinity, .nan]
    #expect(convert(floats, .f32, .i32, 0 as Int32) == [-2, 0, .max, .min, 0])
    #expect(convert(floats, .f32, .i64, 0 as Int64) == [-2, 0, 3_000_000_000, .min, 0])
    #expect(convert(floats, .f32, .bool, 9 as UInt8) == [1, 1, 1, 1, 1])
    #expect(convert([0, -0.0] as [Float], .f32, .bool, 9 as UInt8) == [0, 0])
    #expect(convert([1 << 32 + 5, -1] as [Int64], .i64, .i32, 0 as Int32) == [5, -1])
    #expect(convert([-200, 7.9] as [Float], .f32, .i8, 0 as Int8) == [.min, 7])
    #expect(convert([-1, 300] as [Float], .f32, .u8, 9 as UInt8) == [0, 255])
    #expect(convert([-1, 4] as [Int8], .i8, .i32, 0 as Int32) == [-1, 4])
    #expect(convert([259] as [Int32], .i32, .u8, 0 as UInt8) == [3])
    #expect(convert([0, 4] as [Int64], .i64, .bool, 9 as UInt8) == [0, 1])
    #expect(convert([-3, 8] as [Int32], .i32, .f32, 0 as Float) == [-3, 8])
    #expect(convert([-3, 8] as [Int32], .i32, .i64, 0 as Int64) == [-3, 8])
    #expect(convert([0, 1] as [UInt8], .bool, .f32, 9 as Float) == [0, 1])
    #expect(convert([1.5] as [Float], .f32, .f32, 0 as Float) == [1.5])
  }
}
