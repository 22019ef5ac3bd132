import Graphs

/// How the block of gradients is cut, for sums that begin before the backward pass has ended.
///
/// A segment is what is sent at a time. Segments are equal and begin at the block's start, whatever the
/// buckets are: in which order the shards are added follows from a segment's number, so that the size
/// of buckets changes no bit. A bucket is a run of segments whose sums begin together, when the last
/// gradient in it is there. The backward pass fills the block from its end, so buckets are counted from
/// there.
package struct GradientBuckets: Sendable {
  /// Floats of the block.
  package let count: Int
  /// Floats of a segment; the last has what is left.
  package let segmentCount: Int
  /// Numbers of the segments of each bucket, the first to be complete first.
  package let buckets: [Range<Int>]
  /// For each unit the buckets that it writes to, once for every gradient.
  package let ofUnit: [[Int]]
  /// For each bucket how often units write to it.
  package let parts: [Int]

  /// Floats of the smallest segments, 256 KiB: a network needs as much at a time to be busy.
  static let smallestSegment = 1 << 16
  /// Segments that there are at most: two messages of each are told apart by their tags, of which
  /// every MPI has 32 767.
  static let mostSegments = 16_000

  /// Cuts a block.
  ///
  /// - Parameters:
  ///   - count: Floats of the block.
  ///   - ranges: For each unit the ranges of the block that it writes.
  ///   - bytes: Of a bucket; rounded to whole segments, one at least.
  package init(count: Int, ranges: [[Range<Int>]], bytes: Int) {
    let segment = Self.segmentCount(of: count)
    let segments = (count + segment - 1) / segment
    let each = max(1, (bytes / 4 + segment / 2) / segment)
    var buckets: [Range<Int>] = []
    var end = segments
    while end > 0 {
      buckets.append(max(0, end - each)..<end)
      end = max(0, end - each)
    }
    let ofUnit = ranges.map { ranges in
      ranges.flatMap { range in
        buckets.indices.filter {
          range.lowerBound < buckets[$0].upperBound * segment
            && buckets[$0].lowerBound * segment < range.upperBound
        }
      }
    }
    var parts = [Int](repeating: 0, count: buckets.count)
    for bucket in ofUnit.joined() { parts[bucket] += 1 }
    (self.count, segmentCount, self.buckets) = (count, segment, buckets)
    (self.ofUnit, self.parts) = (ofUnit, parts)
  }

  /// Segments of the block.
  package var segments: Int { (count + segmentCount - 1) / segmentCount }

  /// The floats of some segments.
  package func floats(_ segments: Range<Int>) -> Range<Int> {
    segments.lowerBound * segmentCount..<min(count, segments.upperBound * segmentCount)
  }

  /// Floats of a segment of a block.
  ///
  /// - Parameter count: Floats of the block.
  /// - Returns: The same for blocks of one size, whoever cuts them.
  static func segmentCount(of count: Int) -> Int {
    var segment = smallestSegment
    while (count + segment - 1) / segment > mostSegments { segment *= 2 }
    return segment
  }

  /// The shard whose gradients a segment's sum begins with; the others follow in a ring, so that each
  /// rank begins and ends as many segments as any other.
  static func firstShard(of segment: Int, shards: Int) -> Int { (segment + 1) % shards }
}

extension Program {
  /// For each unit the ranges of the state's gradients that are complete once it has ended.
  func gradientRanges(in state: TrainingState) -> [[Range<Int>]] {
    var ranges = [[Range<Int>]](repeating: [], count: units.count)
    guard let sum = graph.nodes.first(where: { $0.op is GradientSum }),
      let update = graph.nodes.first(where: { $0.op is any UpdateOperator })
    else { return ranges }
    let producers = graph.producers
    let count = update.outputs.count
    for (own, total) in zip(sum.inputs, sum.outputs) {
      guard let place = update.inputs.dropFirst(1 + count).firstIndex(of: total),
        let unit = producers[own.index],
        let parameter = graph[update.inputs[place - count]].parameter
      else { preconditionFailure("\(graph[own].name) is no gradient of a parameter") }
      ranges[unit].append(state.gradientRange(parameter))
    }
    return ranges
  }
}
