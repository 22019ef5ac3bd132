/// What the counters of energy said in one window or in several, before it is judged.
package struct EnergyTally: Hashable, Sendable {
  /// One counter's part.
  struct Domain: Hashable, Sendable {
    var counter: EnergyCounter
    /// Its count when the first window began.
    var first: UInt64
    /// Its count when the last one ended.
    var last: UInt64
    /// Counted within windows.
    var microjoules: UInt64
  }

  private(set) var source = EnergyMeter.source
  private(set) var domains: [Domain] = []
  private(set) var seconds = 0.0
  private(set) var windows = 0
  private(set) var fault: EnergyFault?

  /// Seconds by which the counters may be late at each end of a window.
  static let latestSeconds = 1e-3

  /// Of no window.
  package init() {}

  /// Of a window that could not be measured.
  init(fault: EnergyFault) { self.fault = fault }

  /// Of one window.
  init(source: String, seconds: Double, domains: [Domain]) {
    (self.source, self.seconds, self.domains, windows) = (source, seconds, domains, 1)
  }

  /// Adds later windows of the same counters.
  package mutating func add(_ more: EnergyTally) {
    fault = fault ?? more.fault
    guard more.windows > 0 else { return }
    guard windows > 0 else {
      let known = fault
      self = more
      fault = known
      return
    }
    seconds += more.seconds
    windows += more.windows
    for (index, later) in zip(domains.indices, more.domains) {
      domains[index].microjoules &+= later.microjoules
      domains[index].last = later.last
    }
  }

  /// What it comes to, however short the windows were; nil of no window.
  package var energy: Energy? {
    if let fault { return .unmeasurable(fault.reason) }
    guard windows > 0 else { return nil }
    let counted = distinct
    let still = counted.filter { $0.microjoules == 0 }
    guard still.isEmpty else {
      let names = still.map(\.counter.name).joined(separator: ", ")
      let late = seconds < Energy.shortestSeconds ? ", too short for a counter" : ""
      return .unmeasurable("\(names) stood still for \(Units.duration(seconds))\(late)")
    }
    // A counter that came late by a millisecond makes much of a short window.
    let most = EnergyMeter.mostWatts * (seconds + 10 * Self.latestSeconds * Double(windows))
    if let impossible = counted.first(where: { 1e-6 * Double($0.microjoules) > most }) {
      let watts = 1e-6 * Double(impossible.microjoules) / seconds
      return .unmeasurable(
        "\(impossible.counter.name) counted \(Units.number(watts)) W, which no CPU package draws")
    }
    let microjoules = counted.reduce(UInt64(0)) { $0 &+ $1.microjoules }
    let measured = Energy.Measured(
      joules: 1e-6 * Double(microjoules), seconds: seconds, windows: windows, source: source,
      domains: counted.map(\.counter.name))
    guard let measured else { return .unmeasurable("no time passed between two readings") }
    return .measured(measured)
  }

  /// The counters, of dies that show one and the same counter only the first.
  private var distinct: [Domain] {
    var kept: [Domain] = []
    for domain in domains where !kept.contains(where: { $0.isMirrored(by: domain) }) {
      kept.append(domain)
    }
    return kept
  }
}

extension EnergyTally.Domain {
  /// Whether another die of the same socket shows this very counter, as AMD's first dies did.
  ///
  /// Counters count since the machine was started, so two of them that agree at both ends are one.
  func isMirrored(by other: Self) -> Bool {
    guard let socket = counter.socket, socket == other.counter.socket,
      counter.range == other.counter.range
    else { return false }
    return isNear(first, other.first) && isNear(last, other.last)
  }

  /// Whether two counts are apart by no more than is counted between two readings in a row.
  private func isNear(_ a: UInt64, _ b: UInt64) -> Bool {
    let apart = a > b ? a - b : b - a
    return 1e-6 * Double(min(apart, counter.range - apart))
      <= 2 * EnergyTally.latestSeconds * EnergyMeter.mostWatts
  }
}
