import Economics
import Testing

struct FrontierTests {
  @Test func keepsOnlyRecords() throws {
    let training = Frontier(try PublicRecord.trainingCosts())
    #expect(
      training.points.map(\.value)
        == [1112.6377, 358.2172, 82.0693, 49.2966, 48.4792, 12.5986, 7.4255])
    let inference = Frontier(try PublicRecord.inferenceCosts())
    #expect(inference.points.map(\.value) == [7310, 2340, 1640, 1540, 796, 321, 312.2848])
    #expect(inference.points.map(\.date) == inference.points.map(\.date).sorted())
  }

  /// Whoever comes second to the same cost has set no record, be it later or on the same day.
  @Test func aCostThatIsOnlyEqualledIsNoRecord() throws {
    let records = try [
      ("2018-01-01", 100.0, "first"), ("2018-01-01", 100, "second"), ("2018-02-01", 100, "third"),
      ("2018-03-01", 90, "cheaper"), ("2018-03-02", 95, "dearer"),
    ].map { date, value, model in
      PublicRecord(
        date: try #require(Day(date)), value: value, unit: "USD", model: model, hardware: "",
        source: "")
    }
    #expect(Frontier(records).points.map(\.date) == [records[0].date, records[3].date])
    #expect(Frontier(records).points.map(\.value) == [100, 90])
  }

  @Test func tenfoldAYearHeldForElevenMonths() throws {
    let frontier = Frontier(try PublicRecord.trainingCosts())
    let held = try #require(frontier.longestSpan(atLeast: 10))
    #expect(held.to.date == Day("2018-09-29"))
    #expect(held.months.rounded() == 11)
    #expect(abs(held.ratioPerYear - 128.577) < 0.001)
    let rest = try #require(frontier.rest(after: held.to))
    #expect(abs(rest.ratioPerYear - 1.44154) < 0.00001)
    #expect(Frontier(try PublicRecord.inferenceCosts()).longestSpan(atLeast: 577) == nil)
  }

  @Test func fittedCurvesCarryTheirInterval() throws {
    let curves = try Curve.fitted()
    #expect(
      curves.map(\.id) == ["train-cost-fit", "inference-cost-fit", "compute-fit", "efficiency-fit"])
    for curve in curves {
      #expect(curve.note.contains("95 % interval"))
      #expect(curve.basis == .measured)
    }
    // The doubling times that the claims' checks compute through their own expressions.
    let julian = 365.25 / 12 / 30.436875
    #expect(abs(curves[2].doublingMonths * julian - 3.393325) < 1e-6)
    #expect(abs(curves[3].doublingMonths * julian - 15.684007) < 1e-6)
  }

  @Test func theEntryWithTheMistypedYearIsDatedByItsCommit() throws {
    let moved = try PublicRecord.inferenceCosts().filter { !$0.note.isEmpty }
    #expect(moved.map(\.date) == [Day("2019-05-16")])
    #expect(try PublicRecord.trainingCosts().allSatisfy(\.note.isEmpty))
  }
}
