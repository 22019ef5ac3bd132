import Kernels
import TestSupport
import Testing

@Suite("Convolution of bfloat16")
struct BFloat16ConvolutionTests {
  static let shapes = oddConvShapes + groupedShapes + Int8ConvolutionTests.blockShapes

  /// What is stored of a sum with something added, between two ends.
  private func stored(_ value: Double, _ epilogue: BFloat16Epilogue) -> Double {
    let result = Float(epilogue.activation?.value(at: value) ?? value)
    return Double(epilogue.output == .bf16 ? BFloat16(result).value : result)
  }

  @Test(
    "Every result is that of a sum within the bound, with the same bits on any number of threads",
    arguments: shapes)
  func staysWithinTheBound(shape: ConvShape) throws {
    let data = BFloat16Data(shape)
    let sums = data.sums
    let pools = [1, 2, 3].map { ThreadPool(threads: $0) }
    for epilogue in BFloat16Data.epilogues {
      for algorithm in BFloat16Algorithm.fast + [.reference] {
        let bytes = try #require(data.convolve(algorithm, epilogue, pool: pools[1]))
        var wrong = 0
        for (index, value) in BFloat16Data.numbers(bytes, epilogue).enumerated() {
          var sum = sums[index]
          if epilogue.residual != nil { sum.add(Double(data.residual[index])) }
          // All functions here grow, and so does rounding: what lies between sums stays between.
          let low = stored(sum.value - sum.bound, epilogue)
          let high = stored(sum.value + sum.bound, epilogue)
          // A product of a slope and a sum is rounded once more.
          let slack = epilogue.output == .f32 ? 0x1p-22 * abs(value) : 0
          let isRight = value >= low - slack && value <= high + slack
          if !isRight { wrong += 1 }
        }
        #expect(wrong == 0, "\(algorithm.rawValue) \(epilogue)")
        for pool in [pools[0], pools[2]] where algorithm != .reference {
          #expect(data.convolve(algorithm, epilogue, pool: pool) == bytes, "\(pool.threads)")
        }
      }
    }
  }

  @Test("Small whole numbers are the reference's, bit for bit", arguments: shapes)
  func isExactOnIntegers(shape: ConvShape) {
    let data = BFloat16Data(shape, integers: true)
    let pool = ThreadPool(threads: 2)
    for epilogue in BFloat16Data.epilogues {
      let expected = data.convolve(.reference, epilogue, pool: pool)
      #expect(expected != nil)
      for algorithm in BFloat16Algorithm.fast {
        #expect(
          data.convolve(algorithm, epilogue, pool: pool) == expected,
          "\(algorithm.rawValue) \(epilogue)")
      }
    }
  }

  /// A plain product, a window in place, lowered windows whose last word is half full, filters that
  /// fill no vector.
  static let fewShapes = [
    ConvShape(N: 2, C: 64, H: 4, W: 4, K: 64, R: 1, S: 1),
    ConvShape(N: 1, C: 32, H: 6, W: 5, K: 40, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 3, H: 9, W: 9, K: 64, R: 7, S: 7, stride: 2, padding: 3),
    ConvShape(N: 1, C: 3, H: 6, W: 9, K: 24, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 19, H: 5, W: 5, K: 18, R: 1, S: 1), groupedShapes[6],
  ]

  @Test("Infinities and NaN go where IEEE arithmetic takes them", arguments: fewShapes)
  func specials(shape: ConvShape) throws {
    var data = BFloat16Data(shape)
    let places = stride(from: 5, to: shape.inputCount, by: 97)
    let specials: [Float] = [.infinity, .nan, -.infinity]
    for (index, place) in places.enumerated() {
      data.input[place] = BFloat16(specials[index % 3])
    }
    // Times an infinity it is NaN.
    data.weights[1] = BFloat16(0)
    let pool = ThreadPool(threads: 2)
    for epilogue in BFloat16Data.epilogues {
      let right = BFloat16Data.numbers(
        try #require(data.convolve(.reference, epilogue, pool: pool)), epilogue)
      #expect(right.contains { $0.isNaN } && right.contains { !$0.isNaN })
      for algorithm in BFloat16Algorithm.fast {
        let found = BFloat16Data.numbers(
          try #require(data.convolve(algorithm, epilogue, pool: pool)), epilogue)
        for (value, expected) in zip(found, right) {
          #expect(value.isNaN == expected.isNaN, "\(algorithm.rawValue) \(epilogue)")
          if expected.isInfinite { #expect(value == expected) }
          if expected.isFinite { #expect(value.isFinite) }
        }
      }
    }
  }

  @Test("What is too small for float32's normal numbers is stored as zero")
  func tinyProducts() throws {
    let shape = ConvShape(N: 1, C: 64, H: 3, W: 2, K: 48, R: 1, S: 1)
    var data = BFloat16Data(shape)
    data.input = data.input.map { BFloat16(0x1p-100 * $0.value) }
    data.weights = data.weights.map { BFloat16(0x1p-40 * $0.value) }
    data.bias = data.bias.map { _ in 0 }
    let pool = ThreadPool(threads: 1)
    for algorithm in BFloat16Algorithm.fast + [.reference] {
      let bytes = try #require(data.convolve(algorithm, BFloat16Epilogue(), pool: pool))
      let numbers = BFloat16Data.numbers(bytes, BFloat16Epilogue())
      #expect(numbers.allSatisfy { $0 == 0 }, "\(algorithm.rawValue)")
    }
  }

  @Test(
    "A wider tensor's other channels stay as they are, and a residual may lie in the output",
    arguments: fewShapes)
  func pitches(shape: ConvShape) throws {
    let data = BFloat16Data(shape)
    let pool = ThreadPool(threads: 2)
    for epilogue in BFloat16Data.epilogues {
      let width = epilogue.output.byteCount
      for algorithm in BFloat16Algorithm.fast + [.reference] {
        let dense = try #require(data.convolve(algorithm, epilogue, pool: pool))
        let wide = try #require(data.convolve(algorithm, epilogue, gap: 6, pool: pool))
        let rows = stride(from: 0, to: wide.count, by: (shape.K + 6) * width).map {
          wide[$0..<$0 + (shape.K + 6) * width]
        }
        #expect(rows.flatMap { $0.prefix(shape.K * width) } == dense, "\(algorithm) \(epilogue)")
        #expect(rows.allSatisfy { $0.suffix(6 * width).allSatisfy { $0 == 0x5A } })
        if epilogue.residual == epilogue.output {
          #expect(data.convolve(algorithm, epilogue, inPlace: true, pool: pool) == dense)
        }
      }
    }
  }
}
