import Harness
import Testing

@Suite struct WarningTests {
  @Test func everyDoubtComesWithARemedy() {
    let doubts: [Warning] = [
      .widespread(caseIDs: ["a"], relativeIQR: 0.31),
      .dependent(caseIDs: ["a"], samples: 90, effective: 7),
      .provisional(cases: 3), .noInterval(caseIDs: ["a"], samples: 4),
      .busy(.init("Others ran", figure: "40 %", remedy: "Stop them, and repeat it.")),
      .governor("powersave"),
      .variable(name: "OPENBLAS_NUM_THREADS", value: "1"), .limited(available: 1, cores: 2),
      .leftOut(name: "OPENBLAS_CORETYPE", value: "Haswell"),
      .oldKernels(library: "OpenBLAS 0.3.21", core: "Prescott"),
      .refused(caseID: "a", reason: "wrong answer"), .accuracyNotEvaluated,
      .assumedPrice(usdPerHour: 0.1, assumption: "median"),
    ]
    for doubt in doubts {
      #expect(doubt.sentence.hasSuffix("."))
      #expect(doubt.remedy.hasSuffix("."))
      #expect(doubt.remedy.count > 20)
    }
    #expect(Warning.widespread(caseIDs: ["a"], relativeIQR: 0.31).sentence.contains("31.0 %"))
  }

  @Test func anAssumedPriceIsToldFromAGivenOne() {
    var record = RecordFixture.record
    let basis = ResultRecord.PriceRecord.assumedBasis("median of 9")
    record.price = .init(usdPerHour: 0.1, basis: basis)
    #expect(Warning.all(of: record) == [.assumedPrice(usdPerHour: 0.1, assumption: "median of 9")])
    // As committed records and the schema have it.
    #expect(basis == "assumed: median of 9")
    record.price = .init(usdPerHour: 0.1, basis: "given, not assumed")
    #expect(Warning.all(of: record) == [])
  }

  /// A machine that is newer than the library is taken for an old one.
  @Test func aLibraryThatDoesNotKnowTheCPUIsNamed() {
    var context = RecordFixture.record.context
    let core = { (name: String) in
      Context.Library(
        name: "OpenBLAS", version: "0.3.21", configuration: "core \(name), 2 threads, pthreads")
    }
    context.libraries = [core("Prescott")]
    #expect(
      Warning.ofMachine(context) == [.oldKernels(library: "OpenBLAS 0.3.21", core: "Prescott")])
    for known in ["SkylakeX", "Haswell", "Zen"] {
      context.libraries = [core(known)]
      #expect(Warning.ofMachine(context) == [])
    }
  }

  @Test func aRecordGivesCauseForItsOwnWarnings() {
    var record = RecordFixture.record
    #expect(Warning.all(of: record) == [])
    record.context.noise.stealPercent = 4
    record.context.machine.quota = 0.5
    record.context.environment["OPENBLAS_NUM_THREADS"] = "1"
    record.cases[0].statistics?.relativeIqr = 0.4
    record.cases[0].statistics?.provisional = true
    #expect(
      Warning.all(of: record) == [
        .busy(RunValidity.ofMachine(record.context.noise)[0]),
        .variable(name: "OPENBLAS_NUM_THREADS", value: "1"),
        .limited(available: 1, cores: 2), .provisional(cases: 1),
        .widespread(caseIDs: ["gemm/256x256x256/t1/openblas"], relativeIQR: 0.4),
      ])
  }
}
