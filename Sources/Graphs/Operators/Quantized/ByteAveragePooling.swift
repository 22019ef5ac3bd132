import Basics
import Kernels
import Tensors

/// The mean of what bytes stand for, as bytes of another quantization.
package struct ByteAveragePooling: Operator {
  /// Which bytes a mean is of.
  package enum Windows: Sendable {
    /// Those of a window, the border counting as zeros.
    case sliding(AveragePooling)
    /// Those of equal parts of an image.
    case parts(AdaptiveAveragePooling)
  }

  /// Which bytes a mean is of.
  package let windows: Windows
  /// What the bytes that are read stand for.
  package let input: Quantization
  /// What those that are given stand for.
  package let output: Quantization

  /// Names all three.
  package init(_ windows: Windows, input: Quantization, output: Quantization) {
    (self.windows, self.input, self.output) = (windows, input, output)
  }

  private var floats: any Operator {
    switch windows {
    case .sliding(let pool): pool
    case .parts(let pool): pool
    }
  }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let output = try floats.outputs(inputs.map(\.floats))[0]
    guard inputs[0].quantization == input, hasEqualParts(inputs[0].dimensions) else {
      throw Problem(.malformed, "\(inputs[0]) has no parts whose bytes have a mean here")
    }
    return [TensorType(self.output, output.dimensions)]
  }

  /// Whether all windows have as many bytes.
  private func hasEqualParts(_ dimensions: [Dimension]) -> Bool {
    guard case .parts(let pool) = windows else { return true }
    return dimensions.dropFirst().prefix(2).allSatisfy { ($0.length ?? 1) % pool.side == 0 }
  }

  /// The windows over some images.
  package func shape(_ images: Shape) -> WindowShape {
    switch windows {
    case .sliding(let pool): return WindowShape(pool.windows(images))
    case .parts(let pool):
      let axes = [images.H, images.W].map { length in
        WindowShape.Axis(
          length: length, window: length / pool.side, stride: length / pool.side, dilation: 1,
          before: 0, after: 0, count: pool.side)
      }
      return WindowShape(images: images.N, channels: images.C, axes: axes)
    }
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let zero = Double(input.zeroPoint)
    let steps = ReferenceTensor(inputs[0].shape, inputs[0].values.map { $0 - zero })
    let area =
      switch windows {
      case .sliding(let pool): pool.window * pool.window
      case .parts(let pool):
        inputs[0].shape.H / pool.side * (inputs[0].shape.W / pool.side)
      }
    let factor = Quantization.factor(
      Double(input.scale) / Double(area) / Double(output.scale))
    return floats.reference([steps]).map { means in
      ReferenceTensor(
        means.shape,
        means.values.map { mean in
          // Sums of bytes are whole, and so exact in both forms.
          let sum = Float((mean * Double(area)).rounded())
          return Double(QuantizedRange(output).byte(nearest: sum * factor))
        })
    }
  }
}
