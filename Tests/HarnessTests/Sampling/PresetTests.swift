import Harness
import Testing

@Suite struct PresetTests {
  @Test func theTableOfPresets() {
    #expect(Preset.quick.processes == 1)
    #expect(Preset.standard.processes == 5)
    #expect(Preset.rigorous.processes == 10)
    #expect(Preset.quick.budget(for: .infer) == 15)
    #expect(Preset.quick.budget(for: .train) == 40)
    #expect(Preset.quick.budget(for: .conv) <= 1)
    #expect(Preset.quick.minimumTrainingSteps >= 4)
    #expect(Preset.quick.wholeRunSeconds < 300)
    #expect(Preset.standard.wholeRunSeconds <= 900)
    #expect(Preset.rigorous.wholeRunSeconds <= 5400)
  }

  @Test func aDurationIsPerCaseOverAllProcesses() {
    let preset = Preset.standard.withDuration(5)
    #expect(preset.budget(for: .infer) == 5)
    #expect(preset.budget(for: .gemm) == 5)
    #expect(preset.budget(for: .peak) == Preset.standard.budget(for: .peak))
  }

  @Test func budgetsShrinkToFitTheWholeRun() {
    let kinds = [CaseRecord.Kind](repeating: .infer, count: 40)
    let fitted = Preset.quick.fitted(to: kinds)
    let planned = 40 * (fitted.budget(for: .infer) + 2 * 0.35)
    #expect(planned <= Preset.quick.wholeRunSeconds + 1e-9)
    #expect(Preset.quick.fitted(to: [.gemm, .infer]) == Preset.quick)
  }
}
