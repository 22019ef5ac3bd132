import Foundation

/// What the claims show when they are compared with one another.
extension Findings {
  /// Two yearly rates of parts against the rate stated for the whole.
  func ratesOfTheParts() -> Finding? {
    guard let hardware = stated("rcu-57-per-year", "annual_decline", "hardware, per year"),
      let software = stated("software-47-per-year", "annual_decline", "software, per year"),
      let total = stated("gpt3-cost-30-2030", "annual_decline", "the whole, per year")
    else { return nil }
    let both = 1 - (1 - hardware.value) * (1 - software.value)
    guard abs(both / total.value - 1) > 0.05 else { return nil }
    let left = 1 - (1 - total.value) / (1 - hardware.value)
    return Finding(
      id: "parts-exceed-whole",
      title:
        "\(percent(hardware.value)) with \(percent(software.value)) make \(percent(both)), "
        + "not \(percent(total.value))",
      statement: """
        (1 − \(Figure.text(hardware.value))) × (1 − \(Figure.text(software.value))) = \
        \(Figure.text(1 - both)), a fall of \(percent(both)) a year. With \
        \(percent(total.value)) in all and \(percent(hardware.value)) by hardware, software has \
        \(percent(left)).
        """,
      inputs: [hardware, software, total], claims: ["rcu-57-per-year", "software-47-per-year"])
  }

  /// A yearly rate that a document words as the sum of all years.
  func rateToldAsTotal() -> Finding? {
    guard let told = stated("train-70-by-2030", "decline", "told as the total by 2030"),
      let start = stated("gpt3-cost-450k-2022", "usd", "cost in 2022"),
      let end = stated("gpt3-cost-30-2030", "usd", "forecast for 2030"),
      let years = stated("gpt3-cost-30-2030", "years", "years between")
    else { return nil }
    let once = start.value * (1 - told.value)
    let yearly = start.value * pow(1 - told.value, years.value)
    guard abs(yearly / end.value - 1) < 0.1, abs(once / end.value - 1) > 0.5 else { return nil }
    return Finding(
      id: "rate-told-as-total", title: "\(percent(told.value)) a year, told as a total",
      statement: """
        \(percent(told.value)) once leaves \(Figure.text(once)) USD of \
        \(Figure.text(start.value)); \(percent(told.value)) in each of \
        \(Figure.text(years.value)) years leaves \(Figure.text(yearly)) USD, the \
        \(Figure.text(end.value)) USD that is forecast.
        """,
      inputs: [told, start, end, years],
      inference: "The document turned a yearly rate of its source into one cut.",
      claims: ["train-70-by-2030", "gpt3-cost-30-2030"])
  }

  /// The gains offered as explanation against the pace that they are to explain.
  func gainsAgainstPace() -> Finding? {
    guard let hardware = stated("hardware-16x-three-years", "ratio", "hardware"),
      let years = stated("hardware-16x-three-years", "years", "years of it"),
      let software = stated("software-8x", "ratio", "software"),
      let pace = stated("train-cost-decline-10x-per-year", "ratio", "cost, per year")
    else { return nil }
    let product = hardware.value * software.value
    let yearly = pow(product, 1 / years.value)
    let needed = log(product) / log(pace.value)
    guard yearly < pace.value / 1.25 else { return nil }
    return Finding(
      id: "gains-against-pace",
      title: """
        \(Figure.text(hardware.value)) × \(Figure.text(software.value)) is \
        \(Figure.text(yearly))x a year, not \(Figure.text(pace.value))x
        """,
      statement: """
        The two gains make \(Figure.text(product))x; over \(Figure.text(years.value)) years that \
        is \(Figure.text(yearly))x a year. At \(Figure.text(pace.value))x a year they last \
        \(Figure.text(needed)) years.
        """,
      inputs: [hardware, years, software, pace],
      claims: ["hardware-times-software", "decomposition-cross-check"])
  }

  /// Ratios quoted in support of a halving time that they do not have.
  func quotedInSupport() -> Finding? {
    guard let rule = stated("efficiency-halving-16-months", "halving_months", "the rule") else {
      return nil
    }
    var inputs = [rule]
    var texts: [String] = []
    for claim in ["transformer-61x", "alphazero-8x"] {
      guard let ratio = stated(claim, "ratio", "\(claim): ratio"),
        let years = stated(claim, "years", "\(claim): years")
      else { return nil }
      let months = 12 * years.value / log2(ratio.value)
      guard rule.value / months > 1.25 else { return nil }
      inputs += [ratio, years]
      texts.append(
        "\(Figure.text(ratio.value))x in \(Figure.text(years.value)) years halves every "
          + "\(Figure.text((months * 10).rounded() / 10)) months")
    }
    return Finding(
      id: "quoted-in-support",
      title: "The 61x and 8x are quoted beside a 16-month rule that they outrun",
      statement: texts.joined(separator: "; ") + "; the rule is \(Figure.text(rule.value)) months.",
      inputs: inputs, claims: ["transformer-61x", "alphazero-8x", "efficiency-halving-16-months"])
  }

  /// `77.2 %`.
  private func percent(_ fraction: Double) -> String {
    "\(Figure.text((fraction * 1000).rounded() / 10)) %"
  }
}
