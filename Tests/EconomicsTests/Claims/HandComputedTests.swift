import Economics
import Harness
import Testing

/// Ten claims worked out by hand: no expression, no table, other arithmetic than the program's.
///
/// Powers are taken as products or by tables of logarithms, quotients as products with the
/// reciprocal, spans in days counted on a calendar, as one would on paper.
struct HandComputedTests {
  let audit: Audit

  init() throws { audit = try Claims.audit() }

  private func value(_ claim: String, _ check: String) throws -> Double {
    let audited = try audit.claim(claim)
    return try #require(audited.checks.first { $0.check.id == check }?.value)
  }

  private func expect(
    _ claim: String, _ check: String, near expected: Double, within tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let value = try value(claim, check)
    #expect(
      abs(value - expected) <= tolerance * abs(expected), "\(value) against \(expected)",
      sourceLocation: sourceLocation)
  }

  /// 8 K80 for 243 h 59 min 58 s at 4.56 USD: whole hours, minutes and seconds priced apart.
  @Test func trainingIn2017() throws {
    let whole = 243 * 4.56
    let minutes = 59 * 0.076
    let seconds = 58.2 * 0.076 / 60
    try expect(
      "train-cost-resnet50-2017", "as-filed", near: whole + minutes + seconds, within: 1e-6)
  }

  /// 1112.6377 × 0.0793739 is the ratio to 12.5986, by the reciprocal.
  @Test func hundredfold() throws {
    try expect(
      "train-cost-100-fold-2017-2019", "as-filed", near: 1112.6377 * 0.079_373_9, within: 1e-5)
  }

  /// 337 days; log10 of the ratio is 1.946032, over 337/365.25 of a year 2.109163.
  @Test func tenfoldInElevenMonths() throws {
    let antilogarithm = 100 * 1.285_77
    #expect(abs(1.946_032 * 365.25 / 337 - 2.109_163) < 2e-6)
    try expect(
      "train-cost-decline-10x-per-year", "first-eleven-months", near: antilogarithm, within: 2e-5)
  }

  /// 312.2848 × 33 1/3 cents' reciprocal: how many times 0.03 goes into it.
  @Test func threeCents() throws {
    let audited = try audit.claim("inference-cost-1b-end")
    let check = try #require(audited.checks.first { $0.check.id == "best-record" })
    #expect(abs(check.ratios[0] - 312.2848 * 100 / 3) < 1e-6)
  }

  /// An ideal T4: 10^9 images of 8.178368512 GOP at 130 TOPS take 62 910.5 s, 17.4752 h.
  @Test func idealT4() throws {
    let seconds = 8.178_368_512e18 / 1.3e14
    let hours = seconds / 60 / 60
    try expect("inference-cost-1b-end", "ideal-t4", near: hours * 0.526, within: 1e-9)
  }

  /// Half of 2 by doubling every 16 months: three quarters of a doubling, as two square roots.
  @Test func sixteenMonths() throws {
    let fourthRoot = 2.0.squareRoot().squareRoot()
    try expect(
      "cost-gain-agrees-with-16-months", "per-year", near: fourthRoot * fourthRoot * fourthRoot,
      within: 1e-12)
  }

  /// 450 000 USD, eight times less 70 %, one year after another.
  @Test func thirtyDollars() throws {
    var usd = 450_000.0
    for _ in 1...8 { usd -= usd * 7 / 10 }
    try expect("gpt3-cost-30-2030", "seventy-a-year", near: usd, within: 1e-12)
  }

  /// Of 100, 57 go first and 47 of each remaining 100 next.
  @Test func partsOfTheWhole() throws {
    let left = 43.0 - 43 * 47 / 100
    try expect("rcu-57-per-year", "with-software", near: (100 - left) / 100, within: 1e-12)
  }

  /// 16 devices, 96 hours, 4.50 USD: 16 × 96 = 1536, half as much again doubled twice.
  @Test func bert() throws {
    try expect("bert-6912", "product", near: 1536 * 4 + 1536 / 2, within: 1e-12)
  }

  /// Five times 7.5 epochs of both languages, three passes of two operations, over a fifth of 10^5 steps.
  @Test func translationCounted() throws {
    let words = 304.0 * 32 + 348 * 112
    let older = words * 45 * 5 / 1000
    let newer = 60.940288 * 6 * 25 * 100 / 5 / 1000
    try expect("transformer-61x", "counted", near: older / newer, within: 1e-9)
  }

  /// 16 623 035 124 over 8 105 976 564 are 2.0507135; 29 over 21 games, twice the simulations, 70 / 39.
  @Test func selfPlayCounted() throws {
    let networks = 16_623_035_124.0 / 8_105_976_564
    let games = 29.0 / 21 * 2 * 70 / 39
    try expect("alphazero-8x", "counted-preprint", near: networks * games, within: 1e-9)
    // A ratio that is another one by each run that may be meant is not called right.
    let reason = try audit.claim("alphazero-8x").reason
    for check in ["counted-preprint", "counted-journal", "counted-three-days"] {
      let ratio = Units.ratio(try value("alphazero-8x", check))
      #expect(reason.contains(ratio), "\(check) is \(ratio): \(reason)")
    }
  }

  /// A day of 256 cores at 0.30 is 1843.20, and two weeks have fourteen.
  @Test func grover() throws {
    try expect("grover-25k", "as-published", near: 1843.2 * 14, within: 1e-12)
  }

  /// Days from 2012-06-01 to 2017-10-19: 5 years with one leap day, and 140 days.
  @Test func runsOf2012To2017() throws {
    let days = 5.0 * 365 + 1 + 30 + 31 + 31 + 30 + 18
    #expect(days == 1966)
    try expect("compute-300000x", "alphago-zero", near: 1862 / 0.005_787_54, within: 1e-12)
    // 2^18 = 262 144, and 321 726 / 262 144 = 1.227287 is 2^0.295473.
    let doublings = 18.295_473
    try expect(
      "compute-growth-3p4-months", "endpoints", near: days / 30.436_875 / doublings, within: 1e-6)
  }

  /// Peaks of the V100 and the K80: 8.126 goes 15 times into 125 and leaves 3.11.
  @Test func tensorOverK80() throws {
    try expect(
      "hardware-16x-three-years", "tensor-over-boost", near: 15 + (125 - 15 * 8.126) / 8.126,
      within: 1e-12)
  }

  /// 14 h 37 min 59 s against 1 h 44 min 33.32 s, in seconds.
  @Test func softwareAlone() throws {
    let before = 14.0 * 3600 + 37 * 60 + 59
    let after = 3600.0 + 44 * 60 + 33.32
    try expect("software-8x", "same-instance", near: before / after, within: 1e-5)
  }
}
