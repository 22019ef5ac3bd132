/// A fixed team of threads that runs one region at a time: fork, work, join.
public final class ThreadPool: @unchecked Sendable {
  /// Threads that take part in a region, the caller included.
  public let threads: Int

  /// Starts `threads - 1` helper threads.
  ///
  /// - Parameter threads: At least 1.
  public init(threads: Int) {
    precondition(threads >= 1, "a pool needs at least one thread, not \(threads)")
    self.threads = threads
  }

  /// Runs `body(worker)` once for each worker in `0 ..< threads` and returns when all have ended.
  ///
  /// Worker 0 is the caller. Regions do not nest.
  public func run(_ body: (_ worker: Int) -> Void) {
    for worker in 0..<threads { body(worker) }
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
}
