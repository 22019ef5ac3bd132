import CShims

/// The monotonic clock that everything is timed with, and what reading it costs.
///
/// `CLOCK_MONOTONIC_RAW`, which no time daemon slews; `CLOCK_MONOTONIC` where that is missing.
package struct Clock: Hashable, Sendable {
  /// Nanoseconds between two adjacent readings: the median of many.
  package let costNs: Double
  /// The smallest step that the clock was seen to make, in nanoseconds.
  package let stepNs: Double
  /// The clock's name in the kernel's spelling.
  package let name: String

  /// This process's clock, measured once.
  package static let shared = Clock.measured()

  /// Nanoseconds since an arbitrary moment.
  @inline(__always) package static func now() -> UInt64 { costcurve_clock_ns() }

  /// Reads the clock some thousand times in a row and keeps the median distance and the least step.
  package static func measured(readings: Int = 4096) -> Clock {
    var stamps = [UInt64](repeating: 0, count: max(readings, 16))
    for index in stamps.indices { stamps[index] = now() }
    let gaps = zip(stamps.dropFirst(), stamps).map { Double($0 &- $1) }
    let cost = Quantile.median(of: gaps)
    let step = gaps.filter { $0 > 0 }.min() ?? 1
    return Clock(
      costNs: max(cost, 1), stepNs: step,
      name: costcurve_clock_is_raw() == 1 ? "CLOCK_MONOTONIC_RAW" : "CLOCK_MONOTONIC")
  }

  package var record: Context.ClockRecord {
    Context.ClockRecord(name: name, costNs: costNs, stepNs: stepNs)
  }
}
