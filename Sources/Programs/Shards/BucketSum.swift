import Basics
import Ranks

/// Sums over all ranks that go on while something else is done.
protocol BucketSum: AnyObject {
  /// Whether nothing is under way.
  var isIdle: Bool { get }
  /// Starts to sum some segments of the gradients; every rank in the same order.
  func start(_ segments: Range<Int>) throws(Problem)
  /// Moves on what is under way; whether anything has.
  func move() throws(Problem) -> Bool
}

/// The sums as the library of MPI has them, in an order of additions that is its own.
final class LibrarySum: BucketSum {
  private let link: any RankLink
  private let buckets: GradientBuckets
  private let block: UnsafeMutablePointer<Float>
  private var requests: [RankRequest] = []

  init(_ link: any RankLink, _ buckets: GradientBuckets, block: UnsafeMutablePointer<Float>) {
    (self.link, self.buckets, self.block) = (link, buckets, block)
    requests.reserveCapacity(buckets.buckets.count)
  }

  var isIdle: Bool { requests.isEmpty }

  func start(_ segments: Range<Int>) throws(Problem) {
    let floats = buckets.floats(segments)
    var request = RankRequest()
    try link.sum(block + floats.lowerBound, count: floats.count, &request)
    requests.append(request)
  }

  func move() throws(Problem) -> Bool {
    var (index, hasMoved) = (0, false)
    while index < requests.count {
      if try link.isDone(&requests[index]) {
        requests.swapAt(index, requests.count - 1)
        requests.removeLast()
        hasMoved = true
      } else {
        index += 1
      }
    }
    return hasMoved
  }
}
