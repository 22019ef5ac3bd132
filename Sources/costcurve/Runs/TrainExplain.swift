import Harness
import Reporter
import Workloads

extension TrainCommand {
  /// `--explain`: the training step layer by layer and phase by phase.
  func explained(_ request: CaseRequest) throws {
    output.waitForQuiet(try measure.quietWait())
    let noise = NoiseMeter(before: output.lookAtMachine(waits: false))
    let profile = try Profile(
      request, catalogue: .here(), seconds: try measure.durationSeconds() ?? 10)
    if profile.peakGflops == nil { output.note("costcurve: " + PeakMeter.disturbed) }
    let validity = RunValidity(doubts: RunValidity.ofMachine(noise.reading()))
    try output.emit(
      try Rendering.text(
        of: Document(profile, validity, onScreen: false),
        onScreen: Document(profile, validity, onScreen: true),
        json: Explained(validity, profile, schema: "costcurve.training-profile"),
        csv: profile.csv, as: output))
  }
}
