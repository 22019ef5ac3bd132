import Basics
import Economics
import Foundation
import Testing

struct ExpressionTests {
  private func value(_ text: String) throws -> Double {
    let numbers = ["a-claim": ["usd": Claim.Number(value: 40, unit: "USD", when: nil)]]
    let evaluator = Evaluator(records: .builtIn, numbers: numbers, claim: "a-claim")
    return try evaluator.evaluate(Expression(text)).value
  }

  @Test(
    arguments: [
      ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("8 / 4 / 2", 1),
      ("7 - 3 - 2", 2), ("2 × 3 ÷ 4 − 1", 0.5), ("1.5e3 + 1E-1", 1500.1), ("2 ^ -1", 0.5),
      ("log2(8) + log10(100) + ln(1) + sqrt(9)", 8), ("min(3, 1, 2) + max(3, 1, 2)", 4),
      ("mean(1, 2, 6) * sum(1, 1)", 6), ("years(@2017-01-01, @2021-01-01)", 4),
      ("months(@2012-06-01, @2017-10-19)", 1966 / 30.436875), ("said.usd / said[a-claim].usd", 1),
    ] as [(String, Double)])
  func evaluates(text: String, expected: Double) throws {
    #expect(abs(try value(text) - expected) <= 1e-12 * max(1, abs(expected)))
  }

  @Test(
    arguments: [
      ("accelerator_peaks[T4, source~Geektopia].int8_dense_tops", 130.0),
      ("min(dawnbench_imagenet_inference[timestamp=2017-11-30].usd_per_1e9_images)", 7310),
      ("count(openai_ai_and_compute_systems[system=AlexNet|VGG].chart_pfs_days)", 4),
      ("openai_ai_and_compute_systems[VGG].chart_pfs_days", 0.098),
      ("count(cloud_prices[instance=p3.2xlarge, as_of>=2020-01-01].as_of)", 5),
      // A bound counts with 'at most' and 'at least', as a date and as a number.
      ("count(cloud_prices[instance=p3.2xlarge, as_of<=2018-11-06].as_of)", 2),
      ("count(cloud_prices[instance=p3.2xlarge, as_of<2018-11-06].as_of)", 1),
      ("count(cloud_prices[instance=p3.2xlarge, as_of>=2025-08-04].as_of)", 2),
      ("count(cloud_prices[instance=p3.2xlarge, as_of>2025-08-04].as_of)", 1),
      ("count(cloud_prices[instance=p3.2xlarge, vcpus<=8].as_of)", 2),
      ("max(dawnbench_imagenet_train[timestamp<2018-01-01].hours_to_threshold)", 322.6934347160657),
    ] as [(String, Double)])
  func readsCells(text: String, expected: Double) throws {
    #expect(try value(text) == expected)
  }

  /// Character positions count from 0.
  @Test(arguments: [
    ("1 + ", 4, "missing"), ("1 + * 2", 4, "not expected"), ("(1 + 2", 6, "')' is missing"),
    ("2 3", 2, "not expected"), ("1.2.3", 0, "not a number"), ("@2017-02-31", 0, "not a date"),
    ("1 + nothing[a=b].c", 4, "no table 'nothing'"),
    ("2 * facts[utilisaton].value", 4, "no record matches"),
    ("facts[utilisation].valu", 0, "no column 'valu'"),
    ("facts[nam=utilisation].value", 0, "no column 'nam'"),
    ("1 + cube(2)", 4, "no function 'cube' of 1 value"), ("1 / 0", 4, "not a finite number"),
    ("said.eur", 0, "states no 'eur'"), ("1 + said[other].usd", 4, "no claim 'other'"),
    ("@2017-01-01 + 1", 0, "years(from, to)"), ("years(1, @2017-01-01)", 6, "a date is needed"),
    ("dawnbench_imagenet_train[usd_per_hour=24.48].hours_to_threshold", 0, "do not agree"),
    ("facts[utilisation].source * 2", 0, "is not a number or date"),
    (String(repeating: "(", count: 500) + "1", 100, "nested too deeply"),
    ("price * 2", 0, "no row for 'price'"), ("@2017-01-01", 0, "a date, not a number"),
  ])
  func pointsAtThePlace(text: String, position: Int, message: String) {
    #expect {
      _ = try value(text)
    } throws: { error in
      guard let error = error as? Problem else { return false }
      return error.description.contains(" at character \(position + 1)\n")
        && error.description.contains(message)
        && error.description.hasSuffix("\n  " + String(repeating: " ", count: position) + "^")
    }
  }

  @Test func showsEveryOperation() throws {
    let evaluator = Evaluator(records: .builtIn)
    let evaluation = try evaluator.evaluate(
      Expression("2 ^ (12 / 16) * facts[utilisation].value"))
    #expect(
      evaluation.steps == ["12 ÷ 16 = 0.75", "2 ^ 0.75 = 1.68179", "1.68179 × 0.33 = 0.554992"])
    #expect(evaluation.inputs.map(\.name) == ["facts[utilisation].value"])
    #expect(evaluation.inputs[0].source.hasPrefix("facts.csv, row 14: OpenAI"))
  }

  @Test func knowsWhereItsLiteralsStand() throws {
    let expression = try Expression("10 * years(@2017-01-01, @2018-01-01) ^ 2.5")
    let characters = Array(expression.text)
    #expect(expression.literals.map { String(characters[$0]) } == ["10", "2.5"])
    #expect(expression.dates.map { String(characters[$0]) } == ["@2017-01-01", "@2018-01-01"])
  }
}
