import Basics
import Formats
import Harness
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// Cases in bfloat16: ids, checks, rates and peaks of their own.
@Suite struct BFloat16CaseTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  private func workload(_ id: String) throws -> any Workload {
    try catalogue.workload(for: CaseRequest(id: id))
  }

  @Test func aNetworkInBFloat16IsHeldToItsOwnRoundings() throws {
    let workload = try self.workload("infer/resnet20/b2/t1/bf16/native")
    #expect(workload.id == "infer/resnet20/b2/t1/bf16/native")
    #expect(workload.algorithm == "plan.bf16.native" && workload.integerOperations == nil)
    let correctness = try workload.check()
    #expect(correctness.status == .passed && correctness.against == .operators)
    #expect((correctness.maxError ?? 1) < 0.02)
    let float = try self.workload("infer/resnet20/b2/t1/native")
    #expect(workload.directFLOPs.count == float.directFLOPs.count)
    #expect(workload.executedFLOPs.count == workload.directFLOPs.count)
    #expect(workload.parameters["precision"] == "bf16" && float.parameters["precision"] == nil)
    #expect(workload.parameters["bf16_layers"] == workload.parameters["layers"])
    // The answer to one is none to the other.
    #expect(try float.check().status == .passed && workload.check().status == .passed)
    float.run()
    workload.run()
    #expect(workload.checksum() != float.checksum())
  }

  /// A step's units are held against plain loops, and its loss against that of float32.
  @Test func aStepInBFloat16IsHeldToItsOwnRoundings() throws {
    let own = try workload("train/resnet20/b2/t1/bf16/native")
    let float = try workload("train/resnet20/b2/t1/native")
    #expect(own.id == "train/resnet20/b2/t1/bf16/native" && own.algorithm == "step.bf16.native")
    #expect(float.algorithm == "step.f32.native" && float.parameters["precision"] == nil)
    #expect(own.parameters["precision"] == "bf16")
    #expect(own.parameters["bf16_layers"] != nil && own.parameters["layers"] != nil)
    let check = try own.check()
    #expect(check.status == .passed && check.against == .kernels)
    #expect((check.maxError ?? 1) < LockstepCheck.bound)
    // What is multiplied in float32 counts apart.
    let products = own.directFLOPs.count + own.float32FLOPs.count
    #expect(abs(products / float.directFLOPs.count - 1) < 0.01)
    #expect(own.float32FLOPs.count < 0.1 * own.directFLOPs.count)
    #expect(float.float32FLOPs.count == 0)
    own.run()
    float.run()
    #expect(own.checksum() != float.checksum())
  }

  @Test func idsAndCommandsSayWhatIsMultiplied() throws {
    let request = CaseSuite.network(
      .infer, name: "resnet20", batch: 1, threads: 1, engine: .native, precision: .bf16)
    #expect(request.id == "infer/resnet20/b1/t1/bf16/native")
    #expect(
      request.repeat
        == "costcurve infer --network resnet20 --batch-size 1 --threads 1 --engine native "
        + "--precision bf16")
    let step = CaseSuite.network(
      .train, name: "resnet20", batch: 4, threads: 1, engine: .native, precision: .bf16)
    #expect(step.id == "train/resnet20/b4/t1/bf16/native")
    #expect(
      step.repeat
        == "costcurve train --network resnet20 --batch-size 4 --threads 1 --engine native "
        + "--precision bf16")
    #expect(CaseSuite.peaks(of: .bf16, threads: [2]).map(\.id) == ["peak/dot/t2/bf16"])
    #expect(CaseSuite.peaks(of: .int8, threads: [2]).map(\.id) == ["peak/dot/t2/int8"])
    let layers = try CaseSuite.convolutions(
      of: .network(Network.named("resnet20")), batch: 1, threads: [1], engines: [.native],
      precision: .bf16)
    #expect(layers.allSatisfy { $0.id.hasSuffix("/bf16/native") })
  }

  @Test func saysWhatMultiplies() throws {
    let model = try Model(named: "resnet20", weights: nil, classes: 10, seed: 1)
    let subject = try BFloat16Subject(SizedModel(model, inputSize: 28))
    let words = BFloat16Algorithm.tile == .dot512 ? "vdpbf16ps" : "no instruction"
    #expect(subject.note.hasPrefix("bf16: ") && subject.note.contains(words))
    #expect(!subject.note.contains("\n"))
  }

  /// Where the time goes, beside the peak of products of bfloat16.
  @Test func aProfileNamesItsKernels() throws {
    let request = CaseSuite.network(
      .infer, name: "resnet20", batch: 1, threads: 1, engine: .native, precision: .bf16)
    let profile = try Profile(request, catalogue: catalogue, seconds: 0.05)
    let names = Set(profile.rows.compactMap(\.algorithm))
    #expect(names.contains(BFloat16Algorithm.tile.rawValue) && names.contains("rows.bf16.round"))
    #expect(names.contains("pool.bf16"))
  }

  @Test func answersAreComparedWithFloats() throws {
    let directory = try TemporaryDirectory()
    let model = try Model(named: "resnet20", weights: nil, classes: 10, seed: 1)
    let sized = SizedModel(model, inputSize: 28)
    let labels = directory.path("labels.npy")
    try NPYFile.write((0..<8).map { Int64($0) }, to: labels)
    let accuracy = try AccuracyEvaluation(
      try BFloat16Subject(sized), beside: sized, on: GivenItems(seeded: 8),
      labels: .file(labels), engine: .native, threads: 1
    ).accuracy()
    let beside = try #require(accuracy.againstF32)
    #expect(beside.images == 8 && (beside.logitsDb ?? 0) > 30)
  }
}
