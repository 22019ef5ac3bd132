import Basics
import Kernels
import TestSupport
import Testing

@Suite("Order of channels")
struct ChannelOrderTests {
  @Test(
    "Channels come first as indices say, and go back",
    arguments: [(1, 1, 1), (3, 64, 73), (2, 9, 5)])
  func turns(images: Int, pixels: Int, channels: Int) {
    var random = SeededRandom(seed: 5)
    let x = Tensor(random.floats(images * pixels * channels))
    let pool = ThreadPool(threads: 2)
    let (y, back) = (
      Tensor(count: x.values.count, filledWith: .nan),
      Tensor(count: x.values.count, filledWith: .nan)
    )
    ChannelOrder.turn(
      images: images, rows: pixels, columns: channels, input: x.input, output: y.pointer,
      pool: pool)
    let values = x.values
    let expected = (0..<images).flatMap { image in
      (0..<channels).flatMap { channel in
        (0..<pixels).map { values[(image * pixels + $0) * channels + channel] }
      }
    }
    #expect(y.values == expected)
    ChannelOrder.turn(
      images: images, rows: channels, columns: pixels, input: y.input, output: back.pointer,
      pool: pool)
    #expect(back.values == values)
  }
}
