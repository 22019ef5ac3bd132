import Basics
import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Groups of channels, neighbours among them, and measures of spread")
struct ChannelNormTests {
  @Test("Groups of channels lie either way", arguments: [1, 2, 3, 6], [1, 2])
  func groups(groups: Int, threads: Int) {
    let (images, channels, area) = (2, 6, 35)
    var random = SeededRandom(seed: 23)
    let input = random.floats(images * channels * area, in: 1...4)
    let (scale, shift) = (random.floats(channels), random.floats(channels))
    for isLast in [false, true] {
      func index(_ n: Int, _ c: Int, _ p: Int) -> Int {
        isLast ? (n * area + p) * channels + c : (n * channels + c) * area + p
      }
      let norm = GroupNormalizing(
        images: images, channels: channels, groups: groups, area: area, isChannelsLast: isLast,
        epsilon: 0.01)
      var output = [Float](repeating: .nan, count: input.count)
      norm.run(
        input: input, output: &output, scale: scale, shift: shift,
        pool: ThreadPool(threads: threads))
      var expected = output
      let size = channels / groups
      for n in 0..<images {
        for group in 0..<groups {
          let places = (group * size..<(group + 1) * size).flatMap { c in
            (0..<area).map { (c, index(n, c, $0)) }
          }
          let values = places.map { Double(input[$0.1]) }
          let mean = values.reduce(0, +) / Double(values.count)
          let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
          for (c, place) in places {
            let whitened = (Double(input[place]) - mean) / (variance + 0.01).squareRoot()
            expected[place] = Float(whitened * Double(scale[c]) + Double(shift[c]))
          }
        }
      }
      #expect(relativeError(output, expected) < 1e-5)
    }
  }

  @Test("Neighbours among the channels count", arguments: [1, 2, 5, 99], [0.75, 0.5] as [Float])
  func neighbours(size: Int, beta: Float) {
    let response = ChannelResponse(size: size, alpha: 0.3, beta: beta, bias: 1.5)
    var random = SeededRandom(seed: 29)
    for (lengths, axis) in [([3, 11], 1), ([2, 7, 5], 1)] {
      let input = random.floats(lengths.reduce(1, *))
      let lines = AxisLines(lengths, axis: axis)
      var output = [Float](repeating: .nan, count: input.count)
      response.run(lines, input: input, output: &output, pool: ThreadPool(threads: 2))
      var expected = output
      for line in 0..<lines.count {
        for c in 0..<lines.length {
          var sum = 0.0
          for near in 0..<lines.length where (-((size - 1) / 2)...size / 2).contains(near - c) {
            sum += pow(Double(input[lines.start(line) + near * lines.inner]), 2)
          }
          let place = lines.start(line) + c * lines.inner
          let divisor = pow(1.5 + Double(Float(0.3)) / Double(size) * sum, Double(beta))
          expected[place] = Float(Double(input[place]) / divisor)
        }
      }
      #expect(relativeError(output, expected) < 1e-5)
    }
  }

  @Test("What belongs together is divided by its measure", arguments: [1, 2])
  func spread(threads: Int) {
    let (lengths, axes) = ([2, 3, 4], [0, 2])
    var random = SeededRandom(seed: 31)
    var input = random.floats(24, in: -1...3)
    // All zeros in the middle.
    for index in 0..<24 where index / 4 % 3 == 1 { input[index] = 0 }
    for measure in [SpreadNormalization.Measure.l1, .l2, .deviation] {
      let tensor = Tensor(input)
      SpreadNormalization(measure, lengths: lengths, axes: axes).run(
        input: tensor.input, output: tensor.pointer, pool: ThreadPool(threads: threads))
      var expected = input
      for middle in 0..<3 {
        let places = (0..<24).filter { $0 / 4 % 3 == middle }
        let values = places.map { Double(input[$0]) }
        let mean = measure == .deviation ? values.reduce(0, +) / 8 : 0
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let divisor =
          switch measure {
          case .l1: values.reduce(0) { $0 + abs($1) }
          case .l2: squares.squareRoot()
          case .deviation: (squares / 8).squareRoot() + 1e-9
          }
        for (place, value) in zip(places, values) {
          expected[place] = divisor == 0 ? 0 : Float((value - mean) / divisor)
        }
      }
      #expect(relativeError(Array(tensor.values.prefix(24)), expected) < 1e-5)
    }
  }
}
