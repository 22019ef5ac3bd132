import Basics
import Foundation
import Harness
import Kernels
import Models
import TestSupport
import Testing
import Workloads

/// Case ids, the catalogue behind them, and tuning tables.
struct CatalogueTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  @Test(arguments: [
    ("nothing/x/t1", Problem.Kind.usage), ("gemm/1x2/t1/native", .usage),
    ("gemm/4x4x4/native", .usage),
    ("gemm/4x4x4/t1/blas", .absent), ("conv/resnet50.nolayer/forward/b1/t1/native", .absent),
    ("conv/resnet51.conv1/forward/b1/t1/native", .absent), ("peak/read-l9/t1", .absent),
    ("infer/resnet51/b1/t1/native", .absent), ("gemm/4x4x4/t1/int8/native", .absent),
    ("peak/fma/t1/int8", .absent), ("peak/read-l2/t1/int8", .absent), ("peak/dot/t1", .absent),
    ("conv/resnet18.conv1/forward/b1/t1/int8/openblas", .absent),
    ("conv/resnet18.conv1/backward-weights/b1/t1/int8/native", .absent),
    ("gemm/4x4x4/t1/bf16/native", .absent), ("peak/fma/t1/bf16", .absent),
    ("conv/resnet18.conv1/forward/b1/t1/bf16/openblas", .absent),
    ("conv/resnet18.layer1.0.conv1/backward-data/b1/t1/bf16/native", .absent),
    ("train/resnet20/b2/t1/int8/native", .absent),
    ("train/resnet20/b2/t1/bf16/openblas", .usage),
    ("infer/resnet20/b1/t1/bf16/openblas", .usage),
  ])
  func whatIsNotThereIsRefused(_ id: String, _ kind: Problem.Kind) throws {
    do {
      _ = try catalogue.workload(for: CaseRequest(id: id))
      Issue.record("\(id) was made")
    } catch let refusal as Problem {
      #expect(refusal.kind == kind, "\(id): \(refusal)")
    }
  }

  @Test(arguments: [
    "gemm/37x29x41/t1/openblas", "gemm/37x29x41/t1/native", "gemm/37x29x41/t2/native",
    "conv/resnet18.conv1/forward/b1/t1/openblas",
    "conv/resnet18.layer1.0.conv1/forward/b2/t1/native",
    "conv/resnet18.layer2.0.conv1/backward-data/b1/t1/openblas",
    "conv/resnet18.layer2.0.conv1/backward-weights/b1/t1/native",
    "infer/resnet18/b2/t1/native", "infer/resnet18/b2/t1/native-direct",
    "train/resnet18/b2/t1/native", "peak/fma/t1", "peak/dot/t2/int8", "peak/read-l2/t1",
    "peak/dot/t2/bf16", "infer/resnet18/b2/t1/bf16/native", "train/resnet18/b2/t1/bf16/native",
    "conv/resnet18.conv1/forward/b1/t1/bf16/native",
    "conv/resnet18.layer2.0.conv1/forward/b3/t2/bf16/native",
    "conv/resnet18.layer4.1.conv2/forward/b1/t1/bf16/reference",
    "conv/resnet18.conv1/forward/b1/t1/int8/native",
    "conv/resnet18.layer2.0.conv1/forward/b3/t2/int8/native",
    "conv/resnet18.layer4.1.conv2/forward/b1/t1/int8/reference",
  ])
  func everyKindAnswersRight(_ id: String) throws {
    let request = CaseRequest(id: id, options: ["input-size": "64"])
    let workload = try catalogue.workload(for: request)
    let named = try #require(CaseID(workload.id))
    #expect(named.inputSize == (["conv", "infer", "train"].contains(named.kind) ? 64 : nil))
    let check = try workload.check()
    #expect(check.status == .passed)
    let against: [String: CaseRecord.Correctness.Basis] = [
      "infer": .operators, "conv": .kernels, "train": .kernels,
    ]
    #expect(check.against == against[named.kind])
    let again = try catalogue.workload(for: request)
    workload.run()
    again.run()
    if workload.kind != .train { #expect(workload.checksum() == again.checksum()) }
  }

  /// Operations on integers are counted as such, and bytes as one byte each.
  @Test func aConvolutionOfBytesCountsIntegers() throws {
    let id = "conv/resnet18.layer1.0.conv1/forward/b1/t1/int8/native"
    let workload = try catalogue.workload(for: CaseRequest(id: id))
    let macs = 56 * 56 * 64 * 64 * 9
    #if COSTCURVE_AVX2 && !COSTCURVE_AVXVNNI
      let (algorithm, executed) = (Int8Algorithm.winograd2x3, macs * 4 / 9)
    #else
      let (algorithm, executed) = (Int8Algorithm.tile, macs)
    #endif
    #expect(workload.integerOperations?.count == Double(2 * executed))
    #expect(workload.directIntegerOperations?.count == Double(2 * macs))
    #expect(workload.executedFLOPs.count == 0 && workload.directFLOPs.count == 0)
    #expect(workload.algorithm == algorithm.rawValue)
    #expect(workload.parameters["minimum_bytes"] == .number(Double(2 * 56 * 56 * 64 + 64 * 64 * 9)))
    let flop = PreparedCase(workload).flop
    #expect(flop.executed == Double(2 * executed) && flop.direct == Double(2 * macs))
  }

  /// `native-direct`, which `--no-winograd` makes of `native`, multiplies as often as the definition.
  @Test func directEnginesHaveNoWinogradOnBytes() throws {
    #expect(Engine.native.allowsWinograd && !Engine.native.withoutWinograd.allowsWinograd)
    func made(_ id: String) throws -> any Workload {
      try catalogue.workload(for: CaseRequest(id: id))
    }
    let layer = try made("conv/resnet18.layer1.0.conv1/forward/b1/t1/int8/native-direct")
    #expect(layer.algorithm == Int8Algorithm.tile.rawValue)
    let operations = try #require(layer.integerOperations?.count)
    #expect(operations > 0 && operations == layer.directIntegerOperations?.count)
    let network = try made("infer/resnet20/b2/t1/int8/native-direct")
    let all = try #require(network.integerOperations?.count)
    #expect(all > 0 && all == network.directIntegerOperations?.count)
    // The bits are those of `native`, whatever that takes.
    let native = try made("infer/resnet20/b2/t1/int8/native")
    network.run()
    native.run()
    #expect(network.checksum() == native.checksum())
  }

  /// Operations on bfloat16 are floating-point operations, and each number moves two bytes.
  @Test func aConvolutionOfBFloat16CountsFloats() throws {
    let id = "conv/resnet18.layer1.0.conv1/forward/b1/t1/bf16/native"
    let workload = try catalogue.workload(for: CaseRequest(id: id))
    let macs = 56 * 56 * 64 * 64 * 9
    #expect(workload.integerOperations == nil)
    #expect(workload.executedFLOPs.count == Double(2 * macs))
    #expect(workload.algorithm == BFloat16Algorithm.tile.rawValue)
    let bytes = 2 * (2 * 56 * 56 * 64 + 64 * 64 * 9)
    #expect(workload.parameters["minimum_bytes"] == .number(Double(bytes)))
  }

  @Test func gatheredRequestsAreOneLargerBatch() throws {
    func workload(_ id: String, _ options: [String: String]) throws -> any Workload {
      let size = ["input-size": "64"]
      return try catalogue.workload(
        for: CaseRequest(id: id, options: size.merging(options) { $1 }))
    }
    let two = try workload("infer/resnet18/b1/t2/native", ["requests": "2"])
    #expect(two.imagesPerCall == 2)
    #expect(two.parameters["batch_size"] == 1)
    #expect(two.requestsInFlight == 2)
    #expect(two.algorithm == "plan.f32.native.gathered2")
    #expect(two.id == "infer/resnet18/b1/i64/q2/t2/native")
    #expect(try two.check().status == .passed)
    let batch = try workload("infer/resnet18/b2/t2/native", [:])
    #expect(batch.requestsInFlight == 1)
    batch.run()
    #expect(two.checksum() == batch.checksum())
    let refusal = #expect(throws: Problem.self) {
      try workload("infer/resnet18/b1/t2/native", ["requests": "0"])
    }
    #expect(refusal?.kind == .usage)
  }

  @Test func whatRunMeasuresCanAllBeMade() throws {
    let network = try Network.named("resnet50")
    let requests =
      try CaseSuite.products(of: .network(network), batch: 1, threads: [1], engines: Engine.kernels)
      + CaseSuite.convolutions(
        of: .network(network), batch: 1, threads: [1], engines: [.native],
        directions: CaseID.Direction.allCases)
    #expect(Set(requests.map(\.id)).count == requests.count)
    #expect(requests.count > 60)
    let ids = requests.map(\.id)
    #expect(ids.contains("conv/resnet50.conv1/backward-weights/b1/t1/native"))
    #expect(!ids.contains("conv/resnet50.conv1/backward-data/b1/t1/native"))
    for request in requests { #expect(CaseID(request.id)?.description == request.id) }
  }

  /// A 1x1 convolution that skips nothing is its product, which need not be measured twice.
  @Test func productsThatConvolutionsAreCanBeLeftOut() throws {
    let subject = WorkSubject.network(try Network.named("resnet50"))
    func products(_ withPointwise: Bool) throws -> Set<String> {
      Set(
        try CaseSuite.products(
          of: subject, batch: 1, threads: [1], engines: [.native], withPointwise: withPointwise
        ).map(\.id))
    }
    let (all, fewer) = (try products(true), try products(false))
    #expect(fewer.isStrictSubset(of: all) && all.count - fewer.count == 12)
    for size in CaseSuite.squares {
      #expect(fewer.contains("gemm/\(size)x\(size)x\(size)/t1/native"))
    }
    // Lowered ones of 3x3 and with a stride stay, and plain ones go.
    #expect(fewer.contains("gemm/784x128x1152/t1/native"))
    #expect(fewer.contains("gemm/784x512x256/t1/native"))
    #expect(!fewer.contains("gemm/196x256x1024/t1/native"))
  }

  @Test func aTableOfAnotherBinaryIsNotUsed() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("tuning.json")
    let shape = ConvShape(N: 1, C: 64, H: 8, W: 8, K: 64, R: 3, S: 3, stride: 1, padding: 1)
    let table = TuningTable(
      fingerprint: "one", choices: [TuningTable.key(shape, threads: 1): .winograd2x3])
    try TuningCache.save(table, to: path)
    let read = try TuningTable.read(from: path, fingerprint: "one")
    #expect(read?.algorithm(for: shape, threads: 1) == .winograd2x3)
    #expect(read?.algorithm(for: shape, threads: 2) == nil)
    #expect(throws: Problem.self) {
      try TuningTable.read(from: path, fingerprint: "two")
    }
    try Data("{".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: Problem.self) {
      try TuningTable.read(from: path, fingerprint: "one")
    }
    #expect(
      Engine.nativeDirect.algorithm(for: shape, threads: 1, tuning: table) == .direct)
  }
}
