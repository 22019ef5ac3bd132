import Economics
import Foundation

/// One mark on an axis.
package struct Tick: Hashable, Sendable {
  package var value: Double
  /// Nil for a mark that carries no text.
  package var label: String?

  package init(_ value: Double, _ label: String?) { (self.value, self.label) = (value, label) }
}

extension Scale {
  /// Round values inside the domain, at most about `count` of them labelled.
  package func ticks(count: Int, format: NumberFormat = .plain) -> [Tick] {
    switch kind {
    case .linear: linearTicks(max(count, 2), format)
    case .logarithmic: logarithmicTicks(max(count, 2), format)
    case .time: timeTicks(max(count, 2))
    }
  }

  /// Multiples of 1, 2 or 5 times a power of ten.
  private func linearTicks(_ count: Int, _ format: NumberFormat) -> [Tick] {
    let span = domain.upperBound - domain.lowerBound
    let rough = span / Double(count)
    let magnitude = pow(10, (log10(rough)).rounded(.down))
    let step = [1.0, 2, 5, 10].map { $0 * magnitude }.first { $0 >= rough * 0.999 } ?? rough
    let decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    let first = Int((domain.lowerBound / step - 1e-9).rounded(.up))
    let last = Int((domain.upperBound / step + 1e-9).rounded(.down))
    guard first <= last else { return [] }
    return (first...last).map { index in
      let value = Double(index) * step
      return Tick(value, format.tick(value, decimals: decimals))
    }
  }

  /// Powers of ten, every n-th where there are many, with 2 and 5 between where there are few.
  private func logarithmicTicks(_ count: Int, _ format: NumberFormat) -> [Tick] {
    let low = log10(domain.lowerBound)
    let high = log10(domain.upperBound)
    let first = Int((low - 1e-9).rounded(.down))
    let last = Int((high + 1e-9).rounded(.up))
    let decades = high - low
    let stride = max(1, Int((decades / Double(count)).rounded(.up)))
    let factors = labelledFactors(count)
    if decades < 1, labels(factors) < 3 { return linearTicks(count, format) }
    let asPower = first < -3 || last > 6
    var ticks: [Tick] = []
    for exponent in first...last {
      let decade = pow(10, Double(exponent))
      let isLabelled = exponent.isMultiple(of: stride)
      for factor in 1...9 {
        let value = Double(factor) * decade
        guard value >= domain.lowerBound * (1 - 1e-9), value <= domain.upperBound * (1 + 1e-9)
        else { continue }
        if isLabelled, factors.contains(Double(factor)) {
          let label = format.logarithmicTick(value, exponent: exponent, asPower: asPower)
          ticks.append(Tick(value, label))
        } else if factor == 1 || decades <= 4 {
          ticks.append(Tick(value, nil))
        }
      }
    }
    return ticks
  }

  /// Which multiples of a power of ten are labelled: the more, the fewer powers there are, so that
  /// an axis of less than a decade is no riddle.
  private func labelledFactors(_ count: Int) -> [Double] {
    let decades = log10(domain.upperBound / domain.lowerBound)
    let usual: [Double] =
      decades * 3 <= Double(count) ? [1, 2, 5] : decades * 2 <= Double(count) ? [1, 3] : [1]
    guard decades * 3 <= Double(count), labels(usual) < 4 else { return usual }
    return [[1, 2, 3, 5, 7], (1...9).map(Double.init)].first { (4...count).contains(labels($0)) }
      ?? usual
  }

  /// How many of these multiples of powers of ten lie in the domain.
  private func labels(_ factors: [Double]) -> Int {
    let low = Int((log10(domain.lowerBound) - 1e-9).rounded(.down))
    let high = Int((log10(domain.upperBound) + 1e-9).rounded(.up))
    return (low...high).reduce(0) { sum, exponent in
      sum + factors.count { domain.contains($0 * pow(10, Double(exponent))) }
    }
  }

  /// Whole years, months, days or hours, whichever is the finest that leaves room.
  private func timeTicks(_ count: Int) -> [Tick] {
    let span = domain.upperBound - domain.lowerBound
    for years in [100, 50, 20, 10, 5, 2, 1].reversed() where span / 365.25 / Double(years) >= 1 {
      guard span / 365.25 / Double(years) <= Double(count) else { continue }
      if span / 365.25 < 2 { break }
      return yearTicks(every: years)
    }
    for months in [1, 3, 6, 12] where span / 30.44 / Double(months) <= Double(count) {
      if span / 30.44 < 2 { break }
      return monthTicks(every: months)
    }
    for days in [1, 2, 7, 14] where span / Double(days) <= Double(count) {
      if span < 2 { break }
      return evenTicks(step: Double(days)) { day in
        String(Day(number: Int(day.rounded())).description.dropFirst(5))
      }
    }
    for hours in [1.0 / 12, 0.25, 0.5, 1, 3, 6, 12, 24] where span * 24 / hours <= Double(count) {
      return evenTicks(step: hours / 24) { day in
        let minutes = Int(((day - day.rounded(.down)) * 1_440).rounded())
        return "\(CalendarDay.padded(minutes / 60 % 24)):\(CalendarDay.padded(minutes % 60))"
      }
    }
    return evenTicks(step: span / Double(count)) { CalendarDay.text($0) }
  }

  /// The years that the domain touches.
  private var years: ClosedRange<Int> {
    let ends = [domain.lowerBound.rounded(.down), domain.upperBound.rounded(.up)]
      .map { Day(number: Int($0)).civil.year }
    return ends[0]...ends[1]
  }

  private func yearTicks(every step: Int) -> [Tick] {
    years.compactMap { year in
      guard year.isMultiple(of: step) else { return nil }
      let value = Double(Day.number(year: year, month: 1, day: 1))
      return domain.contains(value) ? Tick(value, "\(year)") : nil
    }
  }

  private func monthTicks(every step: Int) -> [Tick] {
    (years.lowerBound * 12...years.upperBound * 12 + 11).compactMap { index in
      guard index.isMultiple(of: step) else { return nil }
      let day = Day(number: Day.number(year: index / 12, month: index % 12 + 1, day: 1))
      let value = Double(day.number)
      return domain.contains(value) ? Tick(value, String(day.description.prefix(7))) : nil
    }
  }

  private func evenTicks(step: Double, label: (Double) -> String) -> [Tick] {
    let first = Int((domain.lowerBound / step - 1e-6).rounded(.up))
    let last = Int((domain.upperBound / step + 1e-6).rounded(.down))
    guard first <= last else { return [] }
    return (first...last).map { Tick(Double($0) * step, label(Double($0) * step)) }
  }
}
