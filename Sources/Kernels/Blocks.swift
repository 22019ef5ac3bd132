extension Range<Int> {
  /// Calls `body` with consecutive parts of at most `size`.
  @inline(__always)
  func forEachBlock(of size: Int, _ body: (Range<Int>) -> Void) {
    var first = lowerBound
    while first < upperBound {
      let end = Swift.min(first + size, upperBound)
      body(first..<end)
      first = end
    }
  }
}

extension ThreadPool {
  /// Adds up what each worker has summed on its own, worker by worker.
  ///
  /// - Parameters:
  ///   - partials: The sums of worker 1, and `pitch` floats later those of the next.
  ///   - pitch: Floats from one worker's sums to the next.
  ///   - count: Floats of the sums.
  ///   - target: The sums of worker 0, which become those of all.
  func add(
    _ partials: UnsafePointer<Float>, pitch: Int, count: Int,
    to target: UnsafeMutablePointer<Float>
  ) {
    guard threads > 1 else { return }
    forEachShare(of: count, grain: 1024) { items in
      for worker in 1..<threads {
        let partial = partials + (worker - 1) * pitch
        for i in items { target[i] += partial[i] }
      }
    }
  }
}
