import Economics
import Testing

struct DayTests {
  @Test(arguments: ["1960-01-01", "2000-02-29", "2012-06-01", "2019-12-31", "2026-11-22"])
  func readsWhatItWrites(text: String) throws {
    #expect(try #require(Day(text)).description == text)
  }

  @Test func countsDays() throws {
    let from = try #require(Day("2012-06-01"))
    let to = try #require(Day("2017-10-19"))
    #expect(to.number - from.number == 1966)
    #expect(Day("1970-01-01")?.number == 0)
  }

  @Test func aYearStandsForItsMiddleAndAMonthForIts() {
    #expect(Day("2017") == Day("2017-07-01"))
    #expect(Day("2018-04") == Day("2018-04-15"))
  }

  @Test(arguments: ["", "2017-13-01", "2017-02-30", "17-01-01", "2017-1-1", "today"])
  func refusesWhatIsNoDate(text: String) {
    #expect(Day(text) == nil)
  }
}
