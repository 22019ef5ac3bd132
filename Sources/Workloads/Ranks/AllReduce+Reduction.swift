import Basics
import Foundation
import Harness
import Programs
import Ranks

extension CaseRecord.AllReduce {
  /// How the ranks of a job have summed gradients, by their times since these were last forgotten.
  ///
  /// - Parameters:
  ///   - reduction: Of this rank.
  ///   - group: The job.
  ///   - times: Of a step of the ranks that are told of; this rank's alone unless given.
  package init(
    of reduction: RankReduction, in group: RankGroup, times: [RankReduction.Times.OfStep]? = nil
  ) {
    let (settings, all) = (reduction.settings, times ?? [reduction.times.ofStep])
    self.init(
      ranks: group.count, machines: group.places.machines, library: group.library.version,
      algorithm: settings.algorithm.rawValue, overlap: settings.overlap.rawValue,
      bucketBytes: settings.bucketBytes, buckets: reduction.buckets.buckets.count,
      gradientBytes: 4 * reduction.buckets.count, exposedMs: all.map(\.exposedMs),
      besideMs: all.map(\.besideMs),
      settings: MPILibrary.settings(in: ProcessInfo.processInfo.environment))
  }

  /// The same by the times of all ranks; called on every rank.
  ///
  /// - Parameters:
  ///   - reduction: Of this rank.
  ///   - group: The job.
  /// - Returns: The same on all ranks.
  /// - Throws: Where another rank hangs or has gone.
  package static func ofAll(
    _ reduction: RankReduction, in group: RankGroup
  ) throws(Problem) -> CaseRecord.AllReduce {
    let times = try group.gather([reduction.times.ofStep], "the times of all ranks")
    return CaseRecord.AllReduce(of: reduction, in: group, times: times.flatMap { $0 })
  }
}
