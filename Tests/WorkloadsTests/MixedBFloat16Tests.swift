import Basics
import Graphs
import Harness
import Interchange
import Kernels
import Models
import TestSupport
import Testing
import Workloads

/// A model of which one layer stays float32 beside layers on bfloat16: what it does is no share of
/// the peak of bfloat16.
@Suite struct MixedBFloat16Tests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)
  private let directory: TemporaryDirectory
  private let file: ModelOfFile

  init() throws {
    directory = try TemporaryDirectory()
    let network = Network(
      name: "mixed", classes: 10, channels: 3, minimumInputSize: 16, usualInputSize: 16
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = try graph.convolution("expand", images, filters: 16, window: 1)
      value = try graph.convolution(
        "depthwise", value, filters: 16, window: 3, paddings: 1, groups: 16)
      value = try graph.convolution("project", value, filters: 8, window: 1)
      value = try graph.averagePool("avgpool", value)
      return [Graph.Port("logits", try graph.linear("fc", value, outputs: 10))]
    }
    let path = directory.path("m.onnx")
    try ModelExport.model(
      of: network.graph(inputSize: 16), name: network.name,
      weights: SeededWeights(for: network, seed: 1)
    ).write(to: path)
    file = try ModelOfFile(path: path)
  }

  private func request(_ rest: String) -> CaseRequest {
    CaseRequest(id: "infer/\(file.name)/\(rest)", options: file.options.byName)
  }

  @Test func countsFloat32Apart() throws {
    let mixed = try catalogue.workload(for: request("b2/t1/bf16/native"))
    let float = try catalogue.workload(for: request("b2/t1/native-direct"))
    // Two images of 16 × 16 pixels, 16 channels and 9 multiply-adds for each.
    let left = MACs(2 * 16 * 16 * 16 * 9).flops.count
    let flop = PreparedCase(mixed).flop
    #expect(mixed.float32FLOPs.count == left && flop.float == left)
    #expect(flop.direct == float.directFLOPs.count - left && flop.executed == flop.direct)
    #expect(PreparedCase(float).flop.float == nil)
    #expect(PreparedCase(float).flop.direct == float.directFLOPs.count)
  }

  @Test func setsEachLayerAgainstItsOwnPeak() throws {
    let profile = try Profile(request("b1/t1/bf16/native"), catalogue: catalogue, seconds: 0.01)
    #expect(profile.precision == .bf16)
    let layers = profile.rows.filter { $0.precision == .bf16 }
    #expect(layers.count == 3)
    #expect(layers.allSatisfy { $0.algorithm?.hasPrefix("conv.bf16.") == true })
    let left = profile.rows.filter { $0.shape != nil && $0.precision == nil }
    #expect(left.count == 1 && left.allSatisfy { $0.gflopsExecuted > 0 })
    #expect(profile.rows.allSatisfy { $0.gigaOperationsPerSecond == nil })
    // With a peak or without one.
    #expect(left.allSatisfy { $0.percentOfPeak == nil && $0.bound == nil })
    // Beside other tests every probe of the peak may have been disturbed.
    let hasPeak = profile.peakGflops != nil
    #expect(layers.allSatisfy { ($0.percentOfPeak != nil) == hasPeak })
    #expect((profile.convolutionsPercentOfPeak != nil) == hasPeak)
  }
}
