import Basics

/// Which numbers of ranks are measured, on how many images each.
struct ScalingPlan {
  /// Ranks, and the images of each.
  struct Point: Hashable {
    var ranks: Int
    var batch: Int
  }

  /// The same images a rank, whatever their number.
  let weak: [Point]
  /// The same images in all; empty where that is not asked for.
  let strong: [Point]

  /// Plans 1 and the given numbers of ranks.
  ///
  /// - Parameters:
  ///   - ranks: In any order.
  ///   - batch: Images of a rank; with `includesStrong` of each of the most ranks.
  ///   - includesStrong: Whether the images of the most ranks are also cut among fewer.
  /// - Throws: Usage where the images cannot be cut into equal parts.
  init(ranks: [Int], batch: Int, includesStrong: Bool) throws(Problem) {
    let numbers = Set(ranks).union([1]).sorted()
    weak = numbers.map { Point(ranks: $0, batch: batch) }
    let all = batch * (numbers.last ?? 1)
    if includesStrong, let odd = numbers.first(where: { all % $0 != 0 }) {
      throw Problem(
        .usage,
        "--strong cannot cut \(all) images among \(odd) ranks; give another --batch-size, or "
          + "--ranks of which each divides the largest.")
    }
    strong = includesStrong ? numbers.map { Point(ranks: $0, batch: all / $0) } : []
  }

  /// All that has to be measured, each once: beside the above the steps of one rank that predictions
  /// begin with.
  var points: [Point] {
    let alone = Set((weak + strong).map(\.batch)).map { Point(ranks: 1, batch: $0) }
    return Set(weak + strong + alone).sorted { ($0.ranks, $0.batch) < ($1.ranks, $1.batch) }
  }
}
