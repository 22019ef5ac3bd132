/// A report as one self-contained page: no network, no dependence on scripts, light and dark.
package struct HTMLReport: Sendable {
  package init() {}

  /// The page of any document.
  package func text(_ document: Document) -> String {
    var out = Markup()
    out.raw("<!DOCTYPE html>\n")
    out.open("html", ["lang": "en"])
    writeHead(document, to: &out)
    out.raw("\n")
    out.element("body") { out in
      out.leaf("a", ["class": "skip", "href": "#main"], "Skip to the answer")
      writeTop(document, to: &out)
      out.element("main", ["id": "main", "class": "wrap"]) { out in
        if !document.sections.contains(where: { $0.id == "answer" }) {
          writeHeading(document, to: &out)
        }
        if let notice = document.notice { PageBlocks.write(notice, to: &out) }
        for section in document.sections {
          out.raw("\n")
          if section.id == "answer" {
            writeHero(section, document, to: &out)
          } else {
            write(section, to: &out)
          }
        }
      }
      if !document.footer.isEmpty {
        out.element("footer") { out in
          out.element("div", ["class": "wrap"]) { out in
            out.leaf("p", [:], document.footer)
          }
        }
      }
      out.raw("<script>\(PageText.script.text)</script>")
    }
    out.close("html")
    return out.text + "\n"
  }

  private func writeHead(_ document: Document, to out: inout Markup) {
    let policy =
      "default-src 'none'; style-src \(PageText.style.policySource); "
      + "script-src \(PageText.script.policySource); base-uri 'none'; form-action 'none'"
    out.element("head") { out in
      out.raw("<meta charset=\"utf-8\">")
      // The policy's quotes are wanted as they are; it is made of literals and base64 alone.
      out.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">")
      out.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
      out.raw("<meta name=\"color-scheme\" content=\"light dark\">")
      out.raw("<meta name=\"generator\" content=\"costcurve\">")
      let title = document.title.clipped(to: 160)
      out.leaf("title", [:], title)
      let description = description(of: document).clipped(to: 300)
      out.open("meta", ["name": "description", "content": description])
      out.open("meta", ["property": "og:type", "content": "article"])
      out.open("meta", ["property": "og:site_name", "content": "costcurve"])
      out.open("meta", ["property": "og:title", "content": title])
      out.open("meta", ["property": "og:description", "content": description])
      out.raw("<style>\(PageText.style.text)</style>")
    }
  }

  /// What the page says in a line, for whoever is sent its address: the answer, or the subject.
  private func description(of document: Document) -> String {
    let answer = document.sections.first { $0.id == "answer" }?.lead ?? ""
    return [document.notice?.headline ?? "", answer, line(over: document)]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func writeTop(_ document: Document, to out: inout Markup) {
    out.element("header", ["class": "top"]) { out in
      out.element("div", ["class": "wrap"]) { out in
        out.leaf("p", ["class": "brand"], "costcurve")
        out.element("nav", ["aria-label": "Sections"]) { out in
          out.element("ul") { out in
            for section in document.sections {
              out.element("li") { out in
                out.leaf("a", ["href": "#\(section.id)"], section.short)
              }
            }
          }
        }
      }
    }
  }

  private func writeHero(
    _ section: Document.Section, _ document: Document, to out: inout Markup
  ) {
    out.element("section", ["class": "hero", "id": section.id, "aria-labelledby": "headline"]) {
      out in
      out.leaf("p", ["class": "sub"], line(over: document))
      out.leaf("h1", ["id": "headline"], section.lead)
      for block in section.blocks {
        if case .paragraph(let text) = block {
          out.leaf("p", ["class": "limits"], text)
        } else {
          PageBlocks.write(block, to: &out)
        }
      }
    }
  }

  /// Heading and subtitle in one line.
  private func line(over document: Document) -> String {
    [document.heading, document.subtitle].filter { !$0.isEmpty }.joined(separator: ". ")
  }

  /// The heading of a page of which no section is the answer.
  private func writeHeading(_ document: Document, to out: inout Markup) {
    out.element("section", ["class": "hero", "aria-labelledby": "headline"]) { out in
      out.leaf("h1", ["id": "headline"], document.heading)
      if !document.subtitle.isEmpty { out.leaf("p", ["class": "sub"], document.subtitle) }
    }
  }

  private func write(_ section: Document.Section, to out: inout Markup) {
    let heading = "\(section.id)-h"
    let style = section.hasSmallCharts ? "multiples" : nil
    out.element("section", ["id": section.id, "class": style, "aria-labelledby": heading]) { out in
      out.leaf("h2", ["id": heading], section.title)
      out.leaf("p", ["class": "lead"], section.lead)
      for block in section.blocks {
        out.raw("\n")
        PageBlocks.write(block, to: &out)
      }
    }
  }
}
