import CShims
import Glibc
import Synchronization

/// A fixed team of threads that runs one region at a time: fork, work, join.
///
/// A helper that waits spins for a few tens of microseconds and then sleeps, so regions that
/// follow each other closely start within about a microsecond and an idle pool costs nothing.
/// A region allocates nothing.
public final class ThreadPool: @unchecked Sendable {
  /// Does everything in the calling thread, so that any number of threads may share it.
  package static let alone = ThreadPool(threads: 1)

  /// Threads that take part in a region, the caller included.
  public let threads: Int

  private let team: Team
  private var handles: [pthread_t] = []

  /// Starts `threads - 1` helper threads.
  ///
  /// - Parameters:
  ///   - threads: At least 1.
  ///   - spins: Looks at memory before a waiting thread goes to sleep. One look takes 15 to 45 ns,
  ///     so the default is 20 to 60 µs; 0 sleeps at once.
  public init(threads: Int, spins: Int = 1_400) {
    precondition(threads >= 1, "a pool needs at least one thread, not \(threads)")
    precondition(spins >= 0, "negative spin count \(spins)")
    self.threads = threads
    self.team = Team(helpers: threads - 1, spins: spins)
    for worker in 1..<max(threads, 1) {
      handles.append(Self.startHelper(team, worker: worker))
    }
  }

  deinit {
    team.dismiss()
    for handle in handles { pthread_join(handle, nil) }
    team.deallocate()
  }

  /// Runs `body(worker)` once for each worker in `0 ..< threads` and returns when all have ended.
  ///
  /// Worker 0 is the caller. What the caller wrote before is visible to all workers, and what they
  /// wrote is visible to the caller afterwards. Regions do not nest, and one thread at a time may
  /// call: both are checked.
  public func run(_ body: (_ worker: Int) -> Void) {
    guard threads > 1 else { return body(0) }
    team.open(body)
    body(0)
    team.close()
  }

  /// The contiguous share of `count` items that falls to one worker, in whole `grain`s.
  ///
  /// - Parameters:
  ///   - count: Number of items.
  ///   - worker: Which worker, from 0.
  ///   - workers: How many workers there are.
  ///   - grain: Items that stay together; only the last share may end off a multiple.
  /// - Returns: A range inside `0 ..< count`; empty when there is nothing left for this worker.
  @inlinable
  public static func share(of count: Int, worker: Int, workers: Int, grain: Int = 1) -> Range<Int> {
    let grains = (count + grain - 1) / grain
    let low = min(count, grains * worker / workers * grain)
    let high = min(count, grains * (worker + 1) / workers * grain)
    return low..<high
  }

  /// Runs `body` over the shares of `count` items, one share a worker; empty shares are left out.
  ///
  /// - Parameters:
  ///   - count: Number of items; 0 runs nothing.
  ///   - grain: Items that stay together. With no more than one grain the caller does the work
  ///     alone and no helper is woken.
  ///   - body: Called with a range of items.
  public func forEachShare(
    of count: Int, grain: Int = 1, _ body: (_ items: Range<Int>) -> Void
  ) {
    guard count > grain, threads > 1 else {
      if count > 0 { body(0..<count) }
      return
    }
    run { worker in
      let items = Self.share(of: count, worker: worker, workers: threads, grain: grain)
      if !items.isEmpty { body(items) }
    }
  }

  private static func startHelper(_ team: Team, worker: Int) -> pthread_t {
    let start = UnsafeMutablePointer<HelperStart>.allocate(capacity: 1)
    start.initialize(to: HelperStart(team: team, worker: worker))
    var handle = pthread_t()
    let status = pthread_create(
      &handle, nil,
      { raw in
        guard let start = raw?.assumingMemoryBound(to: HelperStart.self) else { return nil }
        let (team, worker) = (start.pointee.team, start.pointee.worker)
        start.deinitialize(count: 1)
        start.deallocate()
        team.work(as: worker)
        return nil
      }, start)
    precondition(status == 0, "cannot start thread \(worker) of the pool: error \(status)")
    return handle
  }
}

/// What a helper thread is born with.
private struct HelperStart {
  let team: Team
  let worker: Int
}

/// The memory that caller and helpers meet in; each word on a cache line of its own.
///
/// A value of pointers, so that a helper holds no reference to the pool and the pool's `deinit`
/// can run while helpers wait.
private struct Team: @unchecked Sendable {
  /// Rises by one with each region and with the dismissal; what helpers wait on.
  private let generation: UnsafeMutablePointer<Atomic<UInt32>>
  /// Helpers that have not ended the region yet; what the caller waits on.
  private let pending: UnsafeMutablePointer<Atomic<UInt32>>
  /// Helpers that sleep or are about to.
  private let sleepers: UnsafeMutablePointer<Atomic<UInt32>>
  /// 1 while the caller sleeps or is about to.
  private let callerSleeps: UnsafeMutablePointer<Atomic<UInt32>>
  /// 1 while a region is open.
  private let isOpen: UnsafeMutablePointer<Atomic<UInt32>>
  /// 1 from the dismissal on.
  private let isDismissed: UnsafeMutablePointer<Atomic<UInt32>>
  /// The region's closure; written before `generation` rises, read after.
  private let body: UnsafeMutablePointer<costcurve_borrowed_body>

  private let memory: UnsafeMutableRawPointer
  private let helpers: UInt32
  private let spins: Int

  private static let line = 128

  init(helpers: Int, spins: Int) {
    self.helpers = UInt32(helpers)
    self.spins = spins
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 7 * Self.line, alignment: Self.line)
    self.memory = memory
    func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
      let place = (memory + index * Self.line).bindMemory(to: Atomic<UInt32>.self, capacity: 1)
      place.initialize(to: Atomic(0))
      return place
    }
    (generation, pending, sleepers) = (word(0), word(1), word(2))
    (callerSleeps, isOpen, isDismissed) = (word(3), word(4), word(5))
    body = (memory + 6 * Self.line).bindMemory(to: costcurve_borrowed_body.self, capacity: 1)
    body.initialize(to: costcurve_borrowed_body(function: nil, context: nil))
  }

  func deallocate() { memory.deallocate() }

  /// Hands the region to the helpers.
  func open(_ region: (Int) -> Void) {
    let wasOpen = isOpen.pointee.exchange(1, ordering: .acquiring)
    precondition(wasOpen == 0, "a region of this pool is already running; regions do not nest")
    borrowBody(region, body)
    pending.pointee.store(helpers, ordering: .relaxed)
    announce()
  }

  /// Returns when all helpers have ended the region.
  func close() {
    if !spin(until: { pending.pointee.load(ordering: .acquiring) == 0 }) {
      callerSleeps.pointee.store(1, ordering: .sequentiallyConsistent)
      while true {
        let left = pending.pointee.load(ordering: .sequentiallyConsistent)
        if left == 0 { break }
        costcurve_futex_wait(pending, left)
      }
      callerSleeps.pointee.store(0, ordering: .relaxed)
    }
    isOpen.pointee.store(0, ordering: .releasing)
  }

  /// Ends the helpers; they are to be joined afterwards.
  func dismiss() {
    isDismissed.pointee.store(1, ordering: .relaxed)
    announce()
  }

  /// A helper's life: wait for a region, run it, report, until dismissed.
  func work(as worker: Int) {
    var seen: UInt32 = 0
    while true {
      waitForRegion(after: seen)
      seen &+= 1
      if isDismissed.pointee.load(ordering: .relaxed) == 1 { return }
      costcurve_call_body(body, worker)
      let left = pending.pointee.subtract(1, ordering: .sequentiallyConsistent).newValue
      if left == 0, callerSleeps.pointee.load(ordering: .sequentiallyConsistent) == 1 {
        costcurve_futex_wake_all(pending)
      }
    }
  }

  /// Raises the generation.
  ///
  /// Sleepers are counted before they look a last time, and counted here
  /// after the rise: one of the two sides sees the other.
  private func announce() {
    generation.pointee.add(1, ordering: .sequentiallyConsistent)
    if sleepers.pointee.load(ordering: .sequentiallyConsistent) > 0 {
      costcurve_futex_wake_all(generation)
    }
  }

  /// Returns when the generation is no longer `seen`.
  ///
  /// The caller opens no region before all helpers have ended the last one, so a helper never
  /// misses a generation.
  private func waitForRegion(after seen: UInt32) {
    if spin(until: { generation.pointee.load(ordering: .acquiring) != seen }) { return }
    sleepers.pointee.add(1, ordering: .sequentiallyConsistent)
    while generation.pointee.load(ordering: .sequentiallyConsistent) == seen {
      costcurve_futex_wait(generation, seen)
    }
    sleepers.pointee.subtract(1, ordering: .relaxed)
  }

  /// Looks at `condition` up to `spins` times, and once at least.
  @inline(__always)
  private func spin(until condition: () -> Bool) -> Bool {
    for _ in 0..<spins {
      if condition() { return true }
      costcurve_spin_pause()
    }
    return condition()
  }
}

/// Writes the two words of a closure to `into`, without retaining what it captures.
///
/// Valid for as long as the closure's own call lasts: `ThreadPool.run` joins before it returns.
@_silgen_name("costcurve_borrow_body")
private func borrowBody(
  _ body: (Int) -> Void, _ into: UnsafeMutablePointer<costcurve_borrowed_body>)
