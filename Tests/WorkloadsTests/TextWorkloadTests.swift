import Basics
import CAllocations
import Harness
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// Cases of generating text: what they are, and that their checks hold.
@Suite(.serialized) struct TextWorkloadTests {
  private let catalogue = Catalogue(caches: [])

  /// The whole of GPT-2, for a few tokens.
  @Test(arguments: [("decode", 2), ("prefill", 1)])
  func answersRight(part: String, threads: Int) throws {
    let id = "\(part)/gpt2/b1/s5/t\(threads)/native"
    let workload = try catalogue.workload(for: CaseRequest(id: id, options: ["sequence": "5"]))
    #expect(workload.id == id && workload.kind.rawValue == part)
    #expect(workload.item.name == "token")
    #expect(workload.imagesPerCall == (part == "decode" ? 1 : 5))
    workload.run()
    let first = workload.checksum()
    let correctness = try workload.check()
    #expect(correctness.status == .passed, "\(correctness)")
    #expect(correctness.maxError ?? 0 > 0, "two ways to the same logits round otherwise")
    workload.run()
    #expect(workload.checksum() == first)
    // All but the table of places, each once.
    let weights = 4.0 * (124_439_808 - 1024 * 768)
    #expect(workload.parameters["cache_bytes"] != nil)
    if part == "decode" {
      let bytes = try #require(workload.bytesPerCall)
      #expect(bytes > weights && bytes < 1.02 * weights, "\(bytes)")
    } else {
      #expect(workload.bytesPerCall == nil)
    }
  }

  @Test func theSuiteHasBothParts() throws {
    let network = try Network.named("gpt2")
    let requests = try CaseSuite.text(
      of: network, batch: 2, threads: 1, engine: .native, options: [.seed: "3"])
    #expect(
      requests.map(\.id) == ["decode/gpt2/b2/s1024/t1/native", "prefill/gpt2/b2/s1024/t1/native"])
    #expect(
      requests[0].repeat
        == "costcurve infer --decode --network gpt2 --batch-size 2 --threads 1 --engine native "
        + "--seed 3")
    let short = try CaseSuite.text(
      of: network, batch: 1, threads: 1, engine: .native, options: [.sequence: "8"])
    #expect(short[0].id == "decode/gpt2/b1/s8/t1/native")
    #expect(CaseSuite.memoryBandwidth(threads: 2)?.id == "peak/read-dram/t2")
  }

  /// What a step is told as a share of is no cache's bandwidth, however large that is.
  @Test(arguments: [(32, 128), (64, 256), (144, 288)])
  func theProbeReadsFromMemory(cache: Int, read: Int) throws {
    let catalogue = Catalogue(
      caches: [.init(level: 3, type: "unified", bytes: cache << 20, sharedBy: 2)])
    let probe = try catalogue.workload(for: CaseRequest(id: "peak/read-dram/t1"))
    #expect(probe.parameters["working_set_bytes"] == .number(Double(read << 20)))
  }

  static let refusals: [(id: String, options: [String: String], word: String)] = [
    ("decode/resnet18/b1/t1/native", [:], "reads images"),
    ("decode/gpt2/b1/s2000/t1/native", [:], "1 to 1024 tokens"),
    ("prefill/gpt2/b1/s4/t1/native", ["sequence": "5"], "contradict"),
    ("decode/gpt2/b1/s4/t1/native", ["requests": "2"], "requests"),
    ("decode/gpt2/b1/s4/t1/native", ["model": "x.onnx"], "whole texts"),
  ]

  @Test(arguments: refusals)
  func refusesWhatItCannotTime(one: (id: String, options: [String: String], word: String)) {
    let (id, options, word) = one
    let refusal = #expect(throws: Problem.self) {
      try catalogue.workload(for: CaseRequest(id: id, options: options))
    }
    #expect(refusal?.kind == .usage)
    #expect(refusal?.description.contains(word) == true, "\(refusal?.description ?? "")")
  }

  @Test(.enabled(if: AllocationTests.counts)) func partsAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      let network = GPT2(
        name: "small", layers: 2, width: 64, heads: 4, vocabulary: 97, positions: 32
      ).network
      let tokens = UnsafeMutablePointer<Int64>.allocate(capacity: 2 * 31)
      tokens.initialize(repeating: 5, count: 2 * 31)
      for threads in 1...min(2, MachineReader.availableThreads) {
        let cache = try TextCache(
          network, weights: SeededWeights(for: network, seed: 1), batch: 2, capacity: 32,
          pool: ThreadPool(threads: threads))
        for program in [
          try cache.prompt(tokens: 31) { ConvPlan.native($0) },
          try cache.step { ConvPlan.native($0) },
        ] {
          program.bind(tokens: tokens)
          cache.stand(at: 31)
          for _ in 0..<2 { program.run() }
          let before = costcurve_allocations()
          for _ in 0..<3 { program.run() }
          #expect(costcurve_allocations() - before == 0)
        }
        withExtendedLifetime(cache) {}
      }
      tokens.deallocate()
    }
  }
}
