/// Chosen indices of each axis of a tensor, for elements of any type, in the pool's threads.
///
/// Slices, repeats, borders and nearest neighbours are such choices. What lies side by side in input
/// and output is copied at once.
public struct AxisCopy: Sendable {
  /// Bytes that stay side by side.
  private struct Stretch {
    /// From the start of a row of the input; −1 for the filling.
    var source: Int
    /// From the start of a row of the output.
    var target: Int
    var count: Int
  }

  /// Bytes that are worth a worker's while.
  private static let grainBytes = 16384

  /// For each axis outside the rows, where its indices are: bytes of the input, −1 for the filling.
  private let outer: [[Int]]
  /// What one row of the output is made of.
  private let stretches: [Stretch]
  private let rowBytes: Int
  private let filling: UInt64
  private let width: Int

  /// Fixes the choice.
  ///
  /// - Parameters:
  ///   - lengths: Of the input, outermost first.
  ///   - picks: For each axis, the index that each index of the output has in the input, −1 for the
  ///     filling; nil for all of them in order.
  ///   - width: Bytes of an element: 1, 4 or 8.
  ///   - filling: The bits of an element that is not taken from the input.
  public init(_ lengths: [Int], picks: [[Int]?], width: Int, filling: UInt64 = 0) {
    precondition(lengths.count == picks.count, "\(picks.count) choices for \(lengths)")
    precondition([1, 4, 8].contains(width), "no elements of \(width) bytes")
    for (length, picks) in zip(lengths, picks) {
      precondition(picks?.allSatisfy { (-1..<length).contains($0) } ?? true, "beyond \(length)")
    }
    var (places, stride) = ([[Int]](), width)
    let whole = picks.reversed().prefix { $0 == nil }.count
    for axis in lengths.indices.reversed() {
      let (step, inside) = (stride, axis >= lengths.count - whole)
      stride *= lengths[axis]
      if !inside {
        let taken = picks[axis] ?? Array(0..<lengths[axis])
        places.insert(taken.map { $0 < 0 ? -1 : $0 * step }, at: 0)
      }
    }
    let block = lengths.suffix(whole).reduce(width, *)
    let row = places.popLast() ?? [0]
    var stretches: [Stretch] = []
    for (index, source) in row.enumerated() {
      let isNext = stretches.last.map {
        $0.source < 0 ? source < 0 : source == $0.source + $0.count
      }
      if isNext ?? false {
        stretches[stretches.count - 1].count += block
      } else {
        stretches.append(Stretch(source: source, target: index * block, count: block))
      }
    }
    (outer, self.stretches, rowBytes) = (places, stretches, row.count * block)
    (self.filling, self.width) = (filling, width)
  }

  /// Writes the output.
  ///
  /// - Parameters:
  ///   - input: As many elements as the lengths say.
  ///   - output: As many as the picks say; overwritten, apart from the input.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafeRawPointer, output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    let count = stretches.count
    let items = outer.reduce(count) { $0 * $1.count }
    let grain = max(1, Self.grainBytes / max(rowBytes / count, 1))
    pool.forEachShare(of: items, grain: grain) { share in
      var item = share.lowerBound
      while item < share.upperBound {
        let (row, first) = (item / count, item % count)
        let last = min(count, first + share.upperBound - item)
        let source = start(of: row)
        for index in first..<last {
          let stretch = stretches[index]
          let target = output + row * rowBytes + stretch.target
          if source < 0 || stretch.source < 0 {
            fill(target, stretch.count)
          } else {
            copy(input + source + stretch.source, target, stretch.count)
          }
        }
        item += last - first
      }
    }
  }

  /// Where a row of the output begins in the input; −1 for one that is all filling.
  private func start(of row: Int) -> Int {
    var (rest, start) = (row, 0)
    for places in outer.reversed() {
      let place = places[rest % places.count]
      rest /= places.count
      guard place >= 0 else { return -1 }
      start += place
    }
    return start
  }

  private func copy(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int) {
    switch count {
    case 4: target.storeBytes(of: source.loadUnaligned(as: UInt32.self), as: UInt32.self)
    case 8: target.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
    default: target.copyMemory(from: source, byteCount: count)
    }
  }

  private func fill(_ target: UnsafeMutableRawPointer, _ count: Int) {
    for place in stride(from: 0, to: count, by: width) {
      switch width {
      case 1:
        target.storeBytes(
          of: UInt8(truncatingIfNeeded: filling), toByteOffset: place, as: UInt8.self)
      case 4:
        target.storeBytes(
          of: UInt32(truncatingIfNeeded: filling), toByteOffset: place, as: UInt32.self)
      default: target.storeBytes(of: filling, toByteOffset: place, as: UInt64.self)
      }
    }
  }
}
