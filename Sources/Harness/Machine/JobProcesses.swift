import Synchronization

/// Processes of this process's job on the same machine: their load is the measurement's own, not
/// another's.
package enum JobProcesses {
  private static let ids = Mutex<[Int]>([])

  /// Names them.
  ///
  /// - Parameter others: Process ids, as this process sees them; without its own.
  package static func are(_ others: [Int]) { ids.withLock { $0 = others } }

  /// How many there are beside this process.
  static var count: Int { ids.withLock { $0.count } }

  /// Seconds of CPU time that they and those of their children that have ended took so far.
  static func seconds() -> Double { ids.withLock { $0 }.reduce(0) { $0 + seconds(of: $1) } }

  /// Seconds of CPU time that a process and those of its children that have ended took so far.
  ///
  /// - Parameters:
  ///   - id: Of the process.
  ///   - proc: Where the kernel's files are.
  /// - Returns: 0 for one that is gone.
  package static func seconds(of id: Int, proc: String = "/proc") -> Double {
    // A name may have blanks and brackets of its own; what follows it are numbers.
    guard let text = KernelFile.text("\(proc)/\(id)/stat"), let end = text.lastIndex(of: ")") else {
      return 0
    }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 14 else { return 0 }
    // utime, stime, cutime and cstime: fields 14 to 17 of proc(5), of which this text lacks two.
    return fields[11...14].compactMap { Double($0) }.reduce(0, +) / CPUTimes.ticksPerSecond
  }
}
