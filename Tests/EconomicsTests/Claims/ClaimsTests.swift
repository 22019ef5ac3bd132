import Basics
import Economics
import Foundation
import Testing

struct ClaimsTests {
  let audit: Audit

  init() throws { audit = try Claims.audit() }

  @Test func allClaimsAreAuditedAndAgree() {
    #expect(audit.claims.count == 61)
    #expect(audit.disagreements.isEmpty)
    #expect(audit.claims.count { $0.verdict == .consistent } == 27)
    #expect(audit.claims.count { $0.verdict == .inconsistent } == 22)
    #expect(audit.claims.count { $0.verdict == .notCheckable } == 12)
  }

  /// The values of an earlier dossier, computed by another program from the same records and
  /// printed with up to six digits.
  @Test func agreesWithAnotherProgramsValues() throws {
    let fixture = try Fixture.table("recomputed")
    #expect(fixture.rows.count == 176)
    for row in fixture.rows.indices {
      let claim = try audit.claim(fixture.text(row, "claim"))
      let check = try #require(claim.checks.first { $0.check.id == fixture.text(row, "check") })
      let value = try #require(check.value)
      let printed = fixture.text(row, "value")
      let expected = try #require(Double(printed))
      let decimals = printed.contains("e") ? 0 : printed.split(separator: ".").last?.count ?? 0
      let lastDigit = printed.contains("e") ? 0 : 0.501 * pow(10, -Double(decimals))
      #expect(
        abs(value - expected) <= max(1e-5 * abs(expected), lastDigit),
        "\(claim.id)/\(check.check.id): \(value) against \(expected)")
    }
  }

  @Test func everyCheckIsComputedOrJudgedWithAReason() {
    for claim in audit.claims {
      #expect(!claim.checks.isEmpty)
      #expect(!claim.claim.rule.why.isEmpty)
      for check in claim.checks {
        let tolerance = check.check.tolerance.flatMap(Tolerance.init)
        #expect((tolerance == nil) == check.isJudged, "\(claim.id)/\(check.check.id)")
        #expect(check.check.judged?.isEmpty != true)
        #expect((check.check.pinned == nil) == (check.check.expression == nil))
      }
    }
  }

  @Test func everyStatedNumberGoesIntoACheck() throws {
    var used: Set<String> = []
    for claim in audit.claims {
      for check in claim.checks {
        for text in [check.check.expression].compactMap({ $0 }) + (check.check.claimed ?? []) {
          used.formUnion(said(in: try Economics.Expression(text).root, by: claim.id))
        }
      }
    }
    for claim in audit.claims {
      for name in claim.claim.numbers.keys { #expect(used.contains("\(claim.id).\(name)")) }
    }
  }

  /// The numbers that a part of an expression takes from claims, as `claim.name`.
  private func said(in part: Economics.Expression.Part, by claim: String) -> [String] {
    switch part.node {
    case .said(let other, let name): ["\(other ?? claim).\(name)"]
    case .negate(let operand): said(in: operand, by: claim)
    case .binary(_, let left, let right): said(in: left, by: claim) + said(in: right, by: claim)
    case .call(_, let arguments): arguments.flatMap { said(in: $0, by: claim) }
    case .number, .day, .cell, .column: []
    }
  }

  @Test func aClaimThatMatchesNoRecordFails() throws {
    var claims = try Claims.load()
    claims[0].checks[0].expression =
      "min(dawnbench_imagenet_train[timestamp<=2007-12-31].usd_to_threshold)"
    let audited = Claims.audit(claims, .builtIn)[0]
    #expect(!audited.agrees)
    #expect(audited.verdict == nil)
    #expect(audited.disagreements[0].contains("no record matches"))
  }

  @Test func aClaimWithoutChecksFails() throws {
    var claims = try Claims.load()
    claims[0].checks = []
    #expect(!Claims.audit(claims, .builtIn)[0].agrees)
  }

  @Test func rulesDecide() throws {
    let rules: [(Claim.Rule, Verdict)] = [
      (.init(kind: .all, checks: nil, why: ""), .inconsistent),
      (.init(kind: .any, checks: nil, why: ""), .consistent),
      (.init(kind: .deciding, checks: ["as-filed"], why: ""), .consistent),
      (.init(kind: .deciding, checks: ["first-resnet50"], why: ""), .inconsistent),
    ]
    for (rule, verdict) in rules {
      var claims = try Claims.load()
      claims[0].rule = rule
      #expect(Claims.audit(claims, .builtIn)[0].verdict == verdict)
    }
    var claims = try Claims.load()
    claims[0].rule = .init(kind: .deciding, checks: ["nonsense"], why: "")
    #expect(!Claims.audit(claims, .builtIn)[0].agrees)
  }

  @Test func aWrongIdIsAnsweredWithTheNearest() {
    #expect {
      try audit.claim("inference-cost-1b-ende")
    } throws: { error in
      "\(error)".contains("'inference-cost-1b-end'")
    }
  }

  @Test func sentencesAreOurOwn() throws {
    // Digests of every six consecutive words of the five documents.
    let text = try String(contentsOf: Fixture.url("document-phrases.txt"), encoding: .utf8)
    let phrases = Set(text.split(separator: "\n").map(String.init))
    #expect(phrases.count > 3000)
    for claim in audit.claims {
      for sentence in [claim.paraphrase, claim.reason, claim.claim.rule.why]
        + claim.checks.flatMap({ [$0.check.what, $0.check.note ?? ""] })
      {
        let words = sentence.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        for start in words.indices.dropLast(5) {
          let phrase = words[start..<start + 6].joined(separator: " ")
          let digest = String(FNV1a.hash(phrase) & 0xffff_ffff, radix: 16)
          let padded = String(repeating: "0", count: 8 - digest.count) + digest
          #expect(!phrases.contains(padded), "\(claim.id): \(phrase)")
        }
      }
    }
  }

  /// A generation of machines is named where its figures are taken, and a price where there is one.
  @Test func checksOfBERTNameWhatTheyCompute() throws {
    for check in try audit.claim("bert-6912").checks.map(\.check) {
      let expression = check.expression ?? ""
      #expect(check.what.contains("v2") == expression.contains("TPU v2"), "\(check.id)")
      #expect(!check.what.contains("price") || expression.contains("usd"), "\(check.id)")
    }
  }

  /// What is known by a quotation alone says so in the line that most people read.
  @Test func aReasonNamesASourceAtSecondHand() throws {
    let facts = try Records.builtIn.table("facts")
    let row = try #require(
      facts.rows.indices.first { facts.text($0, "name") == "grover_cores" })
    #expect(facts.text(row, "source").contains("a public note that quotes"))
    #expect(try audit.claim("grover-25k").reason.contains("a public note that quotes the paper"))
  }

  @Test func linesFitTheTerminal() {
    for claim in audit.claims {
      #expect(claim.reason.count <= 92, "\(claim.id): \(claim.reason.count)")
      #expect(!claim.reason.contains("\n"))
    }
  }
}
