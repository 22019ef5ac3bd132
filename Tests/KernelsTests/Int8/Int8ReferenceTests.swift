import Kernels
import TestSupport
import Testing

/// The oracle of bytes against ONNX's definition: dequantized in float64, convolved and quantized
/// again.
@Suite("The reference of bytes")
struct Int8ReferenceTests {
  /// Real numbers of a convolution, the border being zeros.
  private func convolve(_ data: Int8Data) -> [Double] {
    let shape = data.shape
    let channels = shape.C / shape.groups
    let (scale, zero) = (Double(data.quantization.scale), Int(data.quantization.zeroPoint))
    var result: [Double] = []
    for n in 0..<shape.N {
      for p in 0..<shape.P {
        for q in 0..<shape.Q {
          for k in 0..<shape.K {
            var sum = Int(data.bias[k])
            let first = k / (shape.K / shape.groups) * channels
            for r in 0..<shape.R {
              for s in 0..<shape.S {
                let (h, w) = (
                  p * shape.strides.vertical + r * shape.dilations.vertical
                    - shape.paddings.vertical,
                  q * shape.strides.horizontal + s * shape.dilations.horizontal
                    - shape.paddings.horizontal
                )
                guard (0..<shape.H).contains(h), (0..<shape.W).contains(w) else { continue }
                for c in 0..<channels {
                  let pixel = ((n * shape.H + h) * shape.W + w) * shape.C + first + c
                  let tap = ((k * shape.R + r) * shape.S + s) * channels + c
                  sum += (Int(data.input[pixel]) - zero) * Int(data.weights[tap])
                }
              }
            }
            result.append(Double(sum) * scale * Double(data.scales[k]))
          }
        }
      }
    }
    return result
  }

  /// A real number as a byte, and whether it is so near to the middle of two that rounding a factor
  /// may decide.
  private func quantize(_ real: Double, _ range: QuantizedRange) -> (byte: UInt8, isNear: Bool) {
    let steps = real / Double(range.quantization.scale)
    let byte = steps.rounded(.toNearestOrEven) + Double(range.quantization.zeroPoint)
    let distance = abs(steps - steps.rounded(.down) - 0.5)
    return (
      UInt8(min(max(byte, Double(range.least)), Double(range.most))), distance < 1e-4
    )
  }

  /// Whether the residual's steps are so large beside the total's that float32 does not hold their
  /// difference from the zero point to a small part of one of these.
  private func isCoarse(_ epilogue: Int8Epilogue) -> Bool {
    guard case .joined(let residual, let total) = epilogue else { return false }
    return residual.scale > Int8Epilogue.mostJoined * total.quantization.scale
  }

  @Test(
    "It is ONNX's definition but for the nearest ties", arguments: oddConvShapes + groupedShapes)
  func isTheDefinition(shape: ConvShape) throws {
    let data = Int8Data(shape)
    let pool = ThreadPool(threads: 2)
    let real = convolve(data)
    for epilogue in data.epilogues where !isCoarse(epilogue) {
      let bytes = try #require(data.convolve(.reference, epilogue, pool: pool))
      var compared = 0
      for (index, value) in real.enumerated() {
        switch epilogue {
        case .sums:
          let k = index % shape.K
          let sum = bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self)
          }
          let exact = value / Double(data.quantization.scale) / Double(data.scales[k])
          #expect(Double(sum) == exact.rounded())
        case .real(let least, let most):
          let found = bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
          }
          let expected = min(max(value, Double(least)), Double(most))
          #expect(abs(Double(found) - expected) <= 4e-7 * abs(expected))
        case .quantized(let range):
          let (byte, isNear) = quantize(value, range)
          if isNear { continue }
          #expect(bytes[index] == byte, "\(epilogue) \(value)")
        case .added(let own, let other, let total):
          let (first, wasNear) = quantize(value, own)
          let sum =
            Double(own.quantization.real(first)) + Double(other.real(data.residual[index]))
          let (byte, isNear) = quantize(sum, total)
          if wasNear || isNear { continue }
          #expect(bytes[index] == byte, "\(epilogue) \(value)")
        case .joined(let other, let total):
          let (byte, isNear) = quantize(
            value + Double(other.real(data.residual[index])), total)
          if isNear { continue }
          #expect(bytes[index] == byte, "\(epilogue) \(value)")
        }
        compared += 1
      }
      // A sum of two bytes of simple scales is a tie in every sixth case, and either byte may be one.
      #expect(compared * 2 >= real.count || real.count < 100, "\(epilogue)")
    }
  }

  /// The numbers of the tie rule, by hand.
  @Test func tiesGoToTheEvenStep() {
    let steps = Quantization(scale: 2, zeroPoint: 128)
    let cases: [(Float, UInt8)] = [
      (0, 128), (1, 128), (3, 130), (5, 130), (-1, 128), (-3, 126), (-5, 126), (1.001, 129),
      (254, 255), (1e9, 255), (-256, 0), (-257, 0), (.infinity, 255), (-.infinity, 0), (.nan, 0),
    ]
    for (real, byte) in cases { #expect(steps.byte(of: real) == byte, "\(real)") }
    #expect(steps.real(130) == 4 && steps.real(0) == -256)
    // An odd zero point turns no tie round: rounding comes first.
    #expect(Quantization(scale: 2, zeroPoint: 127).byte(of: 1) == 127)
    #expect(Quantization(scale: 2, zeroPoint: 127).byte(of: 3) == 129)
  }

  @Test func whatIsNoQuantizationIsRefused() {
    for scale in [0, -1, .nan, .infinity, Float.leastNonzeroMagnitude] {
      #expect(Quantization(checking: scale, zeroPoint: 3) == nil, "\(scale)")
    }
    for zero in [-1, 256] { #expect(Quantization(checking: 1, zeroPoint: zero) == nil) }
    #expect(Quantization(checking: 1, zeroPoint: 255)?.zeroPoint == 255)
  }

  @Test func activationsAreBoundsOfBytes() throws {
    let steps = Quantization(scale: 0.5, zeroPoint: 100)
    let relu = try #require(QuantizedRange(steps, activation: .relu))
    #expect(relu.least == 100 && relu.most == 255)
    let six = try #require(QuantizedRange(steps, activation: .clip(least: 0, most: 6)))
    #expect(six.least == 100 && six.most == 112)
    let crossed = try #require(QuantizedRange(steps, activation: .clip(least: 9, most: 1)))
    #expect(crossed.least == 102 && crossed.most == 102, "the upper bound holds")
    #expect(QuantizedRange(steps, activation: .gelu) == nil)
    #expect(QuantizedRange(steps, activation: nil) == QuantizedRange(steps))
  }
}
