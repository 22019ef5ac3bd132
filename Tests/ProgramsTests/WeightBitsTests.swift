import Graphs
import Harness
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// Programs on bytes whose weights have 7 or 8 bits.
extension QuantizedProgramTests {
  /// With weights of 7 bits every direct layer takes the instruction that adds pairs, where the build
  /// has it, and gives the bits of the reference; those of 8 bits go beyond them.
  @Test(arguments: WeightBits.allCases)
  func weightsHaveTheirBits(_ bits: WeightBits) throws {
    let network = try Network.named("resnet20", classes: 10)
    let subject = try quantized(network, size: 28) { $0.givenBits = bits }
    let pass = try subject.forwardPass(batch: 1)
    var most = 0
    for node in pass.graph.nodes {
      guard let layer = node.op as? QuantizedConvolution else { continue }
      let filters = try #require(pass.graph[node.inputs[1]].parameter)
      let steps = layer.steps(of: try pass.weights.values(filters))
      most = steps.reduce(most) { max($0, abs(Int($1))) }
    }
    #expect(most == bits.most)
    let (values, program) = try outputs(pass, threads: 2)
    #expect(try outputs(pass, threads: 1, isReference: true).values == values)
    let kernels = Set(program.units.compactMap(\.kernelName).filter { $0.hasPrefix("conv.i8") })
    let pairs = Int8Algorithm.pairs
    if bits == .seven {
      let direct = kernels.subtracting([Int8Algorithm.winograd2x3.rawValue])
      #expect(direct == [pairs.isBuilt ? pairs.rawValue : Int8Algorithm.tile.rawValue])
    } else {
      #expect(kernels.contains(Int8Algorithm.tile.rawValue))
    }
    let table = try #require(subject.table)
    #expect(table.weightBits == bits)
    // What knows but 8 bits reads version 1 alone.
    #expect(table.schemaVersion == (bits == .eight ? 1 : 2))
    let directory = try TemporaryDirectory()
    let path = try directory.file("table.json", try table.data())
    #expect(try QuantizationTable(path: path) == table)
    let told = subject.parameters(of: program)["weight_bits"]
    #expect(told == .number(Double(bits.rawValue)))
  }
}
