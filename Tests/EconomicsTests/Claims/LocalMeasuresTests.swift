import Basics
import Economics
import Harness
import Testing

struct LocalMeasuresTests {
  /// 100 images/s, 30 training images/s, 200 GFLOP/s, 3x by software, at 0.36 USD an hour; 2.5
  /// GFLOP for a joule.
  private let here: LocalMeasurement

  init() {
    var here = LocalMeasurement(
      date: Day("2026-11-22"), price: .given(usdPerHour: 0.36),
      inference: .init(perSecond: 100, interval: [80, 125]), training: .init(perSecond: 30),
      peakGflops: [1: 100, 2: 200],
      generations: [
        .init(name: "openblas", imagesPerSecond: 50), .init(name: "native", imagesPerSecond: 150),
      ])
    here.networks = Self.rates
    here.efficiency = .init(
      caseID: "peak/fma/t2", gflopPerJoule: 2.5, watts: 80, source: "CPU package only")
    self.here = here
  }

  /// One pass of each network that claims are about, all at 100 units and 200 GFLOP a second but for the
  /// Transformer, which does half of both, and ResNet-50, which executes half of its operations.
  private static let rates: [NetworkRate] = [
    rate("bert-large", .train, 128), rate("bert-base", .train, 128), rate("seq2seq", .train, 28),
    rate("transformer-base", .train, 28, speed: 0.5), rate("gpt3-layer", .infer, 2048),
    rate("grover-layer", .train, 1024), rate("gpt2", .decode, 1024),
    rate("alphago-zero-40", .infer, nil), rate("alphago-zero-20", .infer, nil),
    rate("bert-base", .infer, 128), rate("resnet50", .train, nil, speed: 2, executed: 0.5),
  ]

  private static func rate(
    _ network: String, _ kind: CaseRecord.Kind, _ sequence: Int?, speed: Double = 1,
    executed: Double = 0.9
  ) -> NetworkRate {
    NetworkRate(
      network: network, kind: kind, sequence: sequence, batch: 8,
      unit: sequence == nil ? "position" : "token",
      units: .init(perSecond: 100 * speed, interval: [80 * speed, 125 * speed]),
      flops: .init(perSecond: 2e11 * speed, interval: [1.6e11 * speed, 2.5e11 * speed]),
      executed: 2e11 * speed * executed)
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
      "largest-run-hardware-cost", "trend-several-more-years", "bert-6912", "grover-25k",
      "transformer-61x", "alphazero-8x", "gpt3-cost-30-2030", "train-70-by-2030",
      "chatbot-billions-of-searches", "compute-nearly-10x", "era-2016-2017",
      "inference-dominates-compute", "chips-flops-per-watt",
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

  private func expect(
    _ finding: LocalFinding, _ value: Double, _ ends: [Double]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = finding.value ?? .nan
    #expect(abs(found / value - 1) < 1e-9, "\(found)", sourceLocation: sourceLocation)
    guard let ends else { return }
    for (end, expected) in zip(finding.interval ?? [], ends) {
      #expect(abs(end / expected - 1) < 1e-9, "\(end)", sourceLocation: sourceLocation)
    }
    #expect(finding.interval?.count == ends.count, sourceLocation: sourceLocation)
  }

  /// Counted operations at 200 GFLOP/s and 0.0001 USD a second; a slower end is the dearer.
  @Test func trainingsAreTakenAtTheirOwnRates() throws {
    let bert = try finding("bert-6912", "BERT-large pre-trained here")
    let usd = (5.544_408_923_504_64e19 + 2.611_078_873_743_36e19) / 2e11 * 1e-4
    expect(bert, usd, [usd * 0.8, usd * 1.25])
    #expect(bert.isExtrapolated && bert.unit == "USD")
    #expect(bert.formula?.contains("5.54441×10¹⁹ FLOP ÷ 200 GFLOP/s + ") == true)
    #expect(bert.note.contains("bert-large's training step, batch 8, 128 tokens (100 tokens/s)"))
    #expect(bert.note.contains("5.90x the 6912 USD of the claim"))
    let work = try finding("bert-6912", "a USD pays for")
    expect(work, 2e11 / 1e-4, [1.6e11 / 1e-4, 2.5e11 / 1e-4])
    #expect(work.isExtrapolated)
    // 6912 USD are of 16 devices, BERT-base had 4.
    let base = try finding("bert-6912", "BERT-base pre-trained here")
    expect(base, (1.611_163_922_595_84e19 + 7.706_010_451_968e18) / 2e11 * 1e-4)
    #expect(base.note.contains("its own figure is 1728 USD"), "\(base.note)")
    #expect(!base.note.contains("USD of the claim"), "\(base.note)")
    expect(try finding("grover-25k", "Grover-Mega"), 3.994_229_390_966_784e21 / 2e11 * 1e-4)
    let gpt3 = try finding("gpt3-12m", "GPT-3 trained here")
    expect(gpt3, 3.229_120_290_816e23 / 2e11 * 1e-4)
    #expect(gpt3.note.contains("backward passes as fast as forward ones"))
    let line = try finding("gpt3-cost-450k-2022", "off the line gpt3-70 on 2026-11-22")
    #expect(line.isExtrapolated == false && line.note.contains("here it costs "))
  }

  /// A tenth of BERT's steps has 512 tokens: at the rate of 128 until that length was measured.
  @Test func anotherLengthIsNamed() throws {
    let short = try finding("bert-6912", "BERT-large pre-trained here").note
    let words = "bert-large's training step, batch 8, 128 tokens (100 tokens/s)"
    #expect(short.contains(words + ", 512-token parts at the rate of 128; "), "\(short)")
    var both = here
    both.networks.append(Self.rate("bert-large", .train, 512, speed: 0.5))
    let audited = try Claims.audit(local: both).claim("bert-6912")
    let large = try #require(audited.local.first { $0.label.hasPrefix("BERT-large") })
    #expect(!large.note.contains("at the rate of 128"), "\(large.note)")
    #expect(large.note.contains(words + " and of bert-large's training step, batch 8, 512 tokens"))
    expect(large, (5.544_408_923_504_64e19 / 2e11 + 2.611_078_873_743_36e19 / 1e11) * 1e-4)
  }

  @Test func translationIsARatioOfTimes() throws {
    let five = try finding("transformer-61x", "5 models")
    // Counted 59.94, the newer network at half the rate.
    let ratio = 59.940_642_223_417_13 / 2
    expect(five, ratio, [ratio * 0.64, ratio / 0.64])
    #expect(five.note.hasPrefix("counted operations give 59.9x; at the rate of seq2seq's"))
    expect(try finding("transformer-61x", "one model"), ratio / 5)
  }

  @Test func selfPlayHasEveryReading() throws {
    for (words, ratio) in [
      ("40 blocks, the preprint's", 10.165_929_897_893_268),
      ("40 blocks, the journal's", 1.524_889_484_683_990_2),
    ] {
      let found = try finding("alphazero-8x", words)
      expect(found, ratio, [ratio * 0.64, ratio / 0.64])
      #expect(!found.note.contains("cancels"))
    }
    // Both by 20 blocks: however fast these are, the ratio is that of the games.
    let cancelled = "; one network: its rate cancels"
    let same = try finding("alphazero-8x", "20 blocks of three days")
    expect(same, 0.837_606_837_606_837_6)
    #expect(same.interval == nil && same.note.hasSuffix(cancelled), "\(same.note)")
    let game = try finding("alphazero-8x", "a game of AlphaGo Zero")
    expect(game, 320_000.0 / 100 / 3600, [320_000.0 / 125 / 3600, 320_000.0 / 80 / 3600])
    let share = try finding("inference-dominates-compute", "share of self-play")
    let (play, learn) = (3.085_235_319_014_4e23, 6.332_179_523_715_072e20)
    expect(share, 100 * play / (play + learn))
    #expect(share.note.contains("99.73 % to 99.96 %"), "\(share.note)")
    #expect(share.interval == nil && share.note.hasSuffix(cancelled), "\(share.note)")
    // Its own step at half the rate: learning takes twice as long, and each end is one of two rates.
    var both = here
    both.networks.append(Self.rate("alphago-zero-40", .train, nil, speed: 0.5))
    let audited = try Claims.audit(local: both).claim("inference-dominates-compute")
    let half = try #require(audited.local.first { $0.label.contains("share of self-play") })
    let ends = [0.64, 1 / 0.64].map { (times: Double) -> Double in
      100 * play * times / (play * times + 2 * learn)
    }
    expect(half, 100 * play / (play + 2 * learn), ends)
    #expect(!half.note.contains("cancels"), "\(half.note)")
  }

  @Test func textsHaveAPrice() throws {
    let text = try finding("inference-cost-nil", "10⁶ tokens by bert-base's inference")
    expect(text, 1, [0.8, 1.25])
    let machines = try finding("chatbot-billions-of-searches", "of gpt2")
    expect(machines, 1e9 * 500 / 86_400 / 100)
  }

  /// Four at most, and of these first what writes texts: by their names it would come last.
  @Test func pricesOfWritingComeFirst() throws {
    var more = here
    more.networks += [Self.rate("bert-large", .infer, 128), Self.rate("gpt2", .prefill, 1024)]
    let prices = try Claims.audit(local: more).claim("inference-cost-nil").local.filter {
      $0.label.hasPrefix("10⁶ ")
    }
    #expect(
      prices.map(\.label) == [
        "10⁶ tokens by gpt2's step of text generation, batch 8, 1024 tokens",
        "10⁶ tokens by gpt2's prompt, batch 8, 1024 tokens",
        "10⁶ positions by alphago-zero-20's inference, batch 8",
        "10⁶ positions by alphago-zero-40's inference, batch 8",
      ])
  }

  /// A charted run goes by its own network's rate, or by the most operations that a step executes:
  /// 400 of ResNet-50, of which Winograd's algorithm executes 200, a tenth more than of the others.
  @Test func chartedRunsAreCounted() throws {
    let older = try finding("era-2012-2014", "seq2seq, one model, at a sustained rate")
    expect(older, 2.191_68e18 / 2e11 / 86_400)
    #expect(older.note.hasPrefix("0.0254 petaflop/s-days counted, 0.0932 charted; "))
    let big = try finding("compute-300000x", "Transformer big, at a sustained rate")
    #expect(
      big.note.hasSuffix("; by resnet50's training step, batch 8, executed operations"),
      "\(big.note)")
    expect(big, 9.448_243_2e18 / 2e11 / 86_400)
    #expect(big.interval == nil, "ResNet-50's interval says nothing of a Transformer")
    expect(
      older, 2.191_68e18 / 2e11 / 86_400,
      [2.191_68e18 / 2.5e11 / 86_400, 2.191_68e18 / 1.6e11 / 86_400])
    // Every claim on how the compute of charted runs grew has them.
    let growth = [
      "compute-growth-3p4-months", "compute-300000x", "compute-nearly-10x", "era-2012-2014",
      "era-2014-2016", "era-2016-2017",
    ]
    for claim in growth {
      _ = try finding(claim, "AlphaGo Zero, 40 blocks in 40 days, at a sustained rate")
    }
    var none = here
    none.networks = []
    let bare = try Claims.audit(local: none).claim("era-2016-2017").local
    #expect(bare.isEmpty, "\(bare)")
  }

  @Test func theRateOfACaseIsThatOfItsUnits() throws {
    var item = CaseRecord(
      id: "train/bert-large/b8/t2/native", kind: .train,
      parameters: ["network": "bert-large", "batch_size": 8, "sequence": 128], algorithm: "step",
      flop: .init(direct: 1, executed: 1), correctness: .init(status: .passed, maxError: 0),
      accuracy: .init(status: "not evaluated"), processes: [], statistics: nil, derived: .init(),
      validity: .init(ok: true), repeat: "")
    #expect(NetworkRate(item) == nil, "nothing was measured")
    item.derived.item = "sequence"
    item.derived.itemsPerSecond = 2
    (item.derived.tokensPerSecond, item.derived.tokensPerSecondCi95) = (256, [128, 512])
    item.derived.gflopsDirect = 100
    item.derived.gflopsExecuted = 40
    let rate = try #require(NetworkRate(item))
    #expect(rate.unit == "token" && rate.sequence == 128 && rate.batch == 8)
    #expect(rate.units == .init(perSecond: 256, interval: [128, 512]))
    #expect(rate.flops == .init(perSecond: 1e11, interval: [5e10, 2e11]))
    #expect(rate.executed == 4e10)
    item.derived.gflopsExecuted = 0
    #expect(NetworkRate(item)?.executed == nil, "what is executed is not known")
    item.derived.tokensPerSecondCi95 = [512, 128]
    #expect(NetworkRate(item)?.units.interval == nil, "a file can say anything")
    for id in ["train/bert-large/b8/t2/int8/native", "train/bert-large/b8/i64/t2/native"] {
      item.id = id
      #expect(NetworkRate(item) == nil, "\(id)")
    }
  }

  @Test func runsOfOneMachineAreJoined() {
    var first = LocalMeasurement(peakGflops: [1: 100])
    var second = here
    second.networks = [Self.rates[0]]
    first.energyRefusal = "nothing counts it"
    first.join(second)
    #expect(first.inference == here.inference && first.networks == second.networks)
    #expect(first.efficiency == here.efficiency && first.energyRefusal == nil)
    #expect(first.peakGflops == [1: 100, 2: 200] && first.generations == here.generations)
    first.join(LocalMeasurement(inference: .init(perSecond: 1)))
    #expect(first.inference == here.inference)
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
