import Graphs
import Models
import Testing

/// Weights as plain references read them.
@Suite struct ReferenceWeightsTests {
  @Test(arguments: ["resnet20", "gpt2-bytes"])
  func everyElementIsThatOfFloat32(name: String) throws {
    let network = try Network.named(name)
    let weights = SeededWeights(for: network, seed: 5)
    let parameters = network.parameters
    #expect(!parameters.isEmpty)
    for parameter in parameters {
      let found = try #require(try weights.reference(parameter))
      #expect(found.shape.dimensions == parameter.shape)
      #expect(found.values == (try weights.values(parameter)).map { Double($0) })
    }
  }
}
