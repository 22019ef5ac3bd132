/// The CPUs that all arms of one session have to run on, the caller's first.
///
/// A thread stays on the CPU where it first ran, and another arm's on another; CPUs of a virtual
/// machine differ by what the host does beside them, and then processes of one binary differ by
/// percents. Arms whose threads have the same CPUs share that too. Sessions move on from CPU to CPU,
/// so that none of them decides alone, nor any CPU for the caller.
package enum SharedCPUs {
  /// The CPUs of a session.
  ///
  /// - Parameters:
  ///   - threads: Of the case; nil where its id names none.
  ///   - session: Number of the session, from 0.
  ///   - allowed: CPUs that this process may use; nil where the kernel does not tell.
  /// - Returns: As many CPUs as threads; nil where there are fewer, only one, or nothing is known.
  package static func forThreads(
    _ threads: Int?, session: Int, allowed: Set<Int>?
  ) -> [Int]? {
    guard let threads, threads >= 1 else { return nil }
    let usable = (allowed ?? []).filter { (0..<most).contains($0) }.sorted()
    guard threads <= usable.count, usable.count > 1 else { return nil }
    let first = session * (threads < usable.count ? threads : 1)
    return (0..<threads).map { usable[(first + $0) % usable.count] }
  }

  /// The same with the CPUs that this process may use.
  package static func forThreads(_ threads: Int?, session: Int) -> [Int]? {
    forThreads(threads, session: session, allowed: CPUTimes.allowedCPUs())
  }

  /// CPUs that a mask of the C library has room for.
  private static let most = 1024
}
