/// Places for tensors in one block of memory, shared by those that are never alive together.
///
/// Greedy by size: the largest first, each at the lowest place that is free throughout its life
/// (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, §5.2).
package struct ArenaLayout {
  /// One tensor's demand.
  package struct Request {
    /// Size of the tensor.
    package var bytes: Int
    /// The step that writes it.
    package var first: Int
    /// The last step that reads it.
    package var last: Int

    package init(bytes: Int, first: Int, last: Int) {
      (self.bytes, self.first, self.last) = (bytes, first, last)
    }
  }

  /// Bytes from the start of the block, one a request; multiples of 64.
  package private(set) var offsets: [Int]
  /// Bytes of the whole block.
  package private(set) var byteCount = 0

  /// Lays out all requests.
  ///
  /// - Parameter requests: Each with `first ≤ last`; both ends are included.
  package init(_ requests: [Request]) {
    offsets = [Int](repeating: 0, count: requests.count)
    var placed: [Int] = []
    let order = requests.indices.sorted {
      (requests[$1].bytes, $0) < (requests[$0].bytes, $1)
    }
    for index in order {
      let request = requests[index]
      precondition(request.first <= request.last, "tensor \(index) dies before it is written")
      let rivals = placed.filter {
        requests[$0].first <= request.last && request.first <= requests[$0].last
      }
      var offset = 0
      for rival in rivals.sorted(by: { offsets[$0] < offsets[$1] }) {
        if offset + request.bytes <= offsets[rival] { break }
        offset = max(offset, Self.aligned(offsets[rival] + requests[rival].bytes))
      }
      offsets[index] = offset
      byteCount = max(byteCount, Self.aligned(offset + request.bytes))
      placed.append(index)
    }
  }

  /// The next multiple of a cache line's 64 bytes.
  static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
}
