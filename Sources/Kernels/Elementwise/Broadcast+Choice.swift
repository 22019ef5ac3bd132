extension Broadcast {
  /// Takes each element from one of two operands, as a condition says.
  ///
  /// - Parameters:
  ///   - condition: The first operand: a byte an element, of which all but 0 is true.
  ///   - a: The second operand, taken where the condition holds.
  ///   - b: The third operand, taken elsewhere.
  ///   - byteCount: Bytes of an element: 1, 4 or 8.
  ///   - output: Overwritten; may be `a` or `b` where that has its size.
  ///   - pool: Runs the work.
  package func choose(
    _ condition: UnsafeRawPointer, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, byteCount: Int,
    output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    let condition = condition.assumingMemoryBound(to: UInt8.self)
    switch byteCount {
    case 1: choose(condition, a, b, output, as: UInt8.self, pool)
    case 4: choose(condition, a, b, output, as: UInt32.self, pool)
    default:
      precondition(byteCount == 8, "elements of \(byteCount) bytes")
      choose(condition, a, b, output, as: UInt64.self, pool)
    }
  }

  private func choose<T>(
    _ condition: UnsafePointer<UInt8>, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer,
    _ output: UnsafeMutableRawPointer, as type: T.Type, _ pool: ThreadPool
  ) {
    let steps = inner.steps
    forEachRow(pool) { sources, target, count in
      let condition = condition + sources[0]
      let a = a.assumingMemoryBound(to: T.self) + sources[1]
      let b = b.assumingMemoryBound(to: T.self) + sources[2]
      let output = output.assumingMemoryBound(to: T.self) + target
      for i in 0..<count {
        output[i] = condition[i &* steps[0]] != 0 ? a[i &* steps[1]] : b[i &* steps[2]]
      }
    }
  }
}
