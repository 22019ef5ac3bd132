import Foundation
import Kernels
import Models
import Programs
import TestSupport
import Testing

/// Outputs that PyTorch computes from the same hash-made weights and images.
///
/// `Tests/Fixtures/make.py` remakes them: one image or position at its usual size, all networks at
/// full width.
@Suite struct PyTorchParityTests {
  private struct Fixture: Decodable {
    var logits: [String: [Float]]
    var towers: [String: [String: [Float]]]

    /// What is expected of a network, by output.
    func outputs(of name: String) -> [String: [Float]]? {
      logits[name].map { ["logits": $0] } ?? towers[name]
    }

    static func read() throws -> Fixture {
      let url = try #require(
        Bundle.module.url(forResource: "Fixtures/pytorch-logits", withExtension: "json"))
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }
  }

  /// torchvision's networks and the games' towers; the tower of 40 blocks is that of 20 with more of
  /// the same, the small networks have no counterpart, and `TextParityTests` has those for texts.
  private static let names = Network.names.filter { name in
    guard name != "alphago-zero-40", let network = try? Network.named(name) else { return false }
    return !network.isSmall && network.item != .sequence
  }

  @Test(arguments: names)
  func givesPyTorchsOutputs(name: String) throws {
    let fixture = try Fixture.read()
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
