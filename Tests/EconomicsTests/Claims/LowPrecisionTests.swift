import Economics
import Harness
import TestSupport
import Testing

/// Claims of cents presume low precision: its price stands first, with what its answers are worth,
/// and float32's beside it.
struct LowPrecisionTests {
  private func item(_ id: String, rate: Double) -> CaseRecord {
    var item = CaseRecord(
      id: id, kind: .infer,
      parameters: ["network": "resnet50", "input_size": 224, "classes": 1000, "batch_size": 16],
      algorithm: "plan", flop: .init(direct: 1, executed: 1),
      correctness: .init(status: .passed, maxError: 0), accuracy: .init(status: "not evaluated"),
      processes: [], statistics: nil, derived: .init(), validity: .init(ok: true), repeat: "")
    item.derived.imagesPerSecond = rate
    item.derived.imagesPerSecondCi95 = [rate * 0.8, rate * 1.25]
    return item
  }

  /// 100 images/s in float32 and 400 in int8, at 0.36 USD an hour.
  private func record() -> ResultRecord {
    var record = ResultRecord(
      context: .sample(arguments: ["run"]),
      peaks: [
        .init(threads: 2, fmaGflops: 200, bandwidthGbPerS: nil),
        .init(threads: 2, precision: .int8, gigaOperationsPerSecond: 800),
        .init(threads: 1, precision: .bf16, rate: 190),
        .init(threads: 2, precision: .bf16, rate: 300),
      ],
      cases: [
        item("infer/resnet50/b16/t2/openblas", rate: 50),
        item("infer/resnet50/b16/t2/native", rate: 100),
        item("infer/resnet50/b16/t2/int8/native", rate: 400),
      ])
    record.price = ResultRecord.PriceRecord(usdPerHour: 0.36, basis: "given")
    return record
  }

  private func findings(_ record: ResultRecord, _ claim: String) throws -> [LocalFinding] {
    try Claims.audit(local: LocalMeasurement(record)).claim(claim).local
  }

  @Test func itsPriceStandsFirstAndThatOfFloatsBeside() throws {
    let found = try findings(record(), "inference-cost-1b-end")
    let costs = found.filter { $0.label.contains("classified here") }
    #expect(
      costs.map(\.label) == [
        "10⁹ images classified here in int8", "10⁹ images classified here in float32",
      ])
    for (cost, usd) in zip(costs, [250.0, 1000]) {
      #expect(abs((cost.value ?? 0) - usd) < 1e-9)
    }
    #expect(costs[0].note.hasSuffix("no answers were compared with labels"))
    #expect(!costs[1].note.contains("labels"))
    // What is missing to the claimed price is missing to the faster of both.
    let need = try #require(found.first { $0.label.contains("rate that 0.03 USD needs") })
    #expect(need.note.hasPrefix("8333x "), "\(need.note)")
    let peak = try #require(found.first { $0.label.contains("measured int8 peak") })
    #expect(abs((peak.value ?? 0) - 800e-6 / 0.36) < 1e-15)
    let halved = try #require(found.first { $0.label.contains("measured bf16 peak") })
    #expect(abs((halved.value ?? 0) - 300e-6 / 0.36) < 1e-15)
    #expect(halved.unit == "PFLOP/s per USD/h" && peak.unit == "10¹⁵ operations/s per USD/h")
  }

  @Test func theCurveIsReadInBoth() throws {
    let notes = try findings(record(), "inference-cost-curve").map(\.note)
      .filter { $0.contains("here it costs") }
    #expect(!notes.isEmpty)
    for note in notes {
      #expect(note.contains("that in int8 (no answers were compared with labels)"), "\(note)")
      #expect(note.hasSuffix("that in float32"), "\(note)")
    }
  }

  /// Steps in bfloat16 are none in float32: their price stands first, and the curve is read in both.
  @Test func trainingHasAPriceInEach() throws {
    var record = record()
    for (id, rate) in [("b16/t2/native", 30.0), ("b16/t2/bf16/native", 60)] {
      var step = item("train/resnet50/\(id)", rate: rate)
      step.kind = .train
      record.cases.append(step)
    }
    let local = LocalMeasurement(record)
    #expect(local.training?.perSecond == 30 && local.lowTraining?.rate.perSecond == 60)
    #expect(local.lowPrecision?.rate.perSecond == 400, "inference has its own")
    let found = try findings(record, "train-cost-resnet50-2017")
    let costs = found.filter { $0.label.contains("trained here") }
    let label = "ResNet-50 trained here for 90 epochs"
    #expect(costs.map(\.label) == ["\(label) in bf16", "\(label) in float32"])
    for (cost, rate) in zip(costs, [60.0, 30]) {
      let usd: Double = 90 * 1_281_167 / rate / 3600 * 0.36
      #expect(abs((cost.value ?? 0) / usd - 1) < 1e-12 && cost.isExtrapolated)
    }
    #expect(costs[0].note.hasSuffix("no answers were compared with labels"))
    let notes = try findings(record, "train-cost-decline-10x-per-year").map(\.note)
      .filter { $0.contains("here it costs") }
    #expect(!notes.isEmpty)
    for note in notes {
      #expect(note.contains("that in bf16 (no") && note.hasSuffix("that in float32"), "\(note)")
    }
    record.cases.removeAll { $0.id == "train/resnet50/b16/t2/native" }
    let alone = try findings(record, "train-cost-resnet50-2017").map(\.label)
    #expect(alone.filter { $0.contains("trained here") } == ["\(label) in bf16"])
  }

  @Test func whatIsKnownOfItsAnswersIsSaid() throws {
    var record = record()
    record.cases[2].accuracy = .init(
      status: "evaluated", top1: 0.757,
      againstF32: .init(
        images: 5000, top1F32: 0.76, top1Ratio: 0.995, top1RatioError: 0.001, agreement: 0.99,
        logitsDb: 38))
    let good = try #require(LocalMeasurement(record).lowPrecision)
    #expect(good.precision == "int8" && good.worth.contains("99.50 % of float32's 76.00 %"))
    #expect(LocalMeasurement(record).inference?.perSecond == 100, "that is of float32 alone")
    // Answers that lose too much have no price beside a claim.
    record.cases[2].accuracy.againstF32 = .init(
      images: 5000, top1F32: 0.76, top1Ratio: 0.9, top1RatioError: 0.001, agreement: 0.9,
      logitsDb: 20)
    #expect(LocalMeasurement(record).lowPrecision == nil)
    // Nor does lower precision count as newer software.
    #expect(LocalMeasurement(record).generations.map(\.imagesPerSecond) == [50, 100])
  }

  @Test func withoutFloatsItStandsAlone() throws {
    var record = record()
    record.cases.removeFirst(2)
    let found = try findings(record, "inference-cost-1b-end")
    #expect(
      found.map(\.label).filter { $0.contains("classified here") }
        == ["10⁹ images classified here in int8"])
  }
}
