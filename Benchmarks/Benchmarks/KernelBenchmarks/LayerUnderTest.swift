import Kernels

/// A convolution with its operands in place.
final class LayerUnderTest {
  /// One layer of each kind, one image: the stem, a 3x3 early and late, a 1x1 that widens and one
  /// that narrows, and a 3x3 with a stride.
  static let resnet50: [(String, ConvShape)] = [
    ("conv1", ConvShape(N: 1, C: 3, H: 224, W: 224, K: 64, R: 7, S: 7, stride: 2, padding: 3)),
    (
      "layer1.0.conv2",
      ConvShape(N: 1, C: 64, H: 56, W: 56, K: 64, R: 3, S: 3, stride: 1, padding: 1)
    ),
    (
      "layer2.0.conv2",
      ConvShape(N: 1, C: 128, H: 56, W: 56, K: 128, R: 3, S: 3, stride: 2, padding: 1)
    ),
    (
      "layer2.0.conv3",
      ConvShape(N: 1, C: 128, H: 28, W: 28, K: 512, R: 1, S: 1, stride: 1, padding: 0)
    ),
    (
      "layer3.1.conv2",
      ConvShape(N: 1, C: 256, H: 14, W: 14, K: 256, R: 3, S: 3, stride: 1, padding: 1)
    ),
    (
      "layer4.1.conv1",
      ConvShape(N: 1, C: 2048, H: 7, W: 7, K: 512, R: 1, S: 1, stride: 1, padding: 0)
    ),
  ]

  private let convolution: any CompiledConvolution
  private let input: AlignedBuffer
  private let output: AlignedBuffer
  private let workspace: AlignedBuffer
  private let pool = ThreadPool(threads: 1)

  init(_ shape: ConvShape, _ algorithm: ConvAlgorithm) {
    let filters = AlignedBuffer.ones(shape.filterCount)
    convolution = algorithm.compile(shape, filters: filters.pointer, bias: nil, threads: 1)
    input = .ones(shape.inputCount)
    output = .ones(shape.outputCount)
    workspace = AlignedBuffer(count: convolution.workspaceCount)
  }

  /// The layer once.
  func run() {
    convolution.run(
      ConvOperands(input: input.pointer, output: output.pointer, workspace: workspace.pointer),
      pool: pool)
  }
}
