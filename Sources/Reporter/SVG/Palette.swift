/// The colours of series, and the shapes that tell them apart where colour does not.
///
/// Chosen by search so that any two stay apart under protanopia and deuteranopia and each stands
/// out from its background by at least 3:1, in light and in dark; `PaletteTests` holds them to it.
package enum Palette: Int, CaseIterable, Hashable, Sendable {
  /// This machine, and whatever else a chart is about.
  case accent
  case blue
  case green
  case purple
  case earth
  case grey

  /// The colour on a light background.
  package var light: String {
    switch self {
    case .accent: "#c8420c"
    case .blue: "#1382c8"
    case .green: "#0ca679"
    case .purple: "#881c81"
    case .earth: "#56401b"
    case .grey: "#41464a"
    }
  }

  /// The colour on a dark background.
  package var dark: String {
    switch self {
    case .accent: "#f0743a"
    case .blue: "#4fb7f4"
    case .green: "#ace9e4"
    case .purple: "#b44cf0"
    case .earth: "#fae9a8"
    case .grey: "#8b949f"
    }
  }

  /// Backgrounds that charts are drawn on.
  package static let lightBackground = "#ffffff"
  package static let darkBackground = "#15181d"

  /// The colour for the series at `index`, in turn and without the accent.
  package static func series(_ index: Int) -> Palette {
    let rest = Palette.allCases.dropFirst()
    return rest[rest.startIndex + index % rest.count]
  }

  /// Style of all charts: colours as custom properties, light, dark and for print.
  package static let stylesheet: String = {
    func properties(_ colour: (Palette) -> String) -> String {
      Palette.allCases.map { "--c\($0.rawValue):\(colour($0))" }.joined(separator: ";")
    }
    let classes = Palette.allCases.map { ".c\($0.rawValue){--c:var(--c\($0.rawValue))}" }
    return """
      :root{\(properties(\.light));--paper:\(lightBackground);--ink:#1b1f24;--quiet:#57606a;\
      --line:#d8dde3;--faint:#eef1f4}
      @media screen and (prefers-color-scheme:dark){:root{\(properties(\.dark));\
      --paper:\(darkBackground);--ink:#e8eaed;--quiet:#a3adb8;--line:#363c45;--faint:#1f242b}}
      \(classes.joined())
      svg.chart{display:block;width:100%;height:auto;overflow:visible;\
      font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
      .chart text{fill:var(--quiet);font-size:12px;font-variant-numeric:tabular-nums}
      .chart .ax{fill:var(--quiet);font-size:12px}
      .chart .head{fill:var(--ink);font-size:12px;font-weight:600}
      .chart .tag{fill:var(--ink);font-size:12px;paint-order:stroke;stroke:var(--paper);\
      stroke-width:3px;stroke-linejoin:round}
      .chart .tag.own{font-weight:650;fill:var(--c0)}
      .chart .row{fill:var(--ink)}
      .chart .grid{stroke:var(--faint);stroke-width:1}
      .chart .edge{stroke:var(--line);stroke-width:1;fill:none}
      .chart .rule{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:2 3}
      .chart .band{fill:var(--faint);opacity:.8}
      .chart .mark{fill:var(--c);stroke:var(--paper);stroke-width:1}
      .chart .mark.open{fill:var(--paper);stroke:var(--c);stroke-width:1.8}
      .chart .curve{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;\
      stroke-linecap:round}
      .chart .curve.out{stroke-dasharray:5 5;stroke-width:1.5}
      .chart .ribbon{fill:var(--c);opacity:.16}
      .chart .span{stroke:var(--c);stroke-width:1.6;fill:none}
      .chart .whisker{fill:none;stroke:var(--ink);stroke-width:1.2;opacity:.75}
      .chart .pt:hover,.chart .pt.on{stroke:var(--ink);stroke-width:2}
      """
  }()
}
