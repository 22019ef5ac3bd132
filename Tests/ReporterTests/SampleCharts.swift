import Foundation

import Reporter

/// Charts of made-up numbers that use everything the drawing layer has.
enum SampleCharts {
  /// A claimed cost line, records around it and one machine, on time and logarithmic axes.
  static var cost: Chart {
    let line = [("2012-06-01", 120_629_000.0), ("2017-07-01", 1_000), ("2026-11-21", 4.06604e-07)]
    let records: [(String, Double, String)] = [
      ("2017-10-27", 2_323, "ResNet-152, 4 × M60"), ("2017-10-27", 1_113, "ResNet-152, 8 × K80"),
      ("2018-01-31", 358, "ResNet-50, 8 × V100"), ("2018-04-20", 82, "ResNet-50, TPU v2"),
      ("2018-04-21", 59, "ResNet-50, TPU v2"), ("2018-04-28", 72, "ResNet-50, fast.ai"),
      ("2018-09-29", 12.6, "ResNet-50, TPU v2"), ("2019-02-10", 43, "ResNet-50, p3"),
      ("2019-04-16", 20.9, "ResNet-50, NDv2"), ("2019-08-01", 19, "ResNet-50, Lambda"),
      ("2020-03-10", 7.43, "ResNet-50, gn6e"),
    ]
    return Chart(
      id: "sample-cost", title: "Cost to train ResNet-50",
      summary: "The claimed line falls tenfold a year; records stop following it in 2018.",
      x: .init("Date", kind: .time, domain: day("2012-01-01")...day("2027-06-01")),
      y: .init("Cost to train", unit: "USD", kind: .logarithmic, format: .usd),
      series: [
        .init(
          id: "claimed", name: "Claimed: 10× a year", colour: .blue, form: .line,
          points: line.map { .init(x: day($0.0), y: $0.1) },
          solid: day("2017-01-01")...day("2020-12-31")),
        .init(
          id: "records", name: "DAWNBench", colour: .grey, form: .points(.circle),
          points: records.map {
            .init(x: day($0.0), y: $0.1, label: $0.2, detail: "\($0.2): \($0.1) USD, \($0.0)")
          }),
        .init(
          id: "machine", name: "This machine", colour: .accent, form: .points(.star),
          points: [
            .init(
              x: day("2026-11-21"), y: 1_630, interval: 1_500...1_800, label: "this machine",
              detail: "this machine: 1,630 USD [1,500, 1,800], extrapolated", rank: 9)
          ]),
      ],
      bands: [.init(day("2012-01-01")...day("2016-01-01"), label: "before the claim")])
  }

  /// Roofs and layers on two logarithmic axes.
  static var roofline: Chart {
    let layers = (0..<24).map { index -> Chart.Point in
      let intensity = pow(1.32, Double(index)) * 0.7
      return .init(
        x: intensity, y: min(18 * intensity, 180) * (0.62 + 0.3 * abs(sin(Double(index)))),
        label: "layer\(index % 4 + 1).\(index % 6).conv\(index % 3 + 1)",
        detail: "layer \(index)", rank: index % 5)
    }
    return Chart(
      id: "sample-roof", title: "Roofline", summary: "Layers under the measured roofs.",
      x: .init("Arithmetic intensity", unit: "FLOP per byte", kind: .logarithmic),
      y: .init("Rate", unit: "GFLOP/s", kind: .logarithmic),
      series: [
        .init(
          id: "roof", name: "DRAM 18 GB/s, FMA 180 GFLOP/s", colour: .grey, form: .line,
          points: [.init(x: 0.5, y: 9), .init(x: 10, y: 180), .init(x: 1_000, y: 180)]),
        .init(
          id: "compute", name: "compute-bound", colour: .blue, form: .points(.circle),
          points: Array(layers.suffix(12))),
        .init(
          id: "memory", name: "DRAM-bound", colour: .purple, form: .points(.triangle),
          points: Array(layers.prefix(12))),
      ],
      rules: [.init(.horizontal, at: 180, label: "measured FMA peak, 180 GFLOP/s")])
  }

  /// Upright bars with reference lines.
  static var histogram: Chart {
    let bins = (0..<40).map { index -> Chart.Point in
      let z = (Double(index) - 12) / 6
      let height: Double = (exp(-z * z / 2) * 90).rounded()
      return Chart.Point(x: 30.25 + Double(index) * 0.5, y: height, detail: "bin \(index)")
    }
    let calls = Chart.Series(
      id: "bins", name: "calls", colour: .blue, form: .columns(width: 0.5), points: bins)
    let percentiles: [Chart.Rule] = [
      .init(.vertical, at: 36.1, label: "p50 36.1 ms"),
      .init(.vertical, at: 41, label: "p90 41 ms"), .init(.vertical, at: 42, label: "p95 42 ms"),
    ]
    return Chart(
      id: "sample-histogram", title: "Latency", summary: "Most calls take about 36 ms.",
      x: .init("Latency", unit: "ms"), y: .init("Calls", fromZero: true), series: [calls],
      rules: percentiles, height: 300)
  }

  /// Values that hold until the next, over days.
  static var steps: Chart {
    let start = day("2026-09-01")
    let runs = (0..<12).map { week -> Chart.Point in
      let isBefore = week < 6
      let value: Double = isBefore ? 17 + Double(week % 3) / 10 : 24.1
      return Chart.Point(
        x: start + Double(week) * 7, y: value, interval: isBefore ? 16.5...18 : 23...25,
        detail: "run \(week)")
    }
    let level: [Chart.Point] = [
      .init(x: start, y: 17.1), .init(x: day("2026-10-10"), y: 24.1),
      .init(x: day("2026-11-20"), y: 24.1),
    ]
    return Chart(
      id: "sample-steps", title: "History", summary: "One step upwards in October.",
      x: .init("Date", kind: .time), y: .init("Throughput", unit: "images/s"),
      series: [
        .init(
          id: "runs", name: "runs", colour: .blue, form: .lineAndPoints(.circle), points: runs),
        .init(id: "level", name: "level", colour: .accent, form: .steps, points: level),
      ], height: 300)
  }

  /// Dots with intervals under a measured peak.
  static var rates: RowChart {
    let rows = (0..<9).map { row -> RowChart.Row in
      let base = Double(row * 5)
      let marks: [RowChart.Mark] = [
        .init(
          series: "openblas", value: 92 + base, interval: 85 + base...140, detail: "openblas"),
        .init(series: "native", value: 150 + base * 0.6, detail: "native"),
      ]
      return .init("resnet50.layer\(row % 4 + 1).\(row % 3).conv\(row % 3 + 1)", marks: marks)
    }
    return RowChart(
      id: "sample-rates", title: "Kernel rates", summary: "Most layers run at 60 to 90 % of peak.",
      axis: .init("Executed rate", unit: "GFLOP/s", fromZero: true),
      series: [
        .init(id: "openblas", name: "OpenBLAS im2col", colour: .grey, shape: .ring),
        .init(id: "native", name: "native", colour: .accent, shape: .circle),
      ], rows: rows,
      rules: [.init(.vertical, at: 183.4, label: "measured FMA peak at 2 threads: 183.4 GFLOP/s")])
  }

  /// Bars with intervals and values.
  static var generations: RowChart {
    RowChart(
      id: "sample-generations", title: "Software generations",
      summary: "The same hardware is three times as fast with newer software.",
      axis: .init("ResNet-50 inference", unit: "images/s", fromZero: true),
      series: [.init(id: "rate", name: "images/s", colour: .blue, shape: nil)],
      rows: [
        ("OpenBLAS im2col", 8.1), ("native direct", 16.9), ("native Winograd", 24.4),
        ("ONNX Runtime 1.31 (2026)", 18.6),
      ].map { name, rate in
        .init(
          name,
          marks: [
            .init(
              series: "rate", value: rate, interval: rate * 0.95...rate * 1.06,
              text: "\(rate) images/s", detail: "\(name): \(rate) images/s")
          ])
      })
  }

  static var all: [Chart] { [cost, roofline, histogram, steps] }
  static var allRows: [RowChart] { [rates, generations] }

  private static func day(_ text: String) -> Double { CalendarDay.parse(text) ?? .nan }
}
