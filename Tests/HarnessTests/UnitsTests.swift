import Basics
import Harness
import Testing

@Suite struct UnitsTests {
  @Test(arguments: [
    ("10s", 10), ("500ms", 0.5), ("2min", 120), ("1.5h", 5400), ("250us", 250e-6),
    ("250µs", 250e-6),
    ("7ns", 7e-9), ("3m", 180), ("1d", 86_400),
  ])
  func durations(text: String, seconds: Double) throws {
    let parsed = try Units.parseDuration(text)
    #expect(abs(parsed - seconds) <= 1e-12 * seconds)
  }

  @Test(arguments: [
    "10", "", "s", "-3s", "ten s", "10 s", "1e999s", "nans", "10sec", "infs", "0x1ps",
  ])
  func whatIsNoDuration(text: String) {
    #expect(throws: Problem.self) { try Units.parseDuration(text) }
  }

  @Test func aBareNumberIsToldToTakeAUnit() {
    let error = #expect(throws: Problem.self) { try Units.parseDuration("10") }
    #expect(error?.description == "'10' lacks a unit; write it like 10s, 500ms or 2min")
  }

  @Test func thousandsStandApart() {
    let texts = ["0", "999", "1000", "-12377.5", "-999.25", "1234567"]
    #expect(
      texts.map { Units.grouped($0, by: "_") }
        == ["0", "999", "1_000", "-12_377.5", "-999.25", "1_234_567"])
  }

  @Test func shares() throws {
    #expect(try Units.parsePercent("2%") == 0.02)
    #expect(throws: Problem.self) { try Units.parsePercent("0.02") }
  }

  @Test(arguments: [
    (0.0, "0"), (0.0312, "0.0312"), (91.84, "91.8"), (999.6, "1000"), (1290, "1290"),
    (12_345, "12 345"), (25_557_032, "25 557 032"), (3.2e-7, "3.20×10⁻⁷"), (7.1e12, "7.10×10¹²"),
    (-4.567, "-4.57"), (1, "1.00"),
  ])
  func numbers(value: Double, text: String) { #expect(Units.number(value) == text) }

  @Test(arguments: [
    (0.0583, "58.3 ms"), (1.2e-6, "1.20 µs"), (3.5, "3.50 s"), (125, "2 min 5 s"), (9000, "2.50 h"),
    (4.2e-10, "0.420 ns"), (0.9999, "1.00 s"),
  ])
  func durationTexts(seconds: Double, text: String) { #expect(Units.duration(seconds) == text) }

  @Test func ratesAndSizes() {
    #expect(Units.flopRate(gflops: 91.84) == "91.8 GFLOP/s")
    #expect(Units.flopRate(gflops: 1234) == "1.23 TFLOP/s")
    #expect(Units.flop(8_178_368_512) == "8.18 GFLOP")
    #expect(Units.bytes(471_859_200) == "450 MiB")
    #expect(Units.bytes(512) == "512 B")
    #expect(Units.usd(0.0312) == "$0.0312")
    #expect(Units.percent(84.23) == "84.2 %")
    #expect(Units.number(.nan) == "n/a")
  }

  @Test func countsAndRatios() {
    #expect(Units.count(1, "case") == "1 case")
    #expect(Units.count(0, "case") == "0 cases")
    #expect(Units.count(12_345, "run") == "12 345 runs")
    #expect(Units.ratio(1.414) == "1.41x")
    #expect(Units.ratio(10_409.5) == "10 410x")
    #expect(Units.ratio(2.57e23) == "2.57×10²³x")
    #expect(Units.superscript(-120) == "⁻¹²⁰")
  }
}
