/// Reads the energy counters of the CPU packages before and after pieces of work.
///
/// Linux's powercap (`/sys/class/powercap`), of Intel and AMD. Counters of 32 bits begin anew after
/// minutes, so whoever waits for the work calls `look` meanwhile. Used on one thread.
package final class EnergyMeter {
  /// What is read, and what it covers: no memory, board, cooling or power supply.
  static let source = "powercap intel-rapl, CPU package only"
  /// Watts that no package draws.
  static let mostWatts = 1000.0
  /// Seconds between looks, or fewer where a counter could begin anew sooner.
  private static let lookSeconds = 30.0

  private let counters: [EnergyCounter]
  private let source: String
  /// Why nothing can be read; nil where it can.
  private let refusal: String?
  private let now: () -> UInt64
  /// Seconds in which the smallest counter cannot begin anew twice.
  private let longestGap: Double
  private var window: Window?

  /// What happened since `begin`.
  private struct Window {
    var began: UInt64
    var looked: UInt64
    var first: [UInt64]
    var last: [UInt64]
    /// Microjoules of each counter.
    var moved: [UInt64]
    var fault: EnergyFault?
  }

  /// Looks for the counters.
  ///
  /// - Parameters:
  ///   - sys: `/sys`, or a folder made to look like it.
  ///   - hypervisor: Under which this is a guest; nil where there is none.
  ///   - now: Nanoseconds since an arbitrary moment.
  package init(
    sys: String = "/sys", hypervisor: String? = MachineReader.machine().hypervisor,
    now: @escaping () -> UInt64 = { Clock.now() }
  ) {
    self.now = now
    source = Self.source + (hypervisor == nil ? "" : ", as the hypervisor shows it")
    switch EnergyCounter.packages(sys: sys, hypervisor: hypervisor) {
    case .success(let found): (counters, refusal) = (found, nil)
    case .failure(let fault): (counters, refusal) = ([], fault.reason)
    }
    longestGap = Double(counters.map(\.range).min() ?? 0) * 1e-6 / Self.mostWatts
  }

  /// A meter that reads nothing.
  ///
  /// - Parameter reason: Why, a clause.
  package init(unmeasurable reason: String) {
    (counters, source, refusal, longestGap) = ([], Self.source, reason, 0)
    now = { Clock.now() }
  }

  /// Begins a window, in place of one that was not ended.
  package func begin() {
    guard refusal == nil else { return }
    switch values() {
    case .success(let values):
      let time = now()
      window = Window(
        began: time, looked: time, first: values, last: values, moved: values.map { _ in 0 })
    case .failure(let fault):
      let time = now()
      window = Window(began: time, looked: time, first: [], last: [], moved: [], fault: fault)
    }
  }

  /// Reads the counters where that is due, within a window; costs a reading of the clock else.
  package func look() {
    guard var current = window else { return }
    let time = now()
    guard seconds(from: current.looked, to: time) >= min(Self.lookSeconds, longestGap / 2) else {
      return
    }
    advance(&current, to: time)
    window = current
  }

  /// Ends the window: what the counters said in it.
  package func end() -> EnergyTally {
    if let refusal { return EnergyTally(fault: EnergyFault(refusal)) }
    guard var ended = window else { return EnergyTally() }
    window = nil
    let time = now()
    advance(&ended, to: time)
    if let fault = ended.fault { return EnergyTally(fault: fault) }
    return EnergyTally(
      source: source, seconds: seconds(from: ended.began, to: time),
      domains: counters.enumerated().map { index, counter in
        EnergyTally.Domain(
          counter: counter, first: ended.first[index], last: ended.last[index],
          microjoules: ended.moved[index])
      })
  }

  private func advance(_ open: inout Window, to time: UInt64) {
    guard open.fault == nil else { return }
    let gap = seconds(from: open.looked, to: time)
    guard gap <= longestGap else {
      open.fault = EnergyFault(
        "the counters were not read for \(Units.duration(gap)), in which they can begin anew twice")
      return
    }
    switch values() {
    case .failure(let fault): open.fault = fault
    case .success(let values):
      for (index, counter) in counters.enumerated() {
        open.moved[index] &+= counter.distance(from: open.last[index], to: values[index])
      }
      (open.last, open.looked) = (values, time)
    }
  }

  private func values() -> Result<[UInt64], EnergyFault> {
    var values: [UInt64] = []
    for counter in counters {
      switch counter.reading() {
      case .success(let value): values.append(value)
      case .failure(let fault): return .failure(fault)
      }
    }
    return .success(values)
  }

  private func seconds(from earlier: UInt64, to later: UInt64) -> Double {
    Double(later &- earlier) * 1e-9
  }
}
