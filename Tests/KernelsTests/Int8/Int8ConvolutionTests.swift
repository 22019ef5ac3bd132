import Kernels
import TestSupport
import Testing

@Suite("Convolution of bytes")
struct Int8ConvolutionTests {
  /// Shapes that cross the edges of panels and blocks of rows, and rows that leave 1 to 5 for the
  /// last tile; channels that fill no word, few channels under wide windows.
  static let blockShapes = [
    ConvShape(N: 1, C: 64, H: 7, W: 7, K: 256, R: 1, S: 1),
    ConvShape(N: 1, C: 16, H: 31, W: 33, K: 70, R: 3, S: 3, padding: 1),
    ConvShape(N: 2, C: 300, H: 5, W: 7, K: 70, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 130, H: 9, W: 9, K: 129, R: 3, S: 3, stride: 2, padding: 1),
    ConvShape(N: 2, C: 64, H: 8, W: 6, K: 96, R: 1, S: 1, stride: 2),
    ConvShape(N: 2, C: 3, H: 37, W: 41, K: 64, R: 7, S: 7, stride: 2, padding: 3),
    ConvShape(N: 1, C: 1, H: 28, W: 28, K: 16, R: 3, S: 3, padding: 1),
    ConvShape(N: 19, C: 16, H: 1, W: 1, K: 1000, R: 1, S: 1),
    ConvShape(N: 3, C: 2048, H: 1, W: 1, K: 41, R: 1, S: 1),
  ]

  @Test(
    "Every algorithm gives the reference's bytes, on any number of threads",
    arguments: oddConvShapes + groupedShapes + blockShapes, [false, true])
  func equalsTheReference(shape: ConvShape, isDyadic: Bool) {
    let data = Int8Data(shape, isDyadic: isDyadic)
    let algorithms = Int8Algorithm.fast.filter { $0.supports(shape, weights: data.weights) }
    #expect(algorithms.contains(.tile))
    let pools = [1, 2, 3].map { ThreadPool(threads: $0) }
    for epilogue in data.epilogues {
      let expected = data.convolve(.reference, epilogue, pool: pools[1])
      #expect(expected != nil)
      for algorithm in algorithms {
        for pool in pools {
          let name = "\(algorithm.rawValue) \(epilogue) on \(pool.threads)"
          #expect(data.convolve(algorithm, epilogue, pool: pool) == expected, "\(name)")
        }
      }
    }
  }

  /// A deep one, a plain product whose channels fill no word, groups, and one filter a channel.
  static let fewShapes = [
    ConvShape(N: 1, C: 512, H: 4, W: 5, K: 40, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 18, H: 5, W: 5, K: 18, R: 1, S: 1),
    ConvShape(N: 2, C: 64, H: 4, W: 4, K: 64, R: 1, S: 1), groupedShapes[1], groupedShapes[6],
  ]

  @Test(
    "Nothing saturates or overflows at the ends of all types", arguments: Int8Data.Values.allCases,
    [0, 255] as [UInt8])
  func extremes(values: Int8Data.Values, zeroPoint: UInt8) {
    let pool = ThreadPool(threads: 2)
    for shape in Self.fewShapes {
      let data = Int8Data(shape, values, zeroPoint: zeroPoint)
      for epilogue in data.epilogues {
        let expected = data.convolve(.reference, epilogue, pool: pool)
        for algorithm in Int8Algorithm.fast where algorithm.supports(shape, weights: data.weights) {
          #expect(
            data.convolve(algorithm, epilogue, pool: pool) == expected,
            "\(algorithm.rawValue) \(shape) \(epilogue)")
        }
      }
    }
  }

  @Test("Sums beyond 32 bits wrap around in every algorithm alike")
  func wrapsAround() {
    let shape = ConvShape(N: 2, C: 70_000, H: 1, W: 1, K: 3, R: 1, S: 1)
    var data = Int8Data(shape, .extremes, zeroPoint: 0)
    data.input = data.input.map { _ in 255 }
    data.weights = data.weights.indices.map { $0 < 70_000 ? 127 : -128 }
    let pool = ThreadPool(threads: 1)
    let expected = data.convolve(.reference, .sums, pool: pool)
    let sum = Int64(70_000 * 255 * 127) + Int64(data.bias[0])
    let first = expected?.prefix(4).reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
    #expect(sum > Int64(Int32.max) && first == sum & 0xFFFF_FFFF)
    for algorithm in Int8Algorithm.fast where algorithm.supports(shape, weights: data.weights) {
      #expect(data.convolve(algorithm, .sums, pool: pool) == expected, "\(algorithm.rawValue)")
    }
  }

  @Test(
    "A wider tensor's other channels stay as they are, and a residual may lie in the output",
    arguments: fewShapes)
  func pitches(shape: ConvShape) throws {
    let data = Int8Data(shape)
    let pool = ThreadPool(threads: 2)
    for epilogue in data.epilogues {
      let dense = try #require(data.convolve(.reference, epilogue, pool: pool))
      let width = dense.count / shape.outputCount
      for algorithm in Int8Algorithm.fast where algorithm.supports(shape, weights: data.weights) {
        let wide = try #require(data.convolve(algorithm, epilogue, gap: 5, pool: pool))
        let rows = stride(from: 0, to: wide.count, by: (shape.K + 5) * width).map {
          wide[$0..<$0 + (shape.K + 5) * width]
        }
        #expect(rows.flatMap { $0.prefix(shape.K * width) } == dense, "\(algorithm) \(epilogue)")
        #expect(rows.allSatisfy { $0.suffix(5 * width).allSatisfy { $0 == 0x5A } })
        if epilogue.addsResidual {
          #expect(data.convolve(algorithm, epilogue, inPlace: true, pool: pool) == dense)
        }
      }
    }
  }

  @Test("Pairs of products are taken only where none can saturate")
  func pairs() {
    let shape = ConvShape(N: 1, C: 5, H: 1, W: 1, K: 2, R: 1, S: 1)
    func isTaken(_ weights: [Int8]) -> Bool {
      Int8Algorithm.pairs.supports(shape, weights: weights)
    }
    let fitting: [Int8] = [64, 64, -128, 127, 127, 1, 127, -64, -64, -128]
    #expect(isTaken(fitting) == Int8Algorithm.pairs.isBuilt)
    // Neighbours of one word, not those of the next filter or word.
    for (place, weight) in [(0, 65), (6, 127), (8, -65)] as [(Int, Int8)] {
      var weights = fitting
      weights[place] = weight
      if place == 6 { weights[5] = 2 }
      #expect(!isTaken(weights), "\(place)")
    }
    let chosen = Int8Algorithm.native(shape, weights: fitting)
    #expect(chosen == (Int8Algorithm.pairs.isBuilt ? .pairs : .tile))
  }

  /// Where the build has no VNNI, the tile that takes all weights has them in 16 bits.
  @Test("Packed weights take a byte, or two where they are widened once")
  func packedSizes() {
    let data = Int8Data(ConvShape(N: 1, C: 64, H: 3, W: 3, K: 128, R: 1, S: 1), .narrow)
    let (weights, scales) = (GuardedBytes(data.weights), GuardedBytes(data.scales))
    for algorithm in [Int8Algorithm.tile, .pairs] where algorithm.isBuilt {
      let isWide = algorithm == .tile && Int8Algorithm.pairs.isBuilt
      let compiled = algorithm.compile(
        data.shape, input: data.quantization,
        filters: Int8Filters(
          weights: UnsafePointer(weights.pointer.assumingMemoryBound(to: Int8.self)),
          scales: UnsafePointer(scales.pointer.assumingMemoryBound(to: Float.self))),
        epilogue: .sums, threads: 1)
      #expect(compiled.filterMemory?.count == 64 * 128 * (isWide ? 2 : 1), "\(algorithm)")
    }
  }

  @Test("A fused residual gives the bytes of the sum of two tensors")
  func fusedEqualsSeparate() throws {
    let data = Int8Data(ConvShape(N: 1, C: 24, H: 6, W: 7, K: 37, R: 3, S: 3, padding: 1))
    let pool = ThreadPool(threads: 2)
    let own = data.range(110)
    let other = Quantization(scale: own.quantization.scale * 0.6, zeroPoint: 21)
    let total = QuantizedRange(
      Quantization(scale: own.quantization.scale * 1.3, zeroPoint: 64), least: 64)
    let fused = try #require(
      data.convolve(.tile, .added(own, residual: other, total: total), pool: pool))
    let alone = GuardedBytes(try #require(data.convolve(.tile, .quantized(own), pool: pool)))
    let (residual, sum) = (GuardedBytes(data.residual), GuardedBytes(data.residual))
    let (rows, K) = (data.shape.outputCount / data.shape.K, data.shape.K)
    QuantizedAddition.add(
      rows: rows, channels: K, PitchedRows(alone.input, pitch: K), of: own.quantization,
      PitchedRows(residual.input, pitch: K), of: other, to: PitchedRows(sum.bytes, pitch: K),
      as: total, pool: pool)
    #expect(sum.values == fused)
  }
}
