import Reporter
import Testing

@Suite struct MarkupTests {
  @Test func everythingIsEscaped() {
    var markup = Markup()
    markup.leaf("a", ["title": "\"><script>alert('x')</script>"], "<b>&amp;</b>")
    #expect(
      markup.text
        == "<a title=\"&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\">"
        + "&lt;b&gt;&amp;amp;&lt;/b&gt;</a>")
    #expect(markup.elements == 1)
  }

  @Test func controlsAndOverridesOfDirectionAreShownAsUnknown() {
    #expect(
      Markup.escaped("a\u{202E}b\u{1B}[31m\u{2066}\u{0}")
        == "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}\u{FFFD}")
    #expect(Markup.escaped("שלום\nx") == "שלום x")
  }

  @Test func aPathIsNeverCut() {
    let path = String(repeating: "M1 2H3", count: 10_000)
    var markup = Markup()
    markup.leaf("path", ["class": String(repeating: "x", count: 5_000), "d": path + "\""])
    #expect(markup.text.contains(" d=\"\(path)&quot;\""))
    #expect(markup.text.utf8.count < path.utf8.count + 1_100)
  }

  @Test func longTextIsClipped() {
    #expect(String(repeating: "é", count: 10_000).clipped(to: 40).count == 40)
    #expect("short".clipped(to: 40) == "short")
  }
}
