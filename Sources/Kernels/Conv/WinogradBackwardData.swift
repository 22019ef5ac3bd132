/// Backward-data by Winograd's algorithm: the convolution of the output's gradient with the
/// flipped filters, for 3x3 windows of stride 1.
final class WinogradBackwardData: CompiledBackwardData {
  let shape: ConvShape
  var executedFLOPs: FLOPs { convolution.executedFLOPs }
  var workspaceCount: Int { filterSpace + convolution.workspaceCount }

  private let convolution: Winograd
  /// Floats of the flipped filters, on a whole line.
  private var filterSpace: Int { (shape.filterCount + 15) / 16 * 16 }

  /// The forward convolution that computes the gradient of `shape` by its input.
  private static func transposed(_ shape: ConvShape) -> ConvShape {
    ConvShape(
      N: shape.N, C: shape.K, H: shape.P, W: shape.Q, K: shape.C, R: shape.R, S: shape.S,
      padding: shape.R - 1 - shape.padding)
  }

  /// Whether the shape is one that the algorithm is for.
  static func supports(_ shape: ConvShape) -> Bool {
    Winograd.supports(shape) && shape.padding <= 2 && Winograd.supports(transposed(shape))
  }

  init(_ variant: WinogradVariant, _ shape: ConvShape, threads: Int) {
    self.shape = shape
    convolution = Winograd(
      variant, Self.transposed(shape), epilogue: Epilogue(addsResidual: true), threads: threads)
  }

  func run(_ operands: BackwardDataOperands, pool: ThreadPool) {
    flip(operands, pool: pool)
    convolution.load(filters: operands.workspace, bias: nil, pool: pool)
    convolution.compute(
      ConvOperands(
        input: operands.outputGradient,
        residual: operands.accumulates ? UnsafePointer(operands.inputGradient) : nil,
        output: operands.inputGradient, workspace: operands.workspace + filterSpace),
      pool: pool)
  }

  /// Writes the flipped filters, `C R S K`, to the workspace.
  private func flip(_ operands: BackwardDataOperands, pool: ThreadPool) {
    let (C, K, taps) = (shape.C, shape.K, shape.R * shape.S)
    let (source, target) = (operands.filters, operands.workspace)
    // Small squares of channels, so that reading across and writing along share cache lines.
    pool.forEachShare(of: C, grain: 16) { channels in
      for first in stride(from: 0, to: K, by: 16) {
        for tap in 0..<taps {
          for c in channels {
            let row = target + (c * taps + taps - 1 - tap) * K
            for k in first..<min(first + 16, K) { row[k] = source[(k * taps + tap) * C + c] }
          }
        }
      }
    }
  }
}
