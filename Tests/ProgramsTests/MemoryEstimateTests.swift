import Formats
import Kernels
import Models
import Programs
import Testing

/// What is refused before it is allocated.
@Suite struct MemoryEstimateTests {
  @Test func readsWhatTheKernelSays() {
    let meminfo = "MemTotal:  100 kB\nMemAvailable:    2048 kB\nBuffers: 1 kB\n"
    #expect(AvailableMemory.machineBytes(meminfo) == 2 << 20)
    #expect(AvailableMemory.machineBytes("") == nil)
    #expect((AvailableMemory.bytes() ?? 0) > 0)
  }

  @Test func countsTheContainersCacheAsFree() {
    let statistics = "anon 5\ninactive_file 300\n"
    #expect(
      AvailableMemory.containerBytes(limit: "1000\n", usage: "700\n", statistics: statistics)
        == 600)
    #expect(AvailableMemory.containerBytes(limit: "max\n", usage: "7", statistics: "") == nil)
    #expect(
      AvailableMemory.containerBytes(limit: "9223372036854771712", usage: "7", statistics: "")
        == nil)
  }

  @Test func estimatesAtLeastWhatThePlansTake() throws {
    let network = try Network.named("resnet18")
    let pool = ThreadPool(threads: 2)
    let weights = SeededWeights(for: network, seed: 1)
    let inference = try Program(
      network, weights: weights, batch: 2, inputSize: 64, pool: pool
    ) { _, _ in .im2col }
    let estimate = MemoryEstimate.inference(network, batch: 2, inputSize: 64, threads: 2).bytes
    #expect(estimate > inference.activationBytes + network.parameterBytes)
    #expect(estimate < 3 * network.parameterBytes + 2 * inference.activationBytes + 64 << 20)

    let training = try TrainingStep(
      network, state: try TrainingState(network, weights: weights), batch: 2, inputSize: 64,
      pool: pool
    ) { _, _, _ in .im2col }
    let whole = MemoryEstimate.training(network, batch: 2, inputSize: 64, threads: 2).bytes
    #expect(whole > training.program.activationBytes + 4 * network.parameterBytes)
  }

  @Test func trainsResNet50AtBatch16InLessThanPyTorchsLeanest() throws {
    let network = try Network.named("resnet50")
    let bytes = MemoryEstimate.training(network, batch: 16, inputSize: 224, threads: 2).bytes
    #expect(bytes < 2_600_000_000, "\(bytes)")
  }

  @Test func refusesWithBothNumbers() {
    let estimate = MemoryEstimate(bytes: 10 << 20)
    let error = #expect(throws: FileError.self) {
      try estimate.refuseIfTooLarge(
        for: "--batch-size 9", remedy: "choose a smaller one", available: 1 << 20)
    }
    #expect(error?.description.contains("10 MiB") == true)
    #expect(error?.description.contains("1 MiB are free") == true)
    #expect(throws: Never.self) {
      try estimate.refuseIfTooLarge(for: "", remedy: "", available: 10 << 20)
    }
  }
}
