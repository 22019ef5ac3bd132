import Basics
import Kernels
import Ranks

/// The sums by transfers between neighbours in a ring of ranks, in an order of additions that is the
/// same for every MPI, every size of buckets and every moment, that of `ShardedStep`.
///
/// A segment's sum begins at `GradientBuckets.firstShard`, goes from rank to rank, each adding its
/// own, until all have; then the sum goes on round the ring to those who lack it. Every rank sends
/// `2 (N − 1) / N` of the block, the least that there is (Patarasuk and Yuan, "Bandwidth Optimal
/// All-reduce Algorithms for Clusters of Workstations", 2009). Unlike there, segments do not wait for
/// one another.
final class RingSum: BucketSum {
  /// What a segment waits for.
  private enum Stage { case none, receivingPart, sendingPart, receivingSum, sendingSum }

  private let link: any RankLink
  private let buckets: GradientBuckets
  private let block: UnsafeMutablePointer<Float>
  /// Sums that come from the rank before, until this one's gradients are added.
  private let arrived: AlignedBuffer
  private let pool: ThreadPool
  private var stages: [Stage]
  private var requests: [RankRequest]
  /// Segments under way.
  private var active: [Int] = []

  init(
    _ link: any RankLink, _ buckets: GradientBuckets, block: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    precondition(link.count >= 2, "a ring of \(link.count)")
    (self.link, self.buckets, self.block, self.pool) = (link, buckets, block, pool)
    arrived = AlignedBuffer(count: buckets.count)
    stages = [Stage](repeating: .none, count: buckets.segments)
    requests = [RankRequest](repeating: RankRequest(), count: buckets.segments)
    active.reserveCapacity(buckets.segments)
  }

  var isIdle: Bool { active.isEmpty }

  func start(_ segments: Range<Int>) throws(Problem) {
    for segment in segments {
      active.append(segment)
      try begin(segment, place(of: segment) == 0 ? .sendingPart : .receivingPart)
    }
  }

  func move() throws(Problem) -> Bool {
    var (index, hasMoved) = (0, false)
    while index < active.count {
      let segment = active[index]
      var isUnderWay = true
      while isUnderWay, try link.isDone(&requests[segment]) {
        hasMoved = true
        isUnderWay = try next(segment)
      }
      if isUnderWay {
        index += 1
      } else {
        active.swapAt(index, active.count - 1)
        active.removeLast()
      }
    }
    return hasMoved
  }

  /// How many ranks have added theirs to a segment's sum before this one does.
  private func place(of segment: Int) -> Int {
    let first = GradientBuckets.firstShard(of: segment, shards: link.count)
    return (link.rank - first + link.count) % link.count
  }

  /// Takes a segment from a stage that has ended to the next; false where there is none.
  private func next(_ segment: Int) throws(Problem) -> Bool {
    let place = place(of: segment)
    let last = link.count - 1
    switch stages[segment] {
    case .receivingPart:
      let floats = buckets.floats(segment..<segment + 1)
      Activation.add(
        count: floats.count, addend: arrived.pointer + floats.lowerBound,
        target: block + floats.lowerBound, pool: pool)
      try begin(segment, place == last ? .sendingSum : .sendingPart)
    case .sendingPart: try begin(segment, .receivingSum)
    case .receivingSum where place == last - 1: return false
    case .receivingSum: try begin(segment, .sendingSum)
    case .sendingSum, .none: return false
    }
    return true
  }

  private func begin(_ segment: Int, _ stage: Stage) throws(Problem) {
    stages[segment] = stage
    let floats = buckets.floats(segment..<segment + 1)
    let (own, there) = (block + floats.lowerBound, arrived.pointer + floats.lowerBound)
    let (before, after) = (
      (link.rank + link.count - 1) % link.count, (link.rank + 1) % link.count
    )
    let (part, sum) = (2 * segment, 2 * segment + 1)
    switch stage {
    case .receivingPart:
      try link.receive(there, count: floats.count, from: before, tag: part, &requests[segment])
    case .sendingPart:
      try link.send(own, count: floats.count, to: after, tag: part, &requests[segment])
    case .receivingSum:
      try link.receive(own, count: floats.count, from: before, tag: sum, &requests[segment])
    case .sendingSum:
      try link.send(own, count: floats.count, to: after, tag: sum, &requests[segment])
    case .none: preconditionFailure("segment \(segment) begins nothing")
    }
  }
}
