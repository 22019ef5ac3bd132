import Kernels
import TestSupport
import Testing

@Suite("Direct convolution")
struct ConvDirectTests {
  /// Shapes that cross the edges of blocks: several chunks of depth, several panels, a last panel
  /// that ends inside a vector, rows that leave 1 to 5 for the last tile.
  static let blockShapes = [
    ConvShape(N: 1, C: 700, H: 3, W: 5, K: 150, R: 1, S: 1),
    ConvShape(N: 1, C: 8200, H: 2, W: 5, K: 70, R: 1, S: 1),
    ConvShape(N: 2, C: 300, H: 5, W: 7, K: 70, R: 3, S: 3, padding: 1),
    ConvShape(N: 1, C: 128, H: 9, W: 9, K: 128, R: 3, S: 3, stride: 2, padding: 1),
    ConvShape(N: 2, C: 256, H: 8, W: 6, K: 96, R: 1, S: 1, stride: 2),
    ConvShape(N: 2, C: 3, H: 37, W: 41, K: 64, R: 7, S: 7, stride: 2, padding: 3),
    ConvShape(N: 19, C: 16, H: 1, W: 1, K: 1000, R: 1, S: 1),
  ]

  @Test("It equals the reference exactly on small integers", arguments: blockShapes)
  func exact(shape: ConvShape) {
    let data = ConvData(shape)
    for threads in [1, 2, 4] {
      let pool = ThreadPool(threads: threads)
      for epilogue in [Epilogue(), Epilogue(addsResidual: true, activation: .relu)] {
        let expected = forward(.reference, data, epilogue: epilogue, pool: pool)
        #expect(
          forward(
            .direct, data, epilogue: epilogue, inPlaceResidual: epilogue.addsResidual, pool: pool)
            == expected)
      }
    }
  }

  @Test("It stays within its bound on random floats, and is the same on any number of threads")
  func bounded() {
    let shape = ConvShape(N: 1, C: 96, H: 14, W: 14, K: 80, R: 3, S: 3, padding: 1)
    let data = ConvData(shape, integers: false)
    let one = forward(.direct, data, pool: ThreadPool(threads: 1))
    let error = relativeError(one, forward(.reference, data, pool: ThreadPool(threads: 2)))
    #expect(error < 2e-6)
    #expect(error > 0, "float32 sums of 864 random products agree with float64 to the last bit")
    for threads in 2...3 {
      #expect(forward(.direct, data, pool: ThreadPool(threads: threads)) == one)
    }
  }

  @Test("ReLU keeps NaN, so that a broken sum stays visible")
  func keepsNaN() {
    var data = ConvData(ConvShape(N: 1, C: 8, H: 2, W: 2, K: 16, R: 1, S: 1))
    data.input[0] = .nan
    let output = forward(
      .direct, data, epilogue: Epilogue(activation: .relu), pool: ThreadPool(threads: 1))
    #expect(output.map(\.isNaN) == (0..<64).map { $0 < 16 })
  }
}
