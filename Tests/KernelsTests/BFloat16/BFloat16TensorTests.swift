import Kernels
import TestSupport
import Testing

/// Conversions, sums, activations and pools of bfloat16 against their definitions.
@Suite("Tensors of bfloat16")
struct BFloat16TensorTests {
  // Of each case its own: cases run side by side, and regions of a pool do not.
  private let pool = ThreadPool(threads: 2)

  private func numbers(_ bytes: GuardedBytes) -> UnsafeMutablePointer<BFloat16> {
    bytes.pointer.assumingMemoryBound(to: BFloat16.self)
  }

  /// The numbers of the rounding rule, by hand.
  @Test func roundsToNearestEven() {
    let cases: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3F80), (-2, 0xC000),
      // The middle of two goes to the even one, above it to the next.
      (1 + 0x1p-8, 0x3F80), (1 + 0x1p-8 + 0x1p-20, 0x3F81), (1 + 3 * 0x1p-8, 0x3F82),
      (-1 - 0x1p-8, 0xBF80), (1 - 0x1p-9, 0x3F80),
      (.greatestFiniteMagnitude, 0x7F80), (0x1.FEp127, 0x7F7F), (.infinity, 0x7F80),
      (-.infinity, 0xFF80), (.leastNormalMagnitude, 0x0080),
      (.leastNormalMagnitude.nextDown, 0), (-.leastNonzeroMagnitude, 0x8000),
    ]
    for (value, bits) in cases { #expect(BFloat16(value).bits == bits, "\(value)") }
    #expect(BFloat16(.nan).value.isNaN)
    // The lowest bits of a NaN alone would become an infinity.
    #expect(BFloat16(Float(bitPattern: 0x7F80_0001)).value.isNaN)
    #expect(BFloat16(Float(bitPattern: 0xFF80_0001)).bits & 0xFFC0 == 0xFFC0)
  }

  @Test func rowsAreRoundedLikeNumbers() {
    var random = SeededRandom(seed: 4)
    var values: [Float] = [.nan, .infinity, -.infinity, -0.0, 0x1p-133, -0x1p-133, 1 + 0x1p-8]
    values += (0..<10_000).map { _ in
      Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    }
    let source = GuardedBytes(values)
    let target = GuardedBytes(count: 2 * values.count)
    BFloat16Rows.round(
      count: values.count,
      from: UnsafePointer(source.pointer.assumingMemoryBound(to: Float.self)),
      to: numbers(target), pool: pool)
    #expect(target.isIntact)
    let wrong = values.indices.filter { index in
      let (found, right) = (numbers(target)[index], BFloat16(values[index]))
      return values[index].isNaN ? !found.value.isNaN : found != right
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5).map { values[$0] })")
  }

  @Test func everyNumberIsWidenedExactly() {
    let bits = (0...UInt16.max).map { $0 } + [1, 2, 3]
    let source = GuardedBytes(bits)
    let target = GuardedBytes(count: 4 * bits.count)
    let floats = target.pointer.assumingMemoryBound(to: UInt32.self)
    BFloat16Rows.widen(
      count: bits.count, from: UnsafePointer(numbers(source)),
      to: target.pointer.assumingMemoryBound(to: Float.self), pool: pool)
    #expect(target.isIntact)
    #expect(bits.indices.allSatisfy { floats[$0] == UInt32(bits[$0]) << 16 })
  }

  @Test(arguments: [1, 16, 53, 4099])
  func addsAndRectifies(count: Int) {
    var random = SeededRandom(seed: 8)
    func draw() -> [BFloat16] { random.floats(count, in: -3...3).map { BFloat16($0) } }
    var (a, b) = (draw(), draw())
    (a[0], b[0]) = (BFloat16(.nan), BFloat16(-.infinity))
    let (left, right) = (GuardedBytes(a), GuardedBytes(b))
    BFloat16Rows.add(
      count: count, UnsafePointer(numbers(left)), UnsafePointer(numbers(right)),
      output: numbers(left), pool: pool)
    BFloat16Rows.relu(
      count: count, input: UnsafePointer(numbers(right)), output: numbers(right), pool: pool)
    #expect(left.isIntact && right.isIntact)
    #expect(numbers(left)[0].value.isNaN && numbers(right)[0].value == 0)
    for i in 1..<max(count, 1) {
      #expect(numbers(left)[i] == BFloat16(a[i].value + b[i].value))
      #expect(numbers(right)[i].value == max(b[i].value, 0))
    }
    let special = GuardedBytes([BFloat16(.nan), BFloat16(-.nan), BFloat16(.infinity)])
    BFloat16Rows.relu(
      count: 3, input: UnsafePointer(numbers(special)), output: numbers(special), pool: pool)
    #expect((0..<2).allSatisfy { numbers(special)[$0].value.isNaN })
    #expect(numbers(special)[2].value == .infinity)
  }

  private static let windows = [
    PoolShape(N: 2, C: 21, H: 7, W: 9, window: 3, stride: 2, padding: 1),
    PoolShape(N: 1, C: 64, H: 7, W: 7, window: 7, stride: 1),
    PoolShape(N: 1, C: 3, H: 4, W: 5, window: 2, stride: 2),
  ]

  @Test("Maximum and mean of windows are the definition's", arguments: 0..<3)
  func pools(index: Int) {
    let shape = Self.windows[index]
    var random = SeededRandom(seed: 9)
    var values = random.floats(shape.inputCount, in: -3...3).map { BFloat16($0) }
    values[shape.C] = BFloat16(.nan)
    values[2 * shape.C + 1] = BFloat16(.infinity)
    let input = GuardedBytes(values)
    let pitch = shape.C + 3
    let count = 2 * shape.N * shape.P * shape.Q * pitch
    let (largest, mean) = (GuardedBytes(count: count), GuardedBytes(count: count))
    let source = UnsafePointer(numbers(input))
    BFloat16Pool.maximum(
      shape, input: source, output: numbers(largest), pitch: pitch, pool: pool)
    BFloat16Pool.mean(shape, input: source, output: numbers(mean), pitch: pitch, pool: pool)
    #expect(largest.isIntact && mean.isIntact)
    for pixel in 0..<shape.N * shape.P * shape.Q {
      let (n, p, q) = (
        pixel / shape.Q / shape.P, pixel / shape.Q % shape.P, pixel % shape.Q
      )
      for c in 0..<shape.C {
        var (sum, most): (Float, Float) = (0, -.infinity)
        for i in 0..<shape.window {
          for j in 0..<shape.window {
            let (h, w) = (
              p * shape.stride - shape.padding + i, q * shape.stride - shape.padding + j
            )
            guard (0..<shape.H).contains(h), (0..<shape.W).contains(w) else { continue }
            let value = values[((n * shape.H + h) * shape.W + w) * shape.C + c].value
            sum += value
            most = value.isNaN || most.isNaN ? .nan : max(most, value)
          }
        }
        let (found, average) = (
          numbers(largest)[pixel * pitch + c].value, numbers(mean)[pixel * pitch + c].value
        )
        #expect(found == most || (found.isNaN && most.isNaN))
        let expected = sum / Float(shape.window * shape.window)
        let isNear = abs(average - expected) <= 0x1p-8 * abs(expected) + 1e-6
        #expect(
          expected.isFinite ? isNear : average.isNaN == expected.isNaN && !average.isFinite)
      }
    }
  }

  @Test("Means of unequal parts are those of the same floats")
  func parts() {
    let shape = AdaptivePoolShape(N: 2, C: 19, H: 5, W: 7, P: 3, Q: 2)
    var random = SeededRandom(seed: 10)
    let values = random.floats(shape.inputCount).map { BFloat16($0) }
    let (input, output) = (GuardedBytes(values), GuardedBytes(count: 2 * shape.outputCount))
    let (floats, means) = (
      Tensor(values.map(\.value)), Tensor(count: shape.outputCount, filledWith: .nan)
    )
    BFloat16Pool.mean(
      shape, input: UnsafePointer(numbers(input)), output: numbers(output), pool: pool)
    AdaptiveAveragePool.forward(
      shape, input: floats.input, output: means.pointer, pool: pool)
    #expect(output.isIntact)
    for (index, mean) in means.values.enumerated() {
      let found = numbers(output)[index].value
      #expect(abs(found - mean) <= 0x1p-8 * abs(mean) + 1e-6, "\(index)")
    }
  }

  @Test("The probe of the peak multiplies what it counts")
  func probe() {
    let probe = BFloat16PeakProbe(steps: 321)
    let sums = Tensor(count: 2)
    probe.run(pool: pool, sums: sums.pointer)
    #expect(sums.values == [probe.expectedSum, probe.expectedSum])
    #expect(probe.flops(threads: 2).count == 2 * probe.flops(threads: 1).count)
    #expect(BFloat16PeakProbe(steps: 322).expectedSum != probe.expectedSum)
  }
}
