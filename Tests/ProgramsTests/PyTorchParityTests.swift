import Programs
import Foundation
import Kernels
import Models
import TestSupport
import Testing

/// Logits that PyTorch computes from the same hash-made weights and images.
///
/// `Tests/Fixtures/make.py` remakes them: one image of 224 pixels, all networks at full width.
@Suite struct PyTorchParityTests {
  private struct Fixture: Decodable {
    var logits: [String: [Float]]
  }

  @Test(arguments: (ResNet.networks(classes: 1) + AlexNet.networks(classes: 1)).map(\.name))
  func givesPyTorchsLogits(name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/pytorch-logits", withExtension: "json"))
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    let expected = try #require(fixture.logits[name])
    let network = try Network.named(name)
    let program = try Program(
      network, weights: SeededWeights(for: network, seed: 1), batch: 1, inputSize: 224,
      pool: ThreadPool(threads: 2)
    ) { _, _ in .im2col }
    let image = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(0..<1, seed: 1, channels: 3, size: 224, into: image.elements)
    program.run(image.pointer)
    let error = relativeError(Array(program.logits), expected)
    #expect(error < 1e-4, "\(name): \(error)")
    print("\(name): relative error of the logits against PyTorch \(error)")
  }
}
