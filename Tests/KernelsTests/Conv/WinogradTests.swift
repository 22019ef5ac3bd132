import Kernels
import TestSupport
import Testing

@Suite("Winograd convolution")
struct WinogradTests {
  /// Sizes that leave every rest modulo the tiles, images smaller than a tile, padding of 0 to 2,
  /// several images, few and many tiles for the filters, so that both partitions are used.
  static let shapes = [
    ConvShape(N: 1, C: 16, H: 3, W: 3, K: 16, R: 3, S: 3),
    ConvShape(N: 1, C: 16, H: 1, W: 2, K: 48, R: 3, S: 3, padding: 1),
    ConvShape(N: 2, C: 32, H: 9, W: 8, K: 64, R: 3, S: 3, padding: 1),
    ConvShape(N: 3, C: 64, H: 14, W: 7, K: 32, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 48, H: 11, W: 10, K: 80, R: 3, S: 3, padding: 2),
    ConvShape(N: 1, C: 128, H: 7, W: 7, K: 320, R: 3, S: 3, padding: 1),
    ConvShape(N: 4, C: 16, H: 29, W: 30, K: 16, R: 3, S: 3, padding: 1),
  ]
  static let algorithms: [ConvAlgorithm] = [.winograd2x3, .winograd4x3]

  /// What the documentation promises, relative to the largest output.
  static func bound(_ algorithm: ConvAlgorithm) -> Double {
    algorithm == .winograd2x3 ? 2e-6 : 2e-5
  }

  @Test("It stays within its bound of the reference", arguments: algorithms, shapes)
  func bounded(algorithm: ConvAlgorithm, shape: ConvShape) {
    #expect(algorithm.supports(shape))
    let data = ConvData(shape, integers: false)
    for threads in [1, 2, 3] {
      let pool = ThreadPool(threads: threads)
      for epilogue in [Epilogue(), Epilogue(addsResidual: true, activation: .relu)] {
        let expected = forward(.reference, data, epilogue: epilogue, pool: pool)
        let found = forward(
          algorithm, data, epilogue: epilogue, inPlaceResidual: epilogue.addsResidual, pool: pool)
        #expect(relativeError(found, expected) < Self.bound(algorithm))
      }
    }
  }

  @Test("F(2, 3) is exact on small integers: its matrices hold only halves", arguments: shapes)
  func exact(shape: ConvShape) {
    let data = ConvData(shape)
    let pool = ThreadPool(threads: 2)
    #expect(
      forward(.winograd2x3, data, pool: pool) == forward(.reference, data, pool: pool))
  }

  @Test("Few tiles for the filters are there once, however many threads", arguments: algorithms)
  func sharesPositions(algorithm: ConvAlgorithm) {
    let shape = ConvShape(N: 1, C: 128, H: 7, W: 7, K: 320, R: 3, S: 3, padding: 1)
    let filters = Tensor(count: shape.filterCount)
    let counts = (1...3).map { threads in
      algorithm.compile(shape, filters: filters.input, bias: nil, threads: threads)
        .workspaceCount
    }
    // A further thread needs its scratch and nothing that depends on how the tiles are divided.
    #expect(counts[2] - counts[1] == counts[1] - counts[0])
  }

  @Test("Fewer products are counted, and shapes that do not fit are refused")
  func counts() {
    let shape = ConvShape(N: 1, C: 64, H: 56, W: 56, K: 64, R: 3, S: 3, padding: 1)
    let pool = ThreadPool(threads: 1)
    let filters = Tensor(count: shape.filterCount)
    func executed(_ algorithm: ConvAlgorithm) -> Double {
      algorithm.compile(shape, filters: filters.input, bias: nil, threads: pool.threads)
        .executedFLOPs.count
    }
    #expect(executed(.direct) == shape.macs.flops.count)
    #expect(executed(.winograd2x3) * 9 == 4 * shape.macs.flops.count)
    #expect(executed(.winograd4x3) * 4 == shape.macs.flops.count)
    var strided = shape
    strided.strides = 2
    var odd = shape
    odd.C = 63
    for algorithm in Self.algorithms {
      #expect(!algorithm.supports(strided))
      #expect(!algorithm.supports(odd))
    }
  }
}
