import Basics
import Kernels
import TestSupport
import Testing

/// Both gradients of convolutions of bfloat16, and filters that are rounded as they are loaded.
@Suite("Gradients of bfloat16")
struct BFloat16GradientTests {
  static let shapes = oddConvShapes.filter(\.isPlain)

  /// Types and kinds of the input's gradient.
  static let forms: [(output: DType, accumulates: Bool)] = [
    (.bf16, false), (.bf16, true), (.f32, false), (.f32, true),
  ]

  @Test(
    "Small whole numbers are the reference's, bit for bit, on any number of threads",
    arguments: shapes)
  func isExactOnIntegers(shape: ConvShape) throws {
    let data = BFloat16GradientData(shape, integers: true)
    let pools = [1, 2, 3].map { ThreadPool(threads: $0) }
    for algorithm in BFloat16Algorithm.fast {
      for form in Self.forms {
        let expected = try #require(
          data.backwardData(
            .reference, output: form.output, accumulates: form.accumulates, pool: pools[1]))
        for pool in pools {
          let found = data.backwardData(
            algorithm, output: form.output, accumulates: form.accumulates, pool: pool)
          #expect(found == expected, "\(form) \(pool.threads)")
        }
      }
      let expected = try #require(data.backwardWeights(.reference, pool: pools[0]))
      for pool in pools {
        #expect(data.backwardWeights(algorithm, pool: pool) == expected, "\(pool.threads)")
      }
    }
  }

  /// How far a stored number may be from a sum.
  private func isWithin(_ value: Double, _ sum: BFloat16Data.Sum, _ output: DType) -> Bool {
    func stored(_ value: Double) -> Double {
      output == .bf16 ? Double(BFloat16(Float(value)).value) : Double(Float(value))
    }
    return value >= stored(sum.value - sum.bound) && value <= stored(sum.value + sum.bound)
  }

  @Test("Every number is that of a sum within the bound", arguments: shapes)
  func staysWithinTheBound(shape: ConvShape) throws {
    let data = BFloat16GradientData(shape)
    let pools = [1, 2, 3].map { ThreadPool(threads: $0) }
    for algorithm in BFloat16Algorithm.fast + [.reference] {
      for form in Self.forms {
        let sums = data.sumsByInput(accumulates: form.accumulates)
        let found = try #require(
          data.backwardData(
            algorithm, output: form.output, accumulates: form.accumulates, pool: pools[1]))
        let wrong = zip(found, sums).filter { !isWithin($0, $1, form.output) }
        #expect(wrong.isEmpty, "\(algorithm.rawValue) \(form): \(wrong.prefix(2))")
        for pool in [pools[0], pools[2]] where algorithm != .reference {
          let other = data.backwardData(
            algorithm, output: form.output, accumulates: form.accumulates, pool: pool)
          #expect(other == found, "\(pool.threads)")
        }
      }
      for pool in pools {
        let found = try #require(data.backwardWeights(algorithm, pool: pool))
        let wrong = zip(found, data.sumsByFilters).filter { !isWithin(Double($0), $1, .f32) }
        #expect(wrong.isEmpty, "\(algorithm.rawValue) \(pool.threads): \(wrong.prefix(2))")
        #expect(data.backwardWeights(algorithm, pool: pool) == found, "the same bits again")
      }
    }
  }

  /// Large; many filters, a few over; few filters; an odd number of pixels; one vector of channels.
  static let largeShapes = [
    ConvShape(N: 3, C: 72, H: 9, W: 8, K: 260, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 24, H: 20, W: 19, K: 521, R: 1, S: 1),
    ConvShape(N: 1, C: 96, H: 17, W: 19, K: 40, R: 3, S: 3, padding: 1),
    ConvShape(N: 2, C: 64, H: 19, W: 14, K: 272, R: 1, S: 1),
    ConvShape(N: 1, C: 16, H: 27, W: 29, K: 48, R: 1, S: 1),
    ConvShape(N: 2, C: 3, H: 31, W: 31, K: 64, R: 7, S: 7, stride: 2, padding: 3),
  ]

  @Test(
    "However work is shared out and kept in caches, it is the reference's",
    arguments: largeShapes)
  func sharesOut(shape: ConvShape) throws {
    let data = BFloat16GradientData(shape, integers: true)
    let expected = try #require(
      data.backwardWeights(.reference, pool: ThreadPool(threads: 2)))
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      for l2 in [1, 1 << 19, 1 << 24] {
        let caches = CacheSizes(l1: 32 << 10, l2: l2, l3: 0)
        #expect(
          data.backwardWeights(.tile, pool: pool, caches: caches) == expected,
          "\(threads) threads, \(l2) bytes")
      }
      #expect(
        data.backwardData(.tile, output: .bf16, accumulates: true, pool: pool)
          == data.backwardData(.reference, output: .bf16, accumulates: true, pool: pool))
    }
  }

  @Test("Infinities and NaN go where IEEE arithmetic takes them", arguments: [1, 2], [0, 1])
  func specials(step: Int, padding: Int) throws {
    let shape = ConvShape(
      N: 2, C: 20, H: 7, W: 8, K: 33, R: 3, S: 3, stride: step, padding: padding)
    var data = BFloat16GradientData(shape)
    let specials: [Float] = [.infinity, .nan, -.infinity]
    for (index, place) in stride(from: 7, to: shape.outputCount, by: 431).enumerated() {
      data.gradient[place] = BFloat16(specials[index % 3])
    }
    // Times an infinity it is NaN.
    data.filters[1] = 0
    data.input[3] = BFloat16(0)
    let pool = ThreadPool(threads: 2)
    func compare(_ found: [Double], _ expected: [Double]) {
      #expect(expected.contains { !$0.isFinite })
      for (value, right) in zip(found, expected) {
        #expect(value.isNaN == right.isNaN)
        if right.isInfinite { #expect(value == right) }
        if right.isFinite { #expect(value.isFinite) }
      }
    }
    for form in Self.forms {
      let (found, expected) = (
        data.backwardData(
          .tile, output: form.output, accumulates: form.accumulates, pool: pool),
        data.backwardData(
          .reference, output: form.output, accumulates: form.accumulates, pool: pool)
      )
      compare(try #require(found), try #require(expected))
    }
    let (found, expected) = (
      data.backwardWeights(.tile, pool: pool), data.backwardWeights(.reference, pool: pool)
    )
    let weights = try #require(found)
    compare(weights.map(Double.init), try #require(expected).map(Double.init))
    // At the first output pixel the upper and left taps of a padded window lie on the border.
    let filter = try #require((0..<shape.K).first { !data.gradient[$0].value.isFinite })
    #expect(weights[filter * shape.R * shape.S * shape.C].isNaN == (padding == 1))
  }

  /// Words of two channels, odd numbers of channels, groups, more words than are packed at a time.
  @Test(
    "Filters that are loaded are those that were rounded before",
    arguments: BFloat16ConvolutionTests.fewShapes + oddConvShapes + groupedShapes)
  func loads(shape: ConvShape) throws {
    var data = BFloat16Data(shape)
    var random = SeededRandom(seed: 12)
    let filters = random.floats(shape.filterCount, in: -2...2)
    data.weights = filters.map { BFloat16($0) }
    let epilogue = BFloat16Epilogue(output: .f32)
    for threads in [1, 3] {
      let pool = ThreadPool(threads: threads)
      for algorithm in BFloat16Algorithm.fast + [.reference] {
        let expected = try #require(data.convolve(algorithm, epilogue, pool: pool))
        let (before, now, bias) = (
          GuardedBytes(filters.map { $0 + 1 }), GuardedBytes(filters), GuardedBytes(data.bias)
        )
        func floats(_ bytes: GuardedBytes) -> UnsafePointer<Float> {
          UnsafePointer(bytes.pointer.assumingMemoryBound(to: Float.self))
        }
        let compiled = algorithm.compile(
          shape, rounding: floats(before), bias: nil, epilogue: epilogue, threads: threads)
        compiled.load(weights: floats(now), bias: floats(bias), pool: pool)
        let input = GuardedBytes(data.input)
        let output = GuardedBytes(count: 4 * shape.outputCount, filledWith: 0x5A)
        let workspace = GuardedBytes(count: compiled.workspaceByteCount, filledWith: 0xFF)
        compiled.run(
          BFloat16Operands(
            input: UnsafePointer(input.pointer.assumingMemoryBound(to: BFloat16.self)),
            output: output.pointer, workspace: workspace.pointer),
          pool: pool)
        #expect(output.values == expected && output.isIntact, "\(algorithm.rawValue)")
        #expect([before, now, bias, input, workspace].allSatisfy { $0.isIntact })
      }
    }
  }
}
