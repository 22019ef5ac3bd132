import Harness
import Reporter
import Workloads

/// A profile with the validity of its run before it.
struct Explained<Profile: Encodable>: Encodable {
  let schema: String?
  let validity: RunValidity
  let profile: Profile

  private enum Key: String, CodingKey { case schema, validity }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(schema, forKey: .schema)
    try container.encode(validity, forKey: .validity)
    try profile.encode(to: encoder)
  }
}

extension OutputOptions {
  /// `--explain`: times a pass or a training step layer by layer, and writes where its time goes.
  ///
  /// - Parameters:
  ///   - request: A case of inference or training.
  ///   - measure: How long, and whether to wait for a quiet machine.
  ///   - seconds: How long unless told.
  ///   - schema: What the JSON calls itself; nil for nothing.
  /// - Throws: What the catalogue throws for the case, or the writing of the result.
  func explain(
    _ request: CaseRequest, _ measure: MeasureOptions, seconds: Double, schema: String? = nil
  ) throws {
    waitForQuiet(try measure.quietWait())
    let meter = NoiseMeter(before: lookAtMachine(waits: false))
    let profile = try Profile(
      request, catalogue: .here(), seconds: try measure.durationSeconds() ?? seconds)
    if profile.peakGflops == nil { note("costcurve: " + PeakMeter.disturbed(profile.precision)) }
    let noise = meter.reading()
    let validity = RunValidity(doubts: RunValidity.ofMachine(noise))
    try emit(
      Document(profile, noise, onScreen: false),
      onScreen: Document(profile, noise, onScreen: true),
      json: Explained(schema: schema, validity: validity, profile: profile), csv: profile.csv)
  }
}
