import Basics

/// Which numbers of ranks are measured, on how many images each.
struct ScalingPlan {
  /// Ranks, and the images and threads of each.
  struct Point: Hashable {
    var ranks: Int
    var batch: Int
    var threads: Int
  }

  /// The same images a rank, whatever their number.
  let weak: [Point]
  /// The same images in all; empty where that is not asked for.
  let strong: [Point]
  /// One rank with all threads of this machine, of which fleets are made; one of `weak` where ranks
  /// have all of them.
  let machine: Point

  /// Plans 1 and the given numbers of ranks.
  ///
  /// - Parameters:
  ///   - ranks: In any order.
  ///   - batch: Images of a rank; with `includesStrong` of each of the most ranks.
  ///   - threads: Of a rank.
  ///   - machineThreads: Of this machine, as many or more.
  ///   - includesStrong: Whether the images of the most ranks are also cut among fewer.
  /// - Throws: Usage where the images cannot be cut into equal parts.
  init(
    ranks: [Int], batch: Int, threads: Int, machineThreads: Int, includesStrong: Bool
  ) throws(Problem) {
    let numbers = Set(ranks).union([1]).sorted()
    weak = numbers.map { Point(ranks: $0, batch: batch, threads: threads) }
    machine = Point(ranks: 1, batch: batch, threads: machineThreads)
    let all = batch * (numbers.last ?? 1)
    if includesStrong, let odd = numbers.first(where: { all % $0 != 0 }) {
      throw Problem(
        .usage,
        "--strong cannot cut \(all) images among \(odd) ranks; give another --batch-size, or "
          + "--ranks of which each divides the largest.")
    }
    strong =
      includesStrong ? numbers.map { Point(ranks: $0, batch: all / $0, threads: threads) } : []
  }

  /// The step of one rank on as many images as each rank of a point has, with which its prediction
  /// begins.
  func alone(beside point: Point) -> Point {
    Point(ranks: 1, batch: point.batch, threads: point.threads)
  }

  /// All that has to be measured, each once.
  var points: [Point] {
    let all = weak + strong + [machine]
    return Set(all + all.map { alone(beside: $0) }).sorted {
      ($0.ranks, $0.batch, $0.threads) < ($1.ranks, $1.batch, $1.threads)
    }
  }
}
