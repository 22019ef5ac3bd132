import Harness
import Testing
import Workloads

/// Where the time of a pass goes: shares of the peak of what is multiplied, and one for all
/// convolutions.
@Suite struct ProfileTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  private func profile(_ id: String) throws -> Profile {
    try Profile(CaseRequest(id: id), catalogue: catalogue, seconds: 0.01)
  }

  /// Rows of convolutions, of which those of fully connected layers are none.
  private func convolutions(_ profile: Profile) -> [Profile.Row] {
    profile.rows.filter { $0.shape != nil && $0.output[1] * $0.output[2] > 1 }
  }

  @Test func layersOnBytesAreSharesOfTheirPeak() throws {
    let profile = try self.profile("infer/resnet20/b2/t1/int8/native")
    #expect(profile.precision == .int8)
    let layers = convolutions(profile)
    #expect(layers.count >= 19)
    for row in layers {
      #expect(row.gigaOperationsPerSecond == row.gflopsDirect && row.gflopsExecuted > 0)
      #expect(row.algorithm?.hasPrefix("conv.i8.") == true, "\(row.layer)")
    }
    let others = profile.rows.filter { $0.shape == nil }
    #expect(!others.isEmpty && others.allSatisfy { $0.gigaOperationsPerSecond == nil })
    // Beside other tests every probe of the peak may have been disturbed.
    guard let peak = profile.peakGflops else {
      #expect(profile.convolutionsPercentOfPeak == nil)
      #expect(profile.rows.allSatisfy { $0.percentOfPeak == nil && $0.bound == nil })
      return
    }
    let time = layers.reduce(0) { $0 + $1.ns }
    let operations = layers.reduce(0) { $0 + $1.gflopsExecuted * $1.ns }
    let share = try #require(profile.convolutionsPercentOfPeak)
    #expect(abs(share / (100 * operations / time / peak) - 1) < 1e-9)
    #expect(layers.allSatisfy { $0.percentOfPeak != nil && $0.bound != nil })
  }

  @Test func layersOfFloatsAreSharesOfFMA() throws {
    let profile = try self.profile("infer/resnet20/b1/t1/native")
    #expect(profile.precision == nil)
    #expect(profile.rows.allSatisfy { $0.gigaOperationsPerSecond == nil })
    #expect((profile.convolutionsPercentOfPeak == nil) == (profile.peakGflops == nil))
  }

  /// A step's record has a schema of its own, which knows of bfloat16 alone.
  @Test func aTrainingStepHasNoneOfIt() throws {
    let profile = try self.profile("train/resnet20/b2/t1/native")
    #expect(profile.precision == nil && profile.convolutionsPercentOfPeak == nil)
    let rounded = try self.profile("train/resnet20/b2/t1/bf16/native")
    #expect(rounded.precision == .bf16 && rounded.convolutionsPercentOfPeak == nil)
    let layers = rounded.rows.filter { $0.precision != nil }
    #expect(Set(layers.map(\.phase)) == ["forward", "backward-data", "backward-weights"])
    #expect(layers.allSatisfy { $0.precision == .bf16 && $0.gigaOperationsPerSecond == nil })
  }
}
