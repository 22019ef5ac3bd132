import CPage

/// A text that stands in the page itself, with the hash by which the page allows it.
struct PageText {
  var text: String
  /// A source of a content-security policy; a test holds it to the text.
  var policySource: String

  /// The style sheet: light, dark, narrow and print in one.
  static let style = PageText(
    text: Palette.stylesheet + "\n" + String(cString: page_style()),
    policySource: "'sha256-n0e+h67vrQXSHHtoZl4yZsVTEzfAMhsZp9RvAckTbpE='")

  /// The script: everything can be read without it; with it, tables sort and filter, series switch
  /// on and off, and marks tell what they are.
  static let script = PageText(
    text: String(String(cString: page_script()).dropLast()),
    policySource: "'sha256-lMx+coiUfB390jAVsfGTarwuUWmpBySoL25CqX3OF14='")
}
