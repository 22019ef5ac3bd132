import Foundation
import Glibc
import Harness
import Synchronization
import Testing

/// Threads that compute are told from those that wait, and each gets a CPU of its own.
@Suite struct WorkingThreadsTests {
  private final class Team: Sendable {
    let ids = Mutex<[String: Int32]>([:])
    let isOver = Atomic(false)

    /// Starts a thread that computes or sleeps until the end.
    func start(_ name: String, computing: Bool) {
      let thread = Thread { [self] in
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        ids.withLock { $0[name] = own?.split(separator: "/").last.flatMap { Int32($0) } }
        while !isOver.load(ordering: .relaxed) { if !computing { usleep(1_000) } }
      }
      thread.start()
    }

    func id(_ name: String) -> Int32? { ids.withLock { $0[name] } }
  }

  private func allowed(_ thread: Int32) throws -> String {
    let status = try String(contentsOfFile: "/proc/self/task/\(thread)/status", encoding: .utf8)
    let line = try #require(
      status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    return line.dropFirst("Cpus_allowed_list:".count).trimmingCharacters(in: .whitespaces)
  }

  @Test func theBusyOneIsPinnedAndTheSleepingOneIsNot() throws {
    let team = Team()
    defer { team.isOver.store(true, ordering: .relaxed) }
    team.start("sleeping", computing: false)
    team.start("busy", computing: true)
    var found: WorkingThreads?
    for _ in 0..<500 {
      usleep(10_000)
      guard let busy = team.id("busy"), let sleeping = team.id("sleeping") else { continue }
      let threads = WorkingThreads(of: getpid())
      let places = [busy, sleeping].map { threads.busiest.firstIndex(of: $0) ?? .max }
      if places[0] < places[1], places[1] != .max {
        found = threads
        break
      }
    }
    let threads = try #require(found)
    let (busy, sleeping) = (try #require(team.id("busy")), try #require(team.id("sleeping")))
    let place = try #require(threads.busiest.firstIndex(of: busy))
    let cpu = try #require(SharedCPUs.forThreads(1, session: 0)?.first ?? 0)
    let before = try allowed(sleeping)
    // Other suites' threads of this process are among the busiest: they keep their CPUs.
    WorkingThreads(of: getpid(), busiest: [threads.busiest[place]]).pin(to: [cpu])
    #expect(try allowed(busy) == "\(cpu)")
    #expect(try allowed(sleeping) == before)
  }

  @Test func aProcessThatIsGoneHasNone() {
    let threads = WorkingThreads(of: Int32.max)
    #expect(threads.busiest.isEmpty)
    threads.pin(to: [0])
  }
}
