import Basics
import Economics
import Testing

struct LocalMeasuresTests {
  /// 100 images/s, 30 training images/s, 200 GFLOP/s, 3x by software, at 0.36 USD an hour; 2.5
  /// GFLOP for a joule.
  private var here: LocalMeasurement {
    var here = LocalMeasurement(
      date: Day("2026-11-22"), price: .given(usdPerHour: 0.36),
      inference: .init(perSecond: 100, interval: [80, 125]), training: .init(perSecond: 30),
      peakGflops: [1: 100, 2: 200],
      generations: [
        .init(name: "openblas", imagesPerSecond: 50), .init(name: "native", imagesPerSecond: 150),
      ])
    here.efficiency = .init(
      caseID: "peak/fma/t2", gflopPerJoule: 2.5, watts: 80, source: "CPU package only")
    return here
  }

  /// What a claim's local findings say of one label.
  private func finding(_ claim: String, _ label: String) throws -> LocalFinding {
    let audited = try Claims.audit(local: here).claim(claim)
    return try #require(audited.local.first { $0.label.contains(label) })
  }

  /// The claims that this machine adds to.
  @Test func theseClaimsHaveALocalMeasurement() throws {
    let expected: Set<String> = [
      "train-cost-resnet50-2017", "train-cost-resnet50-2019",
      "train-cost-resnet50-1usd-projection", "train-cost-decline-10x-per-year",
      "train-cost-100-fold-2017-2019",
      "cost-gain-agrees-with-16-months", "compute-10x-per-year-since-2010",
      "petaflop-day-definition", "petaflops-per-day-wording", "inference-cost-1b-start",
      "inference-cost-1b-end", "inference-cost-curve", "cost-declines-10-100x",
      "inference-cost-nil", "hardware-16x-three-years", "v100-vs-k80-1800-percent",
      "software-8x", "software-800-percent", "hardware-times-software",
      "decomposition-cross-check", "gpt3-12m", "gpt3-cost-450k-2022", "software-47-per-year",
      "efficiency-halving-16-months", "hardware-efficiency-stagnated",
      "compute-growth-3p4-months", "compute-300000x", "era-2012-2014", "era-2014-2016",
      "largest-run-hardware-cost", "trend-several-more-years", "chips-flops-per-watt",
    ]
    let audit = try Claims.audit(local: here)
    for claim in audit.claims {
      let measured = claim.local.filter { $0.value != nil }
      #expect(measured.isEmpty != expected.contains(claim.id), "\(claim.id)")
      #expect(claim.local.allSatisfy { $0.value != nil }, "\(claim.id)")
    }
  }

  @Test func withoutAMeasurementItSaysWhatWouldMeasure() throws {
    let audit = try Claims.audit()
    let missing = audit.claims.flatMap(\.local).filter { $0.value == nil }
    #expect(missing.count > 12)
    #expect(missing.allSatisfy { $0.note.contains("costcurve ") })
  }

  @Test func costsOfThisMachine() throws {
    let inference = try finding("inference-cost-1b-end", "10⁹ images classified here")
    #expect(inference.value == 1000)
    #expect(inference.note.contains("800 to 1250 USD"))
    let need = try finding("inference-cost-1b-end", "rate that 0.03 USD needs")
    #expect(abs((need.value ?? 0) / (0.36e9 / 3600 / 0.03) - 1) < 1e-12)
    let training = try finding("train-cost-resnet50-2017", "trained here for 90 epochs")
    #expect(abs((training.value ?? 0) / (90 * 1_281_167 / 30 / 3600 * 0.36) - 1) < 1e-12)
    #expect(training.isExtrapolated)
  }

  @Test func aCurveOutsideItsDatesIsMarked() throws {
    let today = try finding("train-cost-decline-10x-per-year", "train-cost-10x on 2026-11-22")
    #expect(today.isExtrapolated)
    #expect(today.note.contains("out of range 2017-01-01 to 2020-12-31"))
    let inside = try finding("train-cost-decline-10x-per-year", "train-cost-10x on 2017-01-01")
    #expect(!inside.isExtrapolated)
  }

  @Test func whatThreeCentsWouldTake() throws {
    let need = try finding("inference-cost-1b-end", "speed that 0.03 USD per 10⁹ images takes")
    #expect(abs((need.value ?? 0) - 8.178_368_512e18 / 108e15) < 1e-9)
    let here = try finding("inference-cost-1b-end", "this machine at its measured peak")
    #expect(abs((here.value ?? 0) - 200e-6 / 0.36) < 1e-15)
  }

  @Test func generationsPeaksAndRuns() throws {
    #expect(try finding("software-8x", "gain by software").value == 3)
    let peak = try finding("hardware-16x-three-years", "FP32 peak of this machine")
    #expect(abs((peak.value ?? 0) - 200 / 0.36) < 1e-9)
    #expect(try finding("petaflop-day-definition", "in a day here").value == 0.0002)
    let day = try finding("compute-300000x", "fit in a day")
    #expect(day.note == "VAE, DQN" || day.note == "DQN, VAE")
    let year = try finding("compute-300000x", "fit in a year")
    #expect(year.note.contains("AlexNet"))
    #expect(!year.note.contains("VGG"))
  }

  @Test func anUnknownMeasureIsRefused() throws {
    let text = """
      [{"id": "x", "kind": "ratio", "paraphrase": "", "sources": [], "numbers": {}, "checks": [],
      "rule": {"kind": "all", "why": ""}, "verdict": "consistent", "reason": "", "local": ["y"]}]
      """
    let records = Records.builtIn.replacing(claimFile: "claims-9.json", with: .init(text.utf8))
    #expect(throws: Problem.self) { try Claims.audit(records) }
  }
}
