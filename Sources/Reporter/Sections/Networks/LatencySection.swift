import Harness

extension Report {
  /// How the times of single calls are spread, with the percentiles that the sample supports.
  var latencySection: Document.Section? {
    let cases = record.cases.filter { $0.kind.isInference && $0.isShown }
    let sparks = cases.compactMap { item -> Document.Spark? in
      guard let histogram = Histogram(item.processes.flatMap(\.samplesNs), bins: 32) else {
        return nil
      }
      let latency = item.derived.latencyMs
      let figures = [("p50", latency?.p50), ("p99", latency?.p99)].compactMap { name, value in
        value.map { "\(name) \(NumberFormat.significant($0)) ms" }
      }
      return .init(
        label: Wording.configuration(item, withWorth: false) + Wording.part(item),
        values: histogram.counts.map(Double.init),
        text: "from \(NumberFormat.significant(histogram.start / 1e6)) ms; "
          + figures.joined(separator: ", "))
    }
    let charts = cases.enumerated().compactMap { latencyChart($1, number: $0 + 1) }
    guard !charts.isEmpty else { return nil }
    return Document.Section(
      id: "latency", title: "Latency", short: "Latency",
      lead: "Calls by how long they took. A percentile is marked only where the sample is large "
        + "enough to bound it (MLPerf's rule).",
      blocks: [.sparks(sparks)] + charts.map { .chart($0) })
  }

  private func latencyChart(_ item: CaseRecord, number: Int) -> Chart? {
    let samples = item.processes.flatMap(\.samplesNs)
    guard let histogram = Histogram(samples, bins: 40) else { return nil }
    let latency = item.derived.latencyMs
    let marks = [
      ("p50", latency?.p50), ("p90", latency?.p90), ("p95", latency?.p95), ("p99", latency?.p99),
    ]
    let end = histogram.start + Double(histogram.counts.count) * histogram.width
    let margin = (end - histogram.start) * 0.03
    let domain = (histogram.start - margin) / 1e6...(end + margin) / 1e6
    let rules = marks.compactMap { name, value in
      value.map {
        Chart.Rule(.vertical, at: $0, label: "\(name) \(NumberFormat.significant($0)) ms")
      }
    }
    let beyond = rules.filter { $0.value > domain.upperBound }.map(\.label)
    let tail = beyond.isEmpty ? "" : ", and so does \(Wording.list(beyond))"
    let missing = marks.compactMap { name, value in
      value == nil ? latency?.needs[name].map { "\(name) needs \($0) samples" } : nil
    }
    let width = histogram.width / 1e6
    let tallest = histogram.counts.max() ?? 1
    let note = missing.isEmpty ? "" : " Not enough samples: \(Wording.list(missing))."
    return Chart(
      id: "latency-\(number)",
      title: "\(Wording.network(item.name.subject))\(Wording.part(item)), "
        + Wording.configuration(item, withWorth: false),
      summary: Units.count(samples.count, "call") + "."
        + (histogram.above > 0
          ? " \(histogram.above) slower ones lie beyond the right edge\(tail)." : "")
        + note,
      x: .init("Time of one call", unit: "ms", domain: domain),
      y: .init("Calls", domain: 0...Double(tallest) * 1.25),
      series: [
        .init(
          id: "calls", name: "calls", colour: .blue, form: .columns(width: width),
          points: histogram.counts.enumerated().filter { $0.element > 0 }.map { index, count in
            let middle = (histogram.start + (Double(index) + 0.5) * histogram.width) / 1e6
            return .init(
              x: middle, y: Double(count),
              detail: "\(Units.count(count, "call")) around \(NumberFormat.significant(middle)) ms")
          })
      ], rules: rules, height: 240, isSmall: true)
  }
}

/// Counts of samples in equal bins; the page shows these and never the samples.
package struct Histogram: Hashable, Sendable {
  /// Lower edge of the first bin.
  package let start: Double
  package let width: Double
  package let counts: [Int]
  /// Samples above the last bin: the slowest hundredth, which would squeeze the rest.
  package let above: Int

  /// Nil with fewer than eight samples.
  package init?(_ samples: [Double], bins: Int) {
    precondition((1...64).contains(bins), "\(bins) bins; a page takes 64 at most")
    let sorted = samples.filter(\.isFinite).sorted()
    guard sorted.count >= 8, let low = sorted.first else { return nil }
    let high = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    let count = min(bins, max(8, Int(Double(sorted.count).squareRoot() * 2)))
    let step = high > low ? (high - low) / Double(count) : max(low * 0.01, 1)
    var counts = Array(repeating: 0, count: count)
    var beyond = 0
    for sample in sorted {
      let place = (sample - low) / step
      if place < Double(count) {
        counts[Int(place)] += 1
      } else if sample <= high {
        counts[count - 1] += 1
      } else {
        beyond += 1
      }
    }
    (start, width, self.counts, above) = (low, step, counts, beyond)
  }
}
