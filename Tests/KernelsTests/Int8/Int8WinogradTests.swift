import Kernels
import TestSupport
import Testing

/// What the general tests of convolutions of bytes do not reach: the limits of 32 bits, both ways to
/// share the work, and when it is chosen.
@Suite("Winograd convolution of bytes")
struct Int8WinogradTests {
  /// Sizes that leave every rest modulo the tiles, images smaller than a tile, padding of 0 to 2,
  /// channels and filters that fill no vector, few and many tiles for the filters.
  static let shapes = [
    ConvShape(N: 1, C: 1, H: 1, W: 1, K: 1, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 16, H: 3, W: 3, K: 16, R: 3, S: 3),
    ConvShape(N: 1, C: 3, H: 1, W: 2, K: 48, R: 3, S: 3, padding: 1),
    ConvShape(N: 2, C: 33, H: 9, W: 8, K: 41, R: 3, S: 3, padding: 1),
    ConvShape(N: 3, C: 64, H: 14, W: 7, K: 32, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 47, H: 11, W: 10, K: 65, R: 3, S: 3, padding: 2),
    ConvShape(N: 1, C: 130, H: 7, W: 7, K: 150, R: 3, S: 3, padding: 1),
  ]

  private static let zeroPoints: [Int8Data.Values: UInt8] = [.all: 77, .extremes: 255, .narrow: 0]

  @Test("It gives the reference's bytes", arguments: shapes, Int8Data.Values.allCases)
  func equalsTheReference(shape: ConvShape, values: Int8Data.Values) throws {
    let data = Int8Data(shape, values, zeroPoint: try #require(Self.zeroPoints[values]))
    #expect(Int8Algorithm.winograd2x3.supports(shape, weights: data.weights))
    // Shares of three threads begin within a position.
    let pools = [1, 2, 3].map { ThreadPool(threads: $0) }
    for epilogue in data.epilogues {
      let expected = data.convolve(.reference, epilogue, pool: pools[1])
      #expect(expected != nil)
      for pool in pools {
        #expect(
          data.convolve(.winograd2x3, epilogue, pool: pool) == expected,
          "\(epilogue) on \(pool.threads)")
      }
    }
  }

  /// More tiles than any second level holds at once.
  @Test("Blocks of tiles follow one another")
  func blocks() throws {
    let data = Int8Data(ConvShape(N: 1, C: 64, H: 57, W: 55, K: 64, R: 3, S: 3, padding: 1))
    let pools = [1, 2].map { ThreadPool(threads: $0) }
    let expected = try #require(
      data.convolve(.reference, .quantized(data.range(120)), pool: pools[1]))
    for pool in pools {
      #expect(
        data.convolve(.winograd2x3, .quantized(data.range(120)), pool: pool) == expected)
    }
  }

  /// The most channels for weights that are the same in all places, or take turns.
  struct Limit {
    var channels: Int
    var weights: [Int8]
  }

  /// Everything at its limit: bytes of 255 under the first of the weights, 0 under others.
  private func largest(_ limit: Limit, zeroPoint: UInt8) -> Int8Data {
    let (channels, weights) = (limit.channels, limit.weights)
    let shape = ConvShape(N: 1, C: channels, H: 3, W: 4, K: 2, R: 3, S: 3, padding: 1)
    var data = Int8Data(shape, zeroPoint: zeroPoint)
    data.weights = data.weights.indices.map { weights[$0 % channels % weights.count] }
    data.input = data.input.indices.map {
      weights[$0 % channels % weights.count] == weights[0] ? 255 : 0
    }
    return data
  }

  /// Four times 255 · 9 · 127 · 1841 is 1.1 million below 2³¹, less than one channel adds; weights of
  /// one sign count apart from those of the other.
  static let limits = [
    Limit(channels: 1841, weights: [127]), Limit(channels: 1841, weights: [-127]),
    Limit(channels: 1827, weights: [-128]), Limit(channels: 3682, weights: [127, -127]),
    Limit(channels: 3654, weights: [-128, 127]),
  ]

  @Test(
    "Sums next to what 32 bits hold are exact, and what could be beyond is refused",
    arguments: limits, [0, 255] as [UInt8])
  func bounds(limit: Limit, zeroPoint: UInt8) {
    let pool = ThreadPool(threads: 2)
    let algorithm = Int8Algorithm.winograd2x3
    let data = largest(limit, zeroPoint: zeroPoint)
    #expect(algorithm.supports(data.shape, weights: data.weights))
    let expected = data.convolve(.reference, .sums, pool: pool)
    #expect(expected != nil && data.convolve(algorithm, .sums, pool: pool) == expected)
    let step = limit.weights.count
    var more = limit
    more.channels += step
    var beyond = largest(more, zeroPoint: zeroPoint)
    #expect(!algorithm.supports(beyond.shape, weights: beyond.weights))
    // One filter is enough.
    for i in 0..<beyond.weights.count / 2 { beyond.weights[i] = 0 }
    #expect(!algorithm.supports(beyond.shape, weights: beyond.weights))
    for i in beyond.weights.indices where i % more.channels < step {
      beyond.weights[i] = 0
    }
    #expect(algorithm.supports(beyond.shape, weights: beyond.weights))
  }

  #if COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI
    /// Whether this build is one that it is chosen by.
    private static let isHere = true
  #else
    /// Whether this build is one that it is chosen by.
    private static let isHere = false
  #endif

  /// Enough tiles to choose it for, and filters of one channel more than `limits` has, or as many.
  @Test("What is refused is left to others")
  func refusal() {
    let shape = ConvShape(N: 6, C: 1842, H: 3, W: 4, K: 16, R: 3, S: 3, padding: 1)
    var weights = [Int8](repeating: 127, count: shape.filterCount)
    #expect(Int8Algorithm.native(shape, weights: weights) != .winograd2x3)
    for i in weights.indices where i % shape.C == 0 { weights[i] = 0 }
    #expect((Int8Algorithm.native(shape, weights: weights) == .winograd2x3) == Self.isHere)
  }

  private func compile(
    _ algorithm: Int8Algorithm, _ shape: ConvShape, threads: Int = 1
  ) -> any CompiledInt8Convolution {
    let data = Int8Data(shape)
    let (weights, scales) = (GuardedBytes(data.weights), GuardedBytes(data.scales))
    return withExtendedLifetime((weights, scales)) {
      algorithm.compile(
        shape, input: data.quantization,
        filters: Int8Filters(
          weights: UnsafePointer(weights.pointer.assumingMemoryBound(to: Int8.self)),
          scales: UnsafePointer(scales.pointer.assumingMemoryBound(to: Float.self))),
        epilogue: .sums, threads: threads)
    }
  }

  @Test("Fewer products are counted, and shapes that do not fit are refused")
  func counts() throws {
    let shape = ConvShape(N: 1, C: 32, H: 14, W: 14, K: 32, R: 3, S: 3, padding: 1)
    let direct = shape.macs.integerOperations.count
    #expect(compile(.tile, shape).executedOperations.count == direct)
    #expect(compile(.winograd2x3, shape).executedOperations.count * 9 == 4 * direct)
    // Tiles that reach past the end count as whole ones.
    let odd = ConvShape(N: 2, C: 5, H: 7, W: 6, K: 3, R: 3, S: 3, padding: 1)
    #expect(compile(.winograd2x3, odd).executedOperations.count == Double(2 * 24 * 16 * 5 * 3))
    // Sixteen positions, a pair of bytes each, and whole panels.
    let packed = try #require(compile(.winograd2x3, shape).filterMemory?.count)
    #if COSTCURVE_AVX512
      let columns = 64
    #else
      let columns = 32
    #endif
    #expect(packed == 16 * 2 * 32 * columns)
    let weights = Int8Data(shape).weights
    for others in [
      ConvShape(N: 1, C: 32, H: 14, W: 14, K: 32, R: 3, S: 3, stride: 2, padding: 1),
      ConvShape(N: 1, C: 32, H: 14, W: 14, K: 32, R: 1, S: 3, padding: 1),
      groupedShapes[5], groupedShapes[8],
    ] {
      #expect(!Int8Algorithm.winograd2x3.supports(others, weights: weights), "\(others)")
    }
  }

  @Test("Few tiles for the filters are there once, however many threads")
  func sharesPanels() {
    let shape = ConvShape(N: 1, C: 128, H: 7, W: 7, K: 320, R: 3, S: 3, padding: 1)
    let counts = (1...3).map { compile(.winograd2x3, shape, threads: $0).workspaceByteCount }
    // A further thread needs its scratch and nothing that depends on how the tiles are divided.
    #expect(counts[2] - counts[1] == counts[1] - counts[0])
  }

  /// All tiles at once would be 16.9 million bytes.
  @Test("Matrices take no more than a workspace is counted as")
  func limitsMemory() {
    let shape = ConvShape(N: 1, C: 608, H: 33, W: 33, K: 608, R: 3, S: 3, padding: 1)
    #expect(compile(.winograd2x3, shape).workspaceByteCount <= 16 << 20)
  }

  @Test("It is chosen where it takes clearly fewer instructions, by builds that it is for")
  func choice() {
    let isHere = Self.isHere
    func isChosen(_ shape: ConvShape, _ values: Int8Data.Values) -> Bool {
      Int8Algorithm.native(shape, weights: Int8Data(shape, values).weights) == .winograd2x3
    }
    func layer(
      _ channels: Int, filters: Int? = nil, side: Int, images: Int = 1, stride: Int = 1
    ) -> ConvShape {
      ConvShape(
        N: images, C: channels, H: side, W: side, K: filters ?? channels, R: 3, S: 3,
        stride: stride, padding: 1)
    }
    #expect(isChosen(layer(32, side: 14), .narrow) == isHere)
    #expect(isChosen(layer(32, side: 14), .all) == isHere)
    // Transforms of few channels take more than pairs leave to save, but not more than others do.
    #expect(!isChosen(layer(16, side: 14), .narrow))
    #expect(isChosen(layer(16, side: 14), .all) == isHere)
    // Vectors of which half would be padding.
    #expect(!isChosen(layer(32, filters: 8, side: 14), .all))
    #expect(!isChosen(layer(4, filters: 32, side: 14), .all))
    // Too few tiles for the filters, and tiles of which much is past the end.
    #expect(!isChosen(layer(64, side: 7), .all))
    #expect(!isChosen(layer(64, side: 7, images: 2), .narrow))
    #expect(!isChosen(layer(32, side: 28, stride: 2), .all))
  }
}
