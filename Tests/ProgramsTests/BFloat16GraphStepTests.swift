import Graphs
import Models
import Tensors
import Testing

/// Training graphs of whole networks in bfloat16: what is cast, and what stays float32.
@Suite struct BFloat16GraphStepTests {
  /// Operators of a graph by name, and how many there are of each.
  private func kinds(_ graph: Graph) -> [String: Int] {
    graph.nodes.reduce(into: [:]) { $0["\(type(of: $1.op))", default: 0] += 1 }
  }

  /// Between the images and the loss nothing is float32 but parameters, statistics and logits.
  @Test func castsActivationsAndTheirDerivatives() throws {
    let network = try Network.named("resnet20", classes: 10)
    let float = network.trainingGraph(inputSize: 28)
    let graph = network.trainingGraph(inputSize: 28, precision: .bf16)
    let (before, now) = (kinds(float), kinds(graph))
    for (kind, cast) in [
      ("Convolution", "BFloat16Convolution"), ("ImageGradient", "BFloat16ImageGradient"),
      ("FilterGradient", "BFloat16FilterGradient"),
    ] {
      #expect(now[kind] == nil && now[cast] == before[kind], "\(kind)")
    }
    // The images, and the derivative by the logits.
    #expect(now["ElementCast"] == 2)
    for node in graph.nodes {
      switch node.op {
      case is TrainedBatchNormalization, is BatchNormalizationGradient, is BFloat16ImageGradient,
        is AdaptiveAveragePooling, is AdaptiveAveragePoolingGradient:
        #expect(graph[node.inputs[0]].type.element == .bf16, "\(node.name)")
        #expect(graph[node.outputs[0]].type.element == .bf16, "\(node.name)")
      case is BFloat16FilterGradient, is BiasSum, is CrossEntropy:
        #expect(graph[node.outputs.last ?? node.outputs[0]].type.element == .f32)
      default: continue
      }
    }
    #expect(graph.parameters == float.parameters)
    #expect(graph.inputs.map(\.name) == float.inputs.map(\.name))
    #expect(graph.outputs.map(\.name) == float.outputs.map(\.name))
    #expect(graph.updates.count == float.updates.count)
    let layers = graph.bfloat16LayerCounts
    #expect(layers.onBFloat16 == layers.all && layers.all == before["Convolution"])
  }

  /// Derivatives multiply bfloat16 where their layers do and nowhere else: an LSTM's are float32.
  @Test func derivativesAreWhatTheirLayersAre() throws {
    var products = 0
    for name in Network.names {
      let network = try Network.named(name)
      guard network.training != nil || network.readsLabels || network.item == .position else {
        continue
      }
      let graph = network.trainingGraph(
        inputSize: network.usualInputSize, precision: .bf16)
      let layers = Set(graph.nodes.filter { $0.op is BFloat16Convolution }.map(\.name))
      for node in graph.nodes {
        switch node.op {
        case is BFloat16FilterGradient, is BFloat16ImageGradient:
          #expect(layers.contains(node.name), "\(name), \(node.name)")
          products += 1
        case is FilterGradient, is ImageGradient:
          #expect(!layers.contains(node.name), "\(name), \(node.name)")
        default: continue
        }
      }
    }
    #expect(products > 1000)
  }
}
