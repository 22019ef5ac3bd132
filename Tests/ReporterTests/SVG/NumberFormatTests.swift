import Reporter
import Testing

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (30.123, 3, "30.1"), (1_540.4, 3, "1\u{A0}540"), (0, 3, "0"), (0.0312, 2, "0.031"),
    (4.06604e-7, 3, "4.07×10⁻⁷"), (1_281_167, 3, "1\u{A0}281\u{A0}167"), (-12.34, 3, "-12.3"),
    (8.64e19, 3, "8.64×10¹⁹"), (.nan, 3, "n/a"), (.infinity, 3, "∞"), (0.9996, 3, "1.000"),
    (2.5e11, 3, "250\u{A0}000\u{A0}000\u{A0}000"), (2.5e12, 3, "2.50×10¹²"),
  ])
  func significant(_ value: Double, _ digits: Int, _ text: String) {
    #expect(NumberFormat.significant(value, digits: digits) == text)
  }

  @Test func dressing() {
    #expect(NumberFormat.usd.text(1_540) == "$1\u{A0}540")
    #expect(NumberFormat.usd.text(-2) == "-$2.00")
    #expect(
      NumberFormat.percent.text(87.25) == "87.3 %" || NumberFormat.percent.text(87.25) == "87.2 %")
    #expect(NumberFormat.usd.logarithmicTick(1e-6, exponent: -6, asPower: true) == "$10⁻⁶")
  }
}
