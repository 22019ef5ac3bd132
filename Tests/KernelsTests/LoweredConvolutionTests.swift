import Kernels
import TestSupport
import Testing

/// Convolutions of bytes and of bfloat16 whose windows are lowered, in blocks of a few pixels and from
/// memory that ends with the input.
@Suite("Convolution of few or odd channels")
struct LoweredConvolutionTests {
  /// A network's first layer on odd sizes and two images; one channel; windows of many bytes, with
  /// panels that filters do not fill; padding as wide as the window and wider, so that some lie wholly
  /// outside; dilations and groups, whose positions do not follow each other; plain products, also of a
  /// single row; more panels than rows, so that threads share them.
  static let shapes: [ConvShape] = [
    (2, 3, 13, 11, 64, PerAxis(7), PerAxis(2), PerAxis(3), PerAxis(1), 1),
    (1, 3, 13, 11, 8, PerAxis(3), PerAxis(1), PerAxis(0), PerAxis(1), 1),
    (2, 1, 9, 14, 70, PerAxis(5, 3), PerAxis(1), PerAxis(2, 1), PerAxis(1), 1),
    (1, 1, 9, 9, 3, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(3, 1), 1),
    (1, 13, 8, 9, 70, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(1), 1),
    (1, 37, 6, 5, 33, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(1), 1),
    (1, 5, 11, 10, 9, PerAxis(3), PerAxis(1), PerAxis(2), PerAxis(2), 1),
    (2, 6, 9, 8, 10, PerAxis(3), PerAxis(2), PerAxis(1), PerAxis(1), 2),
    (1, 6, 7, 9, 12, PerAxis(3), PerAxis(2), PerAxis(4), PerAxis(1), 1),
    (1, 2, 3, 2, 5, PerAxis(2), PerAxis(1), PerAxis(5), PerAxis(1), 1),
    (3, 7, 5, 6, 70, PerAxis(1), PerAxis(1), PerAxis(0), PerAxis(1), 1),
    (2, 7, 5, 6, 9, PerAxis(1), PerAxis(2), PerAxis(1), PerAxis(1), 1),
    (1, 101, 1, 1, 20, PerAxis(1), PerAxis(1), PerAxis(0), PerAxis(1), 1),
    (1, 9, 5, 4, 300, PerAxis(3), PerAxis(1), PerAxis(1), PerAxis(1), 1),
  ].compactMap { N, C, H, W, K, window, strides, paddings, dilations, groups in
    ConvShape(
      checking: N, C: C, H: H, W: W, K: K, window: window, strides: strides, paddings: paddings,
      dilations: dilations, groups: groups)
  }

  /// Blocks of one or two tiles, and blocks that the first level is too small for.
  static let caches = [
    CacheSizes(l1: 1 << 10, l2: 1 << 12, l3: 0), CacheSizes(l1: 1 << 10, l2: 1 << 18, l3: 0),
  ]

  /// All weights, and those that pairs take; what the border is.
  static let draws: [(Int8Data.Values, UInt8)] = [(.all, 77), (.narrow, 0), (.narrow, 255)]

  @Test("All shapes are ones that there are")
  func areShapes() { #expect(Self.shapes.count == 14) }

  @Test("Bytes give the reference's, with any zero point", arguments: shapes)
  func bytes(shape: ConvShape) {
    let pools = [1, 2].map { ThreadPool(threads: $0) }
    for (values, zeroPoint) in Self.draws {
      let data = Int8Data(shape, values, zeroPoint: zeroPoint)
      for epilogue in [Int8Epilogue.sums, .quantized(data.range(120))] {
        let expected = data.convolve(.reference, epilogue, pool: pools[0])
        #expect(expected != nil)
        for algorithm in [Int8Algorithm.tile, .pairs]
        where algorithm.supports(shape, weights: data.weights) {
          for pool in pools {
            for caches in Self.caches {
              let found = data.convolve(
                algorithm, epilogue, endsAtPage: true, pool: pool, caches: caches)
              #expect(found == expected, "\(algorithm.rawValue) on \(pool.threads), \(caches)")
            }
          }
        }
      }
    }
  }

  @Test("Whole numbers in bfloat16 give the reference's", arguments: shapes)
  func wholeNumbers(shape: ConvShape) {
    let data = BFloat16Data(shape, integers: true)
    let pools = [1, 2].map { ThreadPool(threads: $0) }
    for epilogue in [BFloat16Epilogue(output: .f32), BFloat16Epilogue(residual: .bf16)] {
      let expected = data.convolve(.reference, epilogue, pool: pools[0])
      #expect(expected != nil)
      for pool in pools {
        for caches in Self.caches {
          let found = data.convolve(
            .tile, epilogue, endsAtPage: true, pool: pool, caches: caches)
          #expect(found == expected, "on \(pool.threads), \(caches)")
        }
      }
    }
  }

  /// Chunks that are copied hold what follows a window, and the last word of a row what was there.
  @Test("A NaN stays within the windows that it belongs to", arguments: shapes)
  func specials(shape: ConvShape) throws {
    var data = BFloat16Data(shape, integers: true)
    for place in stride(from: shape.inputCount / 2, to: shape.inputCount, by: 211) {
      data.input[place] = BFloat16(Float.nan)
    }
    let (epilogue, pool) = (BFloat16Epilogue(output: .f32), ThreadPool(threads: 2))
    let right = BFloat16Data.numbers(
      try #require(data.convolve(.reference, epilogue, pool: pool)), epilogue)
    for caches in Self.caches {
      let found = BFloat16Data.numbers(
        try #require(
          data.convolve(.tile, epilogue, endsAtPage: true, pool: pool, caches: caches)), epilogue)
      #expect(found.map(\.isNaN) == right.map(\.isNaN))
      #expect(zip(found, right).allSatisfy { $0 == $1 || $1.isNaN })
    }
  }

  @Test("Neighbours of pairs are those of a lowered window, across its positions")
  func pairs() {
    let shape = ConvShape(N: 1, C: 1, H: 1, W: 3, K: 2, R: 1, S: 3)
    func isTaken(_ weights: [Int8]) -> Bool {
      Int8Algorithm.pairs.supports(shape, weights: weights)
    }
    // The third weight of each filter has no neighbour.
    #expect(isTaken([64, 64, 127, -64, -64, -128]) == Int8Algorithm.pairs.isBuilt)
    #expect(!isTaken([127, 2, 0, 0, 0, 0]))
    #expect(!isTaken([0, 0, 127, -127, -2, 0]))
  }
}
