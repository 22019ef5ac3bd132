import Harness

extension Report {
  /// Every case of a sweep at its latency and its cost; nil with fewer than two.
  func sweepChart(_ sweep: Sweep) -> Chart? {
    let cases = sweep.byLatency
    guard let first = cases.first, cases.count > 1 else { return nil }
    let counts = Set(cases.compactMap { $0.name.threads }).sorted()
    let shapes = Chart.Shape.allCases
    let series = counts.enumerated().map { index, count in
      Chart.Series(
        id: "threads-\(count)", name: Wording.threads(count),
        colour: index == 0 ? .accent : Palette.series(index - 1),
        form: .points(shapes[index % shapes.count]),
        points: cases.filter { $0.name.threads == count }.map { sweepPoint($0, sweep) })
    }
    return Chart(
      id: "cost-latency",
      title: "Cost against latency, \(Wording.network(first.name.subject))",
      summary: "\(Units.count(cases.count, "case")) of a session. Further to the left is quicker, "
        + "further down is cheaper; the number of a mark is its batch size, the line through it "
        + "its 95 % interval.",
      x: .init("Latency of a call, p50", unit: "ms", kind: .logarithmic),
      y: .init("Cost of \(sweep.costUnit)", unit: "USD", kind: .logarithmic, format: .usd),
      series: series)
  }

  private func sweepPoint(_ item: CaseRecord, _ sweep: Sweep) -> Chart.Point {
    let batch = item.name.batch ?? 1
    return Chart.Point(
      x: sweep.latency(of: item) ?? 1, y: sweep.usd(of: item) ?? 1,
      interval: Wording.range(sweep.interval(of: item)), label: "\(batch)",
      detail: sweepDetail(item, sweep), rank: 5)
  }

  /// One bar a case, as long as its cost, the fastest on top.
  ///
  /// - Parameters:
  ///   - sweep: Of which they are.
  ///   - cases: With cost and latency, in this order.
  ///   - isFront: Whether they are those that no other beats in both.
  /// - Returns: Nil without any.
  func sweepBars(_ sweep: Sweep, _ cases: [CaseRecord], isFront: Bool = false) -> RowChart? {
    guard !cases.isEmpty else { return nil }
    let (count, best) = (cases.count, sweep.front.count)
    let which = (count < best ? "\(count) of the " : "the ") + Units.count(best, "case")
    let order = isFront ? "\(which) that no other beats in both" : "the fastest first"
    return RowChart(
      id: "cost-by-latency", title: "Cost by latency, USD per \(sweep.costUnit), \(order)",
      summary: "Each bar is the cost of a case, with its 95 % interval. The latency beside its "
        + "name is the median of its calls.",
      axis: .init("Cost", unit: "USD per \(sweep.costUnit)", fromZero: true),
      series: [.init(id: "cost", name: "cost", colour: .accent, shape: nil)],
      rows: cases.map { item in
        let usd = sweep.usd(of: item) ?? 0
        let interval = sweep.interval(of: item)
        let text = [NumberFormat.significant(usd), Wording.interval(interval)]
          .filter { !$0.isEmpty }.joined(separator: " ")
        return RowChart.Row(
          sweepLabel(item, sweep),
          marks: [
            RowChart.Mark(
              series: "cost", value: usd, interval: Wording.range(interval), text: text,
              detail: sweepDetail(item, sweep))
          ])
      })
  }

  /// `32.3 ms, batch 1, 2 threads`.
  private func sweepLabel(_ item: CaseRecord, _ sweep: Sweep) -> String {
    let latency = sweep.latency(of: item).map { "\(NumberFormat.significant($0)) ms" }
    return [
      latency, item.name.batch.map { "batch \($0)" }, item.name.threads.map(Wording.threads),
    ].compactMap { $0 }.joined(separator: ", ")
  }

  /// All that is told of a case to who points at its mark.
  private func sweepDetail(_ item: CaseRecord, _ sweep: Sweep) -> String {
    let usd = sweep.usd(of: item).map { NumberFormat.usd.text($0) } ?? "no price"
    let interval = Wording.interval(sweep.interval(of: item), .usd)
    let latency = item.derived.latencyMs
    return "\(item.id): \(usd) \(interval) per \(sweep.costUnit), "
      + "p50 \(Wording.percentile(latency, "p50", latency?.p50)) ms, "
      + "p99 \(Wording.percentile(latency, "p99", latency?.p99)) ms"
  }
}
