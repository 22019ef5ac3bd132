import Kernels
import TestSupport
import Testing

/// Conversions, sums, pools and tables of bytes against ONNX's definitions, element by element.
@Suite("Tensors of bytes")
struct QuantizedTensorTests {
  // Of each case its own: cases run side by side, and regions of a pool do not.
  private let pool = ThreadPool(threads: 2)
  private static let one = Quantization(scale: 0.11, zeroPoint: 90)
  private static let other = Quantization(scale: 0.07, zeroPoint: 201)
  private static let range = QuantizedRange(other, least: 30, most: 240)

  private func random(_ count: Int, seed: UInt64 = 5) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  @Test("Floats are quantized as QuantizeLinear has it, ends and ties included")
  func quantize() {
    var numbers: [Float] = [.nan, .infinity, -.infinity, 1e30, -1e30, 0, -0.0]
    numbers += (-600...600).map { Float($0) * 0.035 }
    let source = GuardedBytes(numbers)
    let floats = source.pointer.assumingMemoryBound(to: Float.self)
    for (rows, channels, pitch) in [(1, numbers.count, numbers.count), (17, 37, 61)] {
      let target = GuardedBytes(count: rows * pitch, filledWith: 1)
      QuantizedRows.quantize(
        rows: rows, channels: channels, from: PitchedRows(UnsafePointer(floats), pitch: channels),
        to: PitchedRows(target.bytes, pitch: pitch), as: Self.range, pool: pool)
      #expect(target.isIntact)
      for row in 0..<rows {
        for c in 0..<pitch {
          let found = target.bytes[row * pitch + c]
          guard c < channels else {
            #expect(found == 1)
            continue
          }
          let exact = Self.other.byte(of: numbers[row * channels + c])
          #expect(found == min(max(exact, 30), 240), "\(numbers[row * channels + c])")
        }
      }
    }
  }

  @Test("Every byte comes back as what it stands for, and requantized as that number's byte")
  func dequantizeAndRequantize() {
    let bytes = GuardedBytes((0..<259).map { UInt8(truncatingIfNeeded: $0) })
    let floats = GuardedBytes([Float](repeating: .nan, count: 259))
    let real = floats.pointer.assumingMemoryBound(to: Float.self)
    QuantizedRows.dequantize(
      rows: 1, channels: 259, from: PitchedRows(bytes.input, pitch: 259), of: Self.one,
      to: PitchedRows(real, pitch: 259), pool: pool)
    let moved = GuardedBytes(count: 259)
    QuantizedRows.requantize(
      rows: 1, channels: 259, from: PitchedRows(bytes.input, pitch: 259), of: Self.one,
      to: PitchedRows(moved.bytes, pitch: 259), as: Self.range, pool: pool)
    #expect(floats.isIntact && moved.isIntact)
    for i in 0..<259 {
      let expected = Float(Int(bytes.bytes[i]) - 90) * 0.11
      #expect(real[i] == expected)
      #expect(moved.bytes[i] == min(max(Self.other.byte(of: expected), 30), 240))
    }
    let same = GuardedBytes(count: 259)
    QuantizedRows.requantize(
      rows: 7, channels: 37, from: PitchedRows(bytes.input, pitch: 37), of: Self.one,
      to: PitchedRows(same.bytes, pitch: 37), as: QuantizedRange(Self.one), pool: pool)
    #expect(same.values == bytes.values)
  }

  @Test("Sums are those of the real numbers, rounded once", arguments: [1, 16, 53, 4099])
  func add(count: Int) {
    let (a, b) = (random(count), random(count, seed: 6))
    let (first, second, sum) = (GuardedBytes(a), GuardedBytes(b), GuardedBytes(count: count))
    QuantizedAddition.add(
      rows: 1, channels: count, PitchedRows(first.input, pitch: count), of: Self.one,
      PitchedRows(second.input, pitch: count), of: Self.other,
      to: PitchedRows(sum.bytes, pitch: count), as: Self.range, pool: pool)
    #expect(sum.isIntact)
    for i in 0..<count {
      let ratio = Double(Self.one.scale) / Double(Self.other.scale)
      let steps: Double = ratio * Double(Int(a[i]) - 90) + Double(Int(b[i]) - 201)
      if abs(steps - steps.rounded(.down) - 0.5) < 1e-4 { continue }
      let byte = Int(steps.rounded(.toNearestOrEven)) + 201
      #expect(Int(sum.bytes[i]) == min(max(byte, 30), 240), "\(a[i]) and \(b[i])")
    }
  }

  /// Squares, one with a border, and windows that are not the same in both directions.
  private static let windows: [WindowShape] = [
    WindowShape(PoolShape(N: 2, C: 21, H: 7, W: 9, window: 3, stride: 2, padding: 1)),
    WindowShape(PoolShape(N: 1, C: 64, H: 7, W: 7, window: 7, stride: 1)),
    WindowShape(
      images: 2, channels: 5,
      axes: [
        .init(length: 6, window: 2, stride: 1, dilation: 2, before: 1, after: 0, count: 5),
        .init(length: 5, window: 3, stride: 3, dilation: 1, before: 2, after: 3, count: 3),
      ]),
    // Three columns that slide by one: with a border, of one column, and reaching beyond the border.
    WindowShape(PoolShape(N: 2, C: 37, H: 5, W: 6, window: 3, stride: 1, padding: 1)),
    WindowShape(PoolShape(N: 1, C: 16, H: 3, W: 1, window: 3, stride: 1, padding: 1)),
    WindowShape(
      images: 1, channels: 50,
      axes: [
        .init(length: 6, window: 2, stride: 2, dilation: 2, before: 0, after: 1, count: 3),
        .init(length: 7, window: 3, stride: 1, dilation: 1, before: 0, after: 1, count: 7),
      ]),
  ]

  @Test("Maximum and mean of windows are the definition's", arguments: 0..<6, [false, true])
  func pools(index: Int, countsBorder: Bool) {
    let shape = Self.windows[index]
    let (a, b, C) = (shape.axes[1], shape.axes[2], shape.channels)
    let values = random(shape.inputCount)
    let input = GuardedBytes(values)
    let (largest, mean) = (
      GuardedBytes(count: shape.outputCount), GuardedBytes(count: shape.outputCount)
    )
    QuantizedPool.maximum(shape, input: input.input, output: largest.bytes, pool: pool)
    QuantizedPool.mean(
      shape, countsBorder: countsBorder, input: input.input, of: Self.one, output: mean.bytes,
      as: Self.range, pool: pool)
    #expect(largest.isIntact && mean.isIntact)
    for pixel in 0..<shape.outputCount / C {
      let (n, p, q) = (
        pixel / b.count / a.count, pixel / b.count % a.count, pixel % b.count
      )
      for c in 0..<C {
        var (sum, taps, area, most) = (0.0, 0, 0, UInt8(0))
        for i in 0..<a.window {
          for j in 0..<b.window {
            let h = p * a.stride - a.before + i * a.dilation
            let w = q * b.stride - b.before + j * b.dilation
            if h < a.length + a.after, w < b.length + b.after { area += 1 }
            guard (0..<a.length).contains(h), (0..<b.length).contains(w) else { continue }
            let byte = values[((n * a.length + h) * b.length + w) * C + c]
            (sum, taps, most) = (sum + Double(Int(byte) - 90), taps + 1, max(most, byte))
          }
        }
        #expect(largest.bytes[pixel * C + c] == most)
        let real = sum * Double(Self.one.scale) / Double(max(countsBorder ? area : taps, 1))
        let steps = real / Double(Self.other.scale)
        if abs(steps - steps.rounded(.down) - 0.5) < 1e-4 { continue }
        let expected = min(max(Int(steps.rounded(.toNearestOrEven)) + 201, 30), 240)
        #expect(Int(mean.bytes[pixel * C + c]) == expected, "\(steps)")
      }
    }
  }

  @Test("A table is a function of what bytes stand for")
  func table() {
    let table = ByteTable(from: Self.one, to: Self.range) { $0 * $0 - 3 }
    let values = random(9001)
    let (input, output) = (GuardedBytes(values), GuardedBytes(count: 9001))
    table.apply(count: 9001, input: input.input, output: output.bytes, pool: pool)
    #expect(output.isIntact)
    for (i, byte) in values.enumerated() {
      let real = Self.one.real(byte)
      #expect(output.bytes[i] == min(max(Self.other.byte(of: real * real - 3), 30), 240))
    }
  }

  @Test("The probe of the peak multiplies what it counts")
  func probe() {
    let probe = IntegerPeakProbe(steps: 321)
    let sums = GuardedBytes(count: 8)
    let results = sums.pointer.assumingMemoryBound(to: Int32.self)
    probe.run(pool: pool, sums: results)
    #expect(results[0] == probe.expectedSum && results[1] == probe.expectedSum)
    #expect(probe.operations(threads: 2).count == 2 * probe.operations(threads: 1).count)
    #expect(IntegerPeakProbe(steps: 322).expectedSum != probe.expectedSum)
  }
}
