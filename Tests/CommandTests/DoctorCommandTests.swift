import Foundation
import TestSupport
import Testing

/// `costcurve doctor` as a process, in each of its forms.
struct DoctorCommandTests {
  /// All forms at once, for each takes the ten seconds of its look at the machine.
  @Test func itsFormsAreAScreenATableAndARecord() throws {
    let user = try UserFolder()
    let forms = [[], ["--format", "csv"], ["--format", "json"]]
    let outcomes = try forms.map { try user.start(["doctor"] + $0) }.map {
      try $0.result(timeout: 300)
    }
    for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
    let lines = outcomes[0].output.count { $0 == "\n" }
    #expect((1...40).contains(lines), "\(lines) lines:\n\(outcomes[0].output)")

    let (head, rows) = FormsTests.table(outcomes[1].output)
    #expect(head == ["quantity", "probe", "value", "unit", "date", "machine"])
    #expect(rows.contains { $0[0] == "median" && $0[1] == "peak/fma/t1" && Double($0[2]) ?? 0 > 0 })
    #expect(rows.count > 12)

    let data = Data(outcomes[2].output.utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == "costcurve.doctor")
    #expect(try PublishedSchema.named("costcurve.doctor").violations(in: data) == [])
  }
}
