import Kernels
import TestSupport
import Testing

@Suite("Zeros around images")
struct ImageBorderTests {
  @Test(
    "Stand where indices say, and come off again",
    arguments: [
      (ImageBorder(top: 1, left: 2, bottom: 3, right: 4), 1),
      (ImageBorder(top: 0, left: 0, bottom: 0, right: 1), 2),
      (ImageBorder(top: 0, left: 1, bottom: 0, right: 0), 3),
      (ImageBorder(top: 0, left: 0, bottom: 0, right: 0), 2),
    ])
  func exact(border: ImageBorder, threads: Int) {
    let (images, rows, columns, channels) = (2, 3, 5, 7)
    let input = (0..<images * rows * columns * channels).map { Float($0 + 1) }
    let (height, width) = (
      border.top + rows + border.bottom, border.left + columns + border.right
    )
    let pool = ThreadPool(threads: threads)
    var output = [Float](repeating: .nan, count: images * height * width * channels)
    border.add(
      images: images, rows: rows, columns: columns, channels: channels, input: input,
      output: &output, pool: pool)
    for (index, value) in output.enumerated() {
      let (c, pixel) = (index % channels, index / channels)
      let (h, w) = (pixel / width % height - border.top, pixel % width - border.left)
      let isInside = (0..<rows).contains(h) && (0..<columns).contains(w)
      let place = ((pixel / width / height * rows + h) * columns + w) * channels + c
      #expect(value == (isInside ? input[place] : 0))
    }
    var back = [Float](repeating: .nan, count: input.count)
    border.remove(
      images: images, rows: rows, columns: columns, channels: channels, input: output,
      output: &back, pool: pool)
    #expect(back == input)
  }
}
