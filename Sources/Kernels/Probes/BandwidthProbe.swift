/// A kernel that moves bytes and computes next to nothing: the roofs of each level of memory.
///
/// Which level is measured follows from the size of the buffers: those that fit a cache are
/// served by it after the first call. Every thread works on its own contiguous share.
public final class BandwidthProbe: Sendable {
  /// What is done with the memory, in the terms of McCalpin's STREAM.
  public enum Operation: String, CaseIterable, Sendable {
    /// Sums one array.
    case read
    /// Writes a constant to one array.
    case write
    /// `b[i] = a[i]`.
    case copy
    /// `c[i] = a[i] + s · b[i]`.
    case triad

    /// Arrays that one call touches.
    public var arrays: Int {
      switch self {
      case .read, .write: 1
      case .copy: 2
      case .triad: 3
      }
    }
  }

  /// What is done with the memory.
  public let operation: Operation
  /// Passes over the arrays in one call.
  public let passes: Int
  /// Floats of one array, over all threads.
  public let count: Int
  private let storage: AlignedBuffer

  /// Allocates the arrays, `bytes` in all.
  ///
  /// - Parameters:
  ///   - operation: What is done with the memory.
  ///   - bytes: Size of all arrays together, over all threads; at least 64 KB a thread is sensible
  ///     only above the first level. Rounded down to whole lines of every array.
  ///   - passes: Passes over the arrays in one call, so that a small buffer can be timed.
  public init(operation: Operation, bytes: Int, passes: Int = 1) {
    precondition(passes > 0 && bytes >= 4096, "bandwidth of \(bytes) bytes, \(passes) passes")
    self.operation = operation
    self.passes = passes
    count = bytes / MemoryLayout<Float>.stride / operation.arrays / 64 * 64
    storage = AlignedBuffer(count: count * operation.arrays)
  }

  /// Bytes that the program reads and writes in one call; what a cache fetches to write is not
  /// counted, as in STREAM.
  public var bytesPerCall: Int {
    count * MemoryLayout<Float>.stride * operation.arrays * passes
  }

  /// Moves the memory once for each pass.
  ///
  /// - Parameters:
  ///   - pool: Its threads share each array out in contiguous parts.
  ///   - sums: One float a thread is written, so that no read can be left out.
  public func run(pool: ThreadPool, sums: UnsafeMutablePointer<Float>) {
    let (operation, passes, count) = (operation, passes, count)
    let a = storage.pointer
    pool.run { worker in
      let share = ThreadPool.share(of: count, worker: worker, workers: pool.threads, grain: 64)
      let first = a + share.lowerBound
      var sum: Float = 0
      for pass in 0..<passes {
        switch operation {
        case .read: sum += readAll(first, share.count)
        case .write: fillAll(first, share.count, Float(pass))
        case .copy: copyAll(first, first + count, share.count)
        case .triad: triadAll(first, first + count, first + 2 * count, share.count, 0.5)
        }
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

@inline(never)
private func fillAll(_ a: UnsafeMutablePointer<Float>, _ count: Int, _ value: Float) {
  let value = Vector(repeating: value)
  var i = 0
  while i < count {
    for j in 0..<4 { value.store(a + (i &+ j &* VectorUnit.lanes)) }
    i &+= stepFloats
  }
}

@inline(never)
private func copyAll(
  _ a: UnsafePointer<Float>, _ b: UnsafeMutablePointer<Float>, _ count: Int
) {
  var i = 0
  while i < count {
    for j in 0..<4 {
      let at = i &+ j &* VectorUnit.lanes
      Vector.load(a + at).store(b + at)
    }
    i &+= stepFloats
  }
}

@inline(never)
private func triadAll(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
  _ count: Int, _ s: Float
) {
  let s = Vector(repeating: s)
  var i = 0
  while i < count {
    for j in 0..<4 {
      let at = i &+ j &* VectorUnit.lanes
      Vector.load(a + at).addingProduct(Vector.load(b + at), s).store(c + at)
    }
    i &+= stepFloats
  }
}
