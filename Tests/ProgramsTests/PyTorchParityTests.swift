import Programs
import Foundation
import Kernels
import Models
import TestSupport
import Testing

/// Outputs that PyTorch computes from the same hash-made weights and images.
///
/// `Tests/Fixtures/make.py` remakes them: one image or position at its usual size, all networks at
/// full width.
@Suite struct PyTorchParityTests {
  private struct Fixture: Decodable {
    var logits: [String: [Float]]
    var towers: [String: [String: [Float]]]?

    /// What is expected of a network, by output.
    func outputs(of name: String) -> [String: [Float]]? {
      logits[name].map { ["logits": $0] } ?? towers?[name]
    }

    static func read() throws -> Fixture {
      let url = try #require(
        Bundle.module.url(forResource: "Fixtures/pytorch-logits", withExtension: "json"))
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }
  }

  @Test(arguments: (ResNet.networks(classes: 1) + AlexNet.networks(classes: 1)).map(\.name))
  func givesPyTorchsLogits(name: String) throws { try compare(name, Fixture.read()) }

  /// Those that came later, as far as the fixture has them.
  @Test func givesPyTorchsOutputsOfLaterNetworks() throws {
    let fixture = try Fixture.read()
    for name in [InceptionV3.name] + GameTower.all.map(\.name) {
      guard fixture.outputs(of: name) != nil else {
        print("SKIPPED: the fixture has no outputs of \(name); make.py adds them")
        continue
      }
      try compare(name, fixture)
    }
  }

  private func compare(_ name: String, _ fixture: Fixture) throws {
    let expected = try #require(fixture.outputs(of: name))
    let network = try Network.named(name)
    let size = network.usualInputSize
    let program = try Program(
      network, weights: SeededWeights(for: network, seed: 1), batch: 1, inputSize: size,
      pool: ThreadPool(threads: 2)
    ) { _, _ in .im2col }
    let image = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(
      0..<1, seed: 1, channels: network.inputChannels, size: size, into: image.elements)
    program.run(image.pointer)
    #expect(Set(program.outputNames) == Set(expected.keys))
    for (index, output) in program.outputNames.enumerated() {
      let error = relativeError(Array(program.values(index)), try #require(expected[output]))
      #expect(error < 1e-4, "\(name): \(output) \(error)")
      print("\(name): relative error of the \(output) against PyTorch \(error)")
    }
  }
}
