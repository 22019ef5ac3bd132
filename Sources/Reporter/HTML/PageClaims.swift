import Economics
import Harness

/// The claims as foldable entries with the controls that filter them.
enum PageClaims {
  static func write(_ claims: [ClaimEntry], to out: inout Markup) {
    writeFilters(claims, to: &out)
    out.element("div", ["class": "claims"]) { out in
      for claim in claims {
        out.raw("\n")
        write(claim, to: &out)
      }
    }
  }

  /// Hidden until the script, which alone can serve them, shows them.
  private static func writeFilters(_ claims: [ClaimEntry], to out: inout Markup) {
    out.element("div", ["class": "filters", "hidden": ""]) { out in
      select("Verdict", name: "verdict", claims.map(\.verdict.text).unique, to: &out)
      select("Document", name: "document", claims.flatMap(\.documents).unique, to: &out)
      out.element("label") { out in
        out.write("Words")
        out.leaf("input", ["type": "search", "name": "words"])
      }
      out.leaf("output", ["aria-live": "polite"], Units.count(claims.count, "claim"))
    }
  }

  private static func select(
    _ label: String, name: String, _ options: [String], to out: inout Markup
  ) {
    out.element("label") { out in
      out.write(label)
      out.element("select", ["name": name]) { out in
        out.leaf("option", ["value": ""], "all")
        for option in options {
          out.leaf("option", ["value": option], option.clipped(to: 60))
        }
      }
    }
  }

  private static func write(_ claim: ClaimEntry, to out: inout Markup) {
    let sign =
      switch claim.verdict {
      case .consistent: ("good", "✓")
      case .inconsistent: ("bad", "✗")
      case .notCheckable, nil: ("quiet", "?")
      }
    let attributes: KeyValuePairs<String, String?> = [
      "class": "claim", "id": "claim-\(claim.id)", "data-verdict": claim.verdict.text,
      "data-documents": claim.documents.joined(separator: "; "),
    ]
    out.element("details", attributes) { out in
      out.element("summary") { out in
        out.leaf("span", ["class": "verdict \(sign.0)"], "\(sign.1) \(claim.verdict.text)")
        out.leaf("span", [:], claim.paraphrase.clipped(to: 600))
        out.leaf("code", [:], claim.id.clipped(to: 120))
      }
      out.element("div", ["class": "body"]) { out in
        out.leaf("p", [:], claim.reason)
        let stated = "Stated in \(Wording.list(claim.documents)). Rule: \(claim.rule)."
        out.leaf("p", ["class": "note"], stated)
        if !claim.checks.rows.isEmpty { PageBlocks.write(claim.checks, to: &out) }
        if !claim.steps.isEmpty {
          out.leaf("p", ["class": "note"], "The recomputation, step by step:")
          out.element(
            "div",
            [
              "class": "steps", "tabindex": "0", "role": "region",
              "aria-label": "Recomputation of \(claim.id)",
            ]
          ) { out in
            for line in claim.steps {
              out.write(line.clipped(to: 400))
              out.raw("\n")
            }
          }
        }
        if !claim.sources.isEmpty {
          out.leaf("p", ["class": "note"], "Sources of these figures:")
          out.element("ul") { out in
            for source in claim.sources { out.element("li") { PageBlocks.write(source, to: &$0) } }
          }
        }
        if !claim.local.isEmpty {
          out.leaf("p", ["class": "note"], "On this machine:")
          out.element("ul") { out in
            for line in claim.local { out.leaf("li", [:], line.clipped(to: 600)) }
          }
        }
        out.element("p", ["class": "note"]) { out in
          out.leaf("a", ["href": "#claim-\(claim.id)"], "Link to this claim")
        }
      }
    }
  }
}
