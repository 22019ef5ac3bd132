import Economics
import Harness
import TestSupport
import Testing

/// Published runs at the rates of steps in lower precision: told beside those in float32, with what
/// is known of their accuracy, and never mixed with them.
struct NetworkPrecisionTests {
  private static let unknown = "no answers were compared with labels"

  /// 100 units and 200 GFLOP a second in float32.
  private func rate(
    _ network: String, _ kind: CaseRecord.Kind, _ precision: CaseID.Precision? = nil,
    sequence: Int? = 128, speed: Double = 1
  ) -> NetworkRate {
    NetworkRate(
      network: network, kind: kind, precision: precision,
      accuracyStatus: precision == nil ? nil : Self.unknown, sequence: sequence, batch: 8,
      unit: sequence == nil ? "position" : "token",
      units: .init(perSecond: 100 * speed, interval: [80 * speed, 125 * speed]),
      flops: .init(perSecond: 2e11 * speed), executed: 1e11 * speed)
  }

  private func local(_ rates: [NetworkRate]) -> LocalMeasurement {
    var local = LocalMeasurement(
      date: Day("2026-11-22"), price: .given(usdPerHour: 0.36), peakGflops: [2: 200])
    local.networks = rates
    return local
  }

  private func findings(_ claim: String, _ rates: [NetworkRate]) throws -> [LocalFinding] {
    try Claims.audit(local: local(rates)).claim(claim).local
  }

  private func run(_ id: String) throws -> PublishedRun {
    try #require(PublishedRun.all().first { $0.id == id })
  }

  @Test func aRunHasAPriceInEach() throws {
    let found = try findings(
      "bert-6912", [rate("bert-large", .train), rate("bert-large", .train, .bf16, speed: 2)])
    let large = found.filter { $0.label.hasPrefix("BERT-large pre-trained here") }
    #expect(
      large.map(\.label) == [
        "BERT-large pre-trained here in bf16", "BERT-large pre-trained here in float32",
      ])
    let usd = (5.544_408_923_504_64e19 + 2.611_078_873_743_36e19) / 2e11 * 1e-4
    for (finding, times) in zip(large, [0.5, 1]) {
      #expect(abs((finding.value ?? 0) / (usd * times) - 1) < 1e-9)
    }
    #expect(large[0].note.contains("bert-large's training step in bf16, batch 8, 128 tokens (200"))
    #expect(large[0].note.contains(Self.unknown) && !large[1].note.contains(Self.unknown))
    let work = found.filter { $0.label.contains("a USD pays for") }
    #expect(work.map { $0.label.suffix(7) } == ["in bf16", "float32"])
    let alone = try findings("bert-6912", [rate("bert-large", .train, .bf16)]).map(\.label)
    #expect(alone.contains("BERT-large pre-trained here in bf16"), "\(alone)")
    #expect(!alone.contains { $0.contains("float32") }, "\(alone)")
  }

  /// A step that was measured tells more of training than forward passes in another precision.
  @Test func forwardPassesStandForNoMeasuredStep() throws {
    let bert = try run("bert-large")
    let both = local([rate("bert-large", .train), rate("bert-large", .infer, .bf16, speed: 9)])
    #expect(RunHere(bert, on: both, in: .bf16) == nil)
    #expect(RunHere(bert, on: both)?.takesForward == false)
    let gpt = try findings(
      "gpt3-12m", [rate("gpt3-layer", .infer), rate("gpt3-layer", .infer, .bf16, speed: 2)])
    let total = gpt.filter { $0.label.hasPrefix("GPT-3 trained here") }
    #expect(total.map(\.label) == ["GPT-3 trained here in bf16", "GPT-3 trained here in float32"])
    #expect(total.allSatisfy { $0.note.contains("backward passes as fast as forward ones") })
  }

  /// The fastest is taken, but one by its own passes before one that stands in.
  @Test func countedRunsTakeTheFastestPrecision() throws {
    let bert = try run("bert-large")
    var here = local([
      rate("bert-large", .train), rate("resnet50", .train, .bf16, sequence: nil, speed: 9),
    ])
    let own = try #require(RunHere.fastest(bert, on: here))
    #expect(own.precision == nil && !own.passes.contains(where: \.standsIn))
    #expect(!own.measured.contains(Self.unknown))
    here.networks.append(rate("bert-large", .train, .bf16, speed: 2))
    let halved = try #require(RunHere.fastest(bert, on: here))
    #expect(halved.precision == .bf16 && halved.seconds.value == own.seconds.value / 2)
    #expect(halved.measured.hasSuffix(", " + Self.unknown), "\(halved.measured)")
    // Of what was measured of no precision, what sustains most: 900 GFLOP/s executed.
    let other = try run("grover")
    let standIn = try #require(RunHere.fastest(other, on: here))
    #expect(standIn.measured.hasPrefix("resnet50's training step in bf16, batch 8, executed"))
    #expect(abs(standIn.seconds.value / (other.flop / 9e11) - 1) < 1e-9)
    #expect(RunHere.fastest(other, on: local([])) == nil)
  }

  /// A ratio of two runs is that of their work, not of two precisions.
  @Test func ratiosAreOfFloat32() throws {
    let floats = [rate("seq2seq", .train), rate("transformer-base", .train)]
    let halved = floats + [rate("transformer-base", .train, .bf16, speed: 4)]
    func ratio(_ rates: [NetworkRate]) throws -> Double? {
      try findings("transformer-61x", rates).first { $0.label.contains("5 models") }?.value
    }
    let (own, both) = (try ratio(floats), try ratio(halved))
    #expect(own != nil && own == both)
    let costs = try findings("transformer-61x", halved).map(\.label)
    #expect(costs.contains("Transformer base trained here in bf16"), "\(costs)")
    #expect(costs.contains("seq2seq, one model, trained here"), "\(costs)")
  }

  /// The price of texts is the cheapest's, with float32's and what is known of its accuracy behind it.
  @Test func textsHaveThePriceOfTheFastest() throws {
    let prices = try findings(
      "inference-cost-nil",
      [rate("bert-base", .infer), rate("bert-base", .infer, .bf16, speed: 2)]
    ).filter { $0.label.hasPrefix("10⁶ ") }
    let price = try #require(prices.first)
    #expect(prices.count == 1)
    #expect(price.label == "10⁶ tokens by bert-base's inference in bf16, batch 8, 128 tokens")
    #expect(abs((price.value ?? 0) - 0.5) < 1e-9)
    #expect(price.note.hasSuffix("; \(Self.unknown); in float32, batch 8, 1 USD"), "\(price.note)")
  }

  /// Shorter sequences are other work: no float32 of theirs stands behind a price.
  @Test func textsAreSetBesideTheSameLength() throws {
    var large = rate("bert-base", .infer, speed: 1.25)
    large.batch = 32
    let low = rate("bert-base", .infer, .bf16, speed: 8)
    let short = rate("bert-base", .infer, sequence: 16, speed: 4)
    func note(_ rates: [NetworkRate]) throws -> String {
      let found = try findings("inference-cost-nil", rates)
      return try #require(found.first { $0.label.hasPrefix("10⁶ ") }).note
    }
    let both = try note([low, short, rate("bert-base", .infer), large])
    #expect(both.hasSuffix("; in float32, batch 32, 0.8 USD"), "\(both)")
    let alone = try note([low, short])
    #expect(alone.hasSuffix(Self.unknown), "\(alone)")
  }

  /// A published run's work is all of a step's, and so are the operations that it is divided by.
  @Test func layersInFloat32AreOfTheRate() throws {
    var item = CaseRecord(
      id: "train/seq2seq/b8/t2/bf16/native", kind: .train,
      parameters: ["network": "seq2seq", "batch_size": 8], algorithm: "step",
      flop: .init(direct: 4, executed: 2, float: 6),
      correctness: .init(status: .passed, maxError: 0), accuracy: .init(status: "not evaluated"),
      processes: [], statistics: nil, derived: .init(), validity: .init(ok: true), repeat: "")
    (item.derived.tokensPerSecond, item.derived.tokensPerSecondCi95) = (256, [128, 512])
    (item.derived.gflopsDirect, item.derived.gflopsExecuted) = (100, 50)
    let rate = try #require(NetworkRate(item))
    #expect(rate.flops == .init(perSecond: 2.5e11, interval: [1.25e11, 5e11]))
    #expect(rate.executed == 2e11)
    item.flop.float = nil
    #expect(NetworkRate(item)?.flops.perSecond == 1e11)
    item.flop = .init(direct: 0, executed: 0, float: 6)
    #expect(NetworkRate(item)?.flops.perSecond == 1e11, "a file can say anything")
  }

  /// Bytes are no operations on floats, and answers that are known to be bad have no rate.
  @Test func aCaseKeepsItsPrecision() throws {
    var item = CaseRecord(
      id: "train/bert-large/b8/t2/bf16/native", kind: .train,
      parameters: ["network": "bert-large", "batch_size": 8, "sequence": 128], algorithm: "step",
      flop: .init(direct: 1, executed: 1), correctness: .init(status: .passed, maxError: 0),
      accuracy: .init(status: "not evaluated"), processes: [], statistics: nil, derived: .init(),
      validity: .init(ok: true), repeat: "")
    item.derived.tokensPerSecond = 256
    (item.derived.gflopsDirect, item.derived.gflopsExecuted) = (100, 40)
    let rate = try #require(NetworkRate(item))
    #expect(rate.precision == .bf16 && rate.accuracyStatus == Self.unknown && rate.executed == 4e10)
    #expect(rate.words == "bert-large's training step in bf16, batch 8, 128 tokens")
    item.accuracy = .init(
      status: "evaluated", top1: 0.7,
      againstF32: .init(
        images: 5000, top1F32: 0.76, top1Ratio: 0.92, top1RatioError: 0.001, agreement: 0.9,
        logitsDb: 20))
    #expect(NetworkRate(item) == nil)
    item.accuracy = .init(status: "not evaluated")
    item.id = "infer/bert-large/b8/t2/int8/native"
    item.kind = .infer
    #expect(NetworkRate(item) == nil)
  }
}
