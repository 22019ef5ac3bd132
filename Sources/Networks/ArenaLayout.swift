/// Places for tensors in one block of memory, shared by those that are never alive together.
///
/// Greedy by size: the largest first, each at the lowest place that is free throughout its life
/// (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, §5.2).
struct ArenaLayout {
  /// One tensor's demand.
  struct Request {
    /// Number of floats.
    var count: Int
    /// The step that writes it.
    var first: Int
    /// The last step that reads it.
    var last: Int
  }

  /// Floats from the start of the block, one a request; multiples of 16 floats (64 bytes).
  private(set) var offsets: [Int]
  /// Floats of the whole block.
  private(set) var count = 0

  /// Lays out all requests.
  ///
  /// - Parameter requests: Each with `first ≤ last`; both ends are included.
  init(_ requests: [Request]) {
    offsets = [Int](repeating: 0, count: requests.count)
    var placed: [Int] = []
    let order = requests.indices.sorted {
      (requests[$1].count, $0) < (requests[$0].count, $1)
    }
    for index in order {
      let request = requests[index]
      precondition(request.first <= request.last, "tensor \(index) dies before it is written")
      let rivals = placed.filter {
        requests[$0].first <= request.last && request.first <= requests[$0].last
      }
      var offset = 0
      for rival in rivals.sorted(by: { offsets[$0] < offsets[$1] }) {
        if offset + request.count <= offsets[rival] { break }
        offset = max(offset, Self.aligned(offsets[rival] + requests[rival].count))
      }
      offsets[index] = offset
      count = max(count, Self.aligned(offset + request.count))
      placed.append(index)
    }
  }

  /// The next multiple of 16 floats.
  static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}
