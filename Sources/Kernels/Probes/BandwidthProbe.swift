import CShims

/// A kernel that reads bytes and computes next to nothing: the roofline's ceiling of each level of
/// memory.
///
/// Which level is measured follows from the size of the buffer: one that fits a cache is served by
/// it after the first call. Every thread works on its own contiguous share.
public final class BandwidthProbe: Sendable {
  /// Passes over the array in one call.
  public let passes: Int
  /// Floats of the array, over all threads.
  public let count: Int
  private let storage: AlignedBuffer

  /// Allocates the array.
  ///
  /// - Parameters:
  ///   - bytes: Size of the array, over all threads; at least 64 KB a thread is sensible only above
  ///     the first level. Rounded down to whole lines.
  ///   - passes: Passes over the array in one call, so that a small one can be timed.
  public init(bytes: Int, passes: Int = 1) {
    precondition(passes > 0 && bytes >= 4096, "bandwidth of \(bytes) bytes, \(passes) passes")
    self.passes = passes
    count = bytes / MemoryLayout<Float>.stride / 64 * 64
    storage = AlignedBuffer(count: count)
  }

  /// Bytes that the program reads in one call.
  public var bytesPerCall: Int { count * MemoryLayout<Float>.stride * passes }

  /// Sums the array once for each pass.
  ///
  /// - Parameters:
  ///   - pool: Its threads share the array out in contiguous parts.
  ///   - sums: One float a thread is written, so that no read can be left out.
  public func run(pool: ThreadPool, sums: UnsafeMutablePointer<Float>) {
    let (passes, count, start) = (passes, count, storage.pointer)
    pool.run { worker in
      let share = ThreadPool.share(of: count, worker: worker, workers: pool.threads, grain: 64)
      var sum: Float = 0
      for _ in 0..<passes {
        sum += readAll(start + share.lowerBound, share.count)
        // Without it one pass would do: nothing else says that the next could read other values.
        costcurve_keep(start)
      }
      sums[worker] = sum
    }
  }
}

/// Vectors handled in one step of the loops below: enough to keep several misses in flight.
private var stepFloats: Int { 4 * VectorUnit.lanes }

@inline(never)
private func readAll(_ a: UnsafePointer<Float>, _ count: Int) -> Float {
  // Four names rather than an array, which would live in memory and be what is measured.
  var (s0, s1, s2, s3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
  let lanes = VectorUnit.lanes
  var i = 0
  while i < count {
    let p = a + i
    s0 += Vector.load(p)
    s1 += Vector.load(p + lanes)
    s2 += Vector.load(p + 2 &* lanes)
    s3 += Vector.load(p + 3 &* lanes)
    i &+= stepFloats
  }
  return (s0 + s1 + s2 + s3).sum()
}
