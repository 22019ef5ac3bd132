import Economics

extension Report {
  /// A curve as a line over `span`, whole in its range and dashed beyond; a fit with its band.
  func line(_ curve: Curve, over span: ClosedRange<Double>, colour: Palette) -> Chart.Series {
    let valid = curve.validity
    let length = valid.upperBound.number - valid.lowerBound.number
    let inside = (0...24).map { Day(number: valid.lowerBound.number + length * $0 / 24) }
    let ends = [span.lowerBound, span.upperBound].map { Day(number: Int($0)) }
    let days = [ends[0]].filter { $0 < inside[0] } + inside + [ends[1]].filter { $0 > inside[24] }
    // Fits run among the records that they are fitted to; there is room where they end.
    let named = inside[curve.fit == nil ? 16 : 24]
    return .init(
      id: curve.id, name: legendName(curve), colour: colour, form: .line,
      points: days.map { day in
        .init(
          x: Double(day.number), y: curve.value(at: day).value,
          interval: valid.contains(day) ? curve.fit?.band(on: day) : nil,
          label: day == named ? lineLabel(curve) : nil, detail: curve.note, rank: 6)
      },
      solid: Double(valid.lowerBound.number)...Double(valid.upperBound.number))
  }

  /// The last part of the curve's title with the years for which it is drawn whole.
  private func legendName(_ curve: Curve) -> String {
    let parts = curve.title.split(separator: ", ").map(String.init)
    if let fit = curve.fit {
      let falls = fit.annualFactor < 1
      return "fitted to the best: \(pace(fit, isShort: true)) \(falls ? "cheaper" : "more") a year"
    }
    guard curve.unit != "x" else { return parts.first ?? curve.title }
    let short = parts.last ?? curve.title
    let years = [curve.validity.lowerBound, curve.validity.upperBound].map {
      String(describing: $0).prefix(4)
    }
    return Wording.powers("\(short), \(years[0])–\(years[1])")
  }

  /// The name beside a line, in a word or two.
  private func lineLabel(_ curve: Curve) -> String {
    if let fit = curve.fit { return "fitted \(pace(fit, isShort: true)) a year" }
    return switch curve.basis {
    case .claimed where curve.unit == "x":
      curve.title.split(separator: ",").first.map(String.init) ?? curve.title
    case .claimed: "our line"
    case .hypothesis: "if per 10⁵ images"
    case .measured: "measured"
    }
  }

  /// How many times in a year from the first record of a fit to its last: `5.4x`.
  func endToEnd(_ fit: LogLinearFit) -> String {
    let factor = fit.endToEndFactor
    return "\(NumberFormat.significant(factor < 1 ? 1 / factor : factor, digits: 2))x"
  }

  /// `4.4x a year [2.4, 8.3]`, the interval left out of the short form.
  func pace(_ fit: LogLinearFit, isShort: Bool = false) -> String {
    let falls = fit.annualFactor < 1
    let factor = falls ? 1 / fit.annualFactor : fit.annualFactor
    let text = "\(NumberFormat.significant(factor, digits: 2))x"
    guard !isShort else { return text }
    let ends = [fit.interval.lowerBound, fit.interval.upperBound].map { falls ? 1 / $0 : $0 }
    let bounds = ends.sorted().map { NumberFormat.significant($0, digits: 2) }
    return "\(text) a year, 95 % interval [\(bounds[0]), \(bounds[1])] over \(fit.count) records"
  }
}
