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
    for (preset, cases) in [(Preset.quick, 40), (.standard, 40), (.rigorous, 200)] {
      let fitted = preset.fitted(to: [CaseRecord.Kind](repeating: .infer, count: cases))
      let beside = 0.35 + Double(preset.processes) * (0.35 + preset.warmupSeconds)
      let planned = Double(cases) * (fitted.budget(for: .infer) + beside)
      #expect(abs(planned - preset.wholeRunSeconds) < 1e-6, "\(preset.name): \(planned) s")
    }
    #expect(Preset.quick.fitted(to: [.gemm, .infer]) == Preset.quick)
  }
}
