import Foundation

/// Reads the steal column of /proc/stat again and again without allocating.
///
/// The kernel writes that file anew for each reading, which takes longer than a short call; a tick is
/// 10 ms, so a reading serves for a millisecond.
package final class StealCounter {
  private let descriptor: Int32
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private var last: (ticks: UInt64, readAt: UInt64)?

  package init() {
    descriptor = open("/proc/stat", O_RDONLY | O_CLOEXEC)
    buffer = .allocate(capacity: 512)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  /// Ticks of 10 ms that the hypervisor gave to others, over all CPUs, since boot; 0 if unknown.
  package func ticks() -> UInt64 {
    let now = Clock.now()
    if let last, now &- last.readAt < 1_000_000 { return last.ticks }
    let ticks = column(7)
    last = (ticks, now)
    return ticks
  }

  /// One number of the first line: 0 user, 1 nice, 2 system, 3 idle, 4 iowait, 5 irq, 6 softirq,
  /// 7 steal.
  private func column(_ wanted: Int) -> UInt64 {
    guard descriptor >= 0 else { return 0 }
    let length = pread(descriptor, buffer.baseAddress, buffer.count, 0)
    guard length > 4 else { return 0 }
    var (column, value, inNumber) = (-1, UInt64(0), false)
    for index in 3..<length {
      let byte = buffer[index]
      if byte >= 48, byte <= 57 {
        if !inNumber { (column, value, inNumber) = (column + 1, 0, true) }
        value = value &* 10 &+ UInt64(byte - 48)
      } else {
        if inNumber, column == wanted { return value }
        if byte == 10 { return 0 }
        inNumber = false
      }
    }
    return 0
  }
}
