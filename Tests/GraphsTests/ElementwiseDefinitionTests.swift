import Graphs
import Kernels
import Tensors
import Testing

/// The definitions in float64 that references are made of, beside the kernels.
@Suite struct ElementwiseDefinitionTests {
  static let functions: [PointwiseFunction] = [
    .relu, .sigmoid, .swish(scale: 1), .swish(scale: -0.5), .gelu, .geluByTanh, .erf, .mish,
    .exponential, .exponentialLinear(scale: 1.5, factor: 0.5, divisor: 2), .leaky(slope: 0.1),
    .clip(least: -1, most: 2), .hardSigmoid(slope: 0.2, shift: 0.5), .hardSwish, .threshold(0.25),
    .shrink(threshold: 0.5, bias: 0.25), .softplus, .softsign, .power(exponent: 2),
    .power(exponent: 3), .power(exponent: -0.5), .negate, .absolute, .sign, .reciprocal,
    .squareRoot, .floor, .ceiling, .round, .logarithm, .sine, .cosine, .tangent, .arcsine,
    .arccosine, .arctangent, .hyperbolicSine, .hyperbolicCosine, .areaSine, .areaCosine,
    .areaTangent,
  ]
  private let numbers: [Float] = [-3.5, -1, -0.5, 0, 0.25, 0.5, 1, 2.5, 7]
  private let pool = ThreadPool(threads: 1)

  private func expect(_ own: Float, _ value: Double, _ what: String) {
    let expected = Float(value)
    let isSame = own == expected || (own.isNaN && expected.isNaN)
    #expect(isSame || abs(own - expected) <= 1e-6 * max(1, abs(expected)), "\(what): \(own)")
  }

  @Test(arguments: functions)
  func ofOneNumber(function: PointwiseFunction) {
    var own = [Float](repeating: 9, count: numbers.count)
    Elementwise.apply(
      function, .f32, count: numbers.count, input: numbers, output: &own, pool: pool)
    for (own, x) in zip(own, numbers) {
      expect(own, function.value(at: Double(x)), "of \(x)")
    }
    if let bound = function.bound { #expect(own.allSatisfy { Double(abs($0)) <= bound }) }
  }

  @Test(arguments: PairFunction.allCases)
  func ofTwoNumbers(function: PairFunction) {
    let count = numbers.count
    let table = Broadcast([count, count], operands: [[count, 1], [count]])
    if function.output(of: .f32) == .f32 {
      var own = [Float](repeating: 9, count: count * count)
      table.apply(function, .f32, numbers, numbers, output: &own, pool: pool)
      for (index, own) in own.enumerated() {
        let (a, b) = (numbers[index / count], numbers[index % count])
        expect(own, function.value(Double(a), Double(b)), "of \(a) and \(b)")
      }
    }
    let whole = (0..<Int64(count)).map { $0 - 4 }
    guard let type = function.output(of: .i64) else { return }
    // A shift by a negative number, and a remainder by 0, are nothing that ONNX defines.
    let divisors = whole.map { abs($0) + 1 }
    var (own, truths) = (
      [Int64](repeating: 9, count: count * count), [UInt8](repeating: 9, count: count * count)
    )
    if type == .bool {
      table.apply(function, .i64, whole, divisors, output: &truths, pool: pool)
      own = truths.map { Int64($0) }
    } else {
      table.apply(function, .i64, whole, divisors, output: &own, pool: pool)
    }
    for (index, own) in own.enumerated() {
      let (a, b) = (whole[index / count], divisors[index % count])
      #expect(Double(own) == function.value(Double(a), Double(b)), "of \(a) and \(b)")
    }
  }
}
