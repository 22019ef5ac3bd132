import Basics
import Ranks
import Synchronization

/// A rank that is a thread of this process: what it sends lies in a box until another takes it.
final class BoxLink: RankLink {
  /// What lies in boxes, of all ranks.
  final class Post: Sendable {
    struct Label: Hashable {
      var from: Int
      var to: Int
      var tag: Int
    }

    private let boxes = Mutex<[Label: [[Float]]]>([:])
    /// What ranks have given to each sum, in the order in which sums are begun.
    private let sums = Mutex<[Int: [Int: [Float]]]>([:])

    func put(_ values: [Float], _ label: Label) {
      boxes.withLock { $0[label, default: []].append(values) }
    }

    func take(_ label: Label) -> [Float]? {
      boxes.withLock { boxes in
        guard let first = boxes[label]?.first else { return nil }
        boxes[label]?.removeFirst()
        return first
      }
    }

    func give(_ values: [Float], to sum: Int, of rank: Int) {
      sums.withLock { $0[sum, default: [:]][rank] = values }
    }

    /// The parts of a sum in the order of ranks; nil until all are there.
    func parts(of sum: Int, ranks: Int) -> [[Float]]? {
      sums.withLock { sums in
        guard let parts = sums[sum], parts.count == ranks else { return nil }
        return (0..<ranks).compactMap { parts[$0] }
      }
    }
  }

  private enum Wait {
    case box(Post.Label, UnsafeMutablePointer<Float>)
    case sum(Int, UnsafeMutablePointer<Float>)
  }

  let rank: Int
  let count: Int
  let stallSeconds: Double
  private let post: Post
  private var waits: [Wait] = []
  private var sumsBegun = 0

  init(rank: Int, of count: Int, post: Post, stallSeconds: Double = 60) {
    (self.rank, self.count, self.post, self.stallSeconds) = (rank, count, post, stallSeconds)
  }

  func send(
    _ values: UnsafePointer<Float>, count: Int, to rank: Int, tag: Int,
    _ request: inout RankRequest
  ) throws(Problem) {
    post.put(
      Array(UnsafeBufferPointer(start: values, count: count)),
      Post.Label(from: self.rank, to: rank, tag: tag))
    request.number = 0
  }

  func receive(
    _ values: UnsafeMutablePointer<Float>, count: Int, from rank: Int, tag: Int,
    _ request: inout RankRequest
  ) throws(Problem) {
    waits.append(.box(Post.Label(from: rank, to: self.rank, tag: tag), values))
    request.number = waits.count
  }

  func sum(
    _ values: UnsafeMutablePointer<Float>, count: Int, _ request: inout RankRequest
  ) throws(Problem) {
    post.give(
      Array(UnsafeBufferPointer(start: values, count: count)), to: sumsBegun, of: rank)
    waits.append(.sum(sumsBegun, values))
    sumsBegun += 1
    request.number = waits.count
  }

  func isDone(_ request: inout RankRequest) throws(Problem) -> Bool {
    guard request.number > 0 else { return true }
    switch waits[request.number - 1] {
    case .box(let label, let target):
      guard let values = post.take(label) else { return false }
      target.update(from: values, count: values.count)
    case .sum(let number, let target):
      guard let parts = post.parts(of: number, ranks: count) else { return false }
      for index in parts[0].indices {
        target[index] = parts.dropFirst().reduce(parts[0][index]) { $0 + $1[index] }
      }
    }
    request.number = 0
    return true
  }

  func stalled(_ what: String) -> Problem {
    Problem(.caseFailed, "rank \(rank) of \(count) has waited for \(what)")
  }
}
