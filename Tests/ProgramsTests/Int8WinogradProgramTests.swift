import Kernels
import Models
import Programs
import Testing
import Workloads

/// Programs on bytes in which layers of 3x3 windows take Winograd's algorithm.
extension QuantizedProgramTests {
  /// Builds for 256 bits without VNNI take it for weights of both widths, and no bit differs from plain
  /// integers; other builds have nothing to gain by it.
  @Test(arguments: WeightBits.allCases)
  func layersTakeFewerProducts(_ bits: WeightBits) throws {
    let network = try Network.named("resnet20", classes: 10)
    let subject = try quantized(network, size: 28) { $0.givenBits = bits }
    let pass = try subject.forwardPass(batch: 2)
    let (values, program) = try outputs(pass, threads: 2)
    #expect(program.errorBound == 0)
    #expect(try outputs(pass, threads: 1, isReference: true).values == values)
    let chosen = program.units.filter { $0.kernelName == Int8Algorithm.winograd2x3.rawValue }
    #if COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI
      #expect(!chosen.isEmpty)
    #else
      #expect(chosen.isEmpty)
    #endif
    #expect(chosen.allSatisfy { $0.executedFLOPs < $0.directFLOPs })
    let saved = chosen.reduce(0) { $0 + $1.directFLOPs.count - $1.executedFLOPs.count }
    let executed = program.integerOperations(\.executedFLOPs).count
    #expect(executed + saved == program.integerOperations(\.directFLOPs).count)
  }
}
