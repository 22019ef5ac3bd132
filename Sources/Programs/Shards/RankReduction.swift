import Basics
import CShims
import Glibc
import Kernels
import Ranks

/// Sums gradients over the ranks of a job, bucket by bucket.
///
/// Between two calls nothing happens by itself: MPI moves messages on while it is called. So sums
/// that are begun and then left alone until the end hide almost nothing behind the backward pass,
/// and those that are tested after each unit hide most.
package final class RankReduction: GradientReduction {
  /// How far sums go on beside the backward pass.
  package enum Overlap: String, CaseIterable, Sendable {
    /// They begin when it has ended.
    case none
    /// They begin when a bucket is complete.
    case posted
    /// They begin then, and are moved on after each unit.
    case tested
  }

  /// Who adds.
  package enum Algorithm: String, CaseIterable, Sendable {
    /// This program, in an order that is its own: `RingSum`.
    case ring
    /// The library of MPI, by its `MPI_Iallreduce`.
    case library
  }

  /// What a user may choose.
  package struct Settings: Hashable, Sendable {
    package var overlap = Overlap.tested
    package var algorithm = Algorithm.ring
    /// Bytes of a bucket.
    ///
    /// Of 4 and 25 MB the smaller left half as much to wait for: 105 of 233 ms a step of ResNet-50
    /// (128 pixels, 16 images a rank) on two ranks joined by 1 Gbit/s.
    package var bucketBytes = 4 << 20

    /// The usual ones.
    package init() {}

    /// What tells these from the usual ones, such as `posted-library-262144B`; nil where nothing does.
    package var unusual: String? {
      let usual = Settings()
      let parts = [
        overlap == usual.overlap ? nil : overlap.rawValue,
        algorithm == usual.algorithm ? nil : algorithm.rawValue,
        bucketBytes == usual.bucketBytes ? nil : "\(bucketBytes)B",
      ].compactMap { $0 }
      return parts.isEmpty ? nil : parts.joined(separator: "-")
    }
  }

  /// Where the time of the steps so far went.
  package struct Times: Hashable, Sendable {
    package var steps = 0
    /// Nanoseconds that steps waited for sums, with nothing left to compute.
    package var exposedNs = 0.0
    /// Nanoseconds of beginning sums and of moving them on beside the backward pass.
    package var besideNs = 0.0

    /// Of one step, the mean over steps; zeros before the first.
    package var ofStep: OfStep {
      let steps = Double(max(self.steps, 1))
      return OfStep(exposedMs: 1e-6 * exposedNs / steps, besideMs: 1e-6 * besideNs / steps)
    }

    /// Milliseconds of both; ranks send each other their own.
    package struct OfStep: BitwiseCopyable, Hashable, Sendable {
      package var exposedMs: Double
      package var besideMs: Double
    }
  }

  package private(set) var fault: Problem?
  /// Of all steps since `forgetTimes`.
  package private(set) var times = Times()
  package let settings: Settings
  package let buckets: GradientBuckets
  private let link: any RankLink
  private let sum: any BucketSum
  private var missing: [Int]

  /// Prepares the sums of a step's gradients.
  ///
  /// - Parameters:
  ///   - step: Of as many shards as there are ranks.
  ///   - link: The ranks.
  ///   - settings: How to sum.
  ///   - pool: The threads that the step runs on.
  package init(
    of step: TrainingStep, over link: any RankLink, settings: Settings, pool: ThreadPool
  ) {
    precondition(step.shards == link.count, "\(step.shards) shards, \(link.count) ranks")
    let gradients = step.state.gradients.pointer
    buckets = GradientBuckets(
      count: step.state.gradients.count, ranges: step.program.gradientRanges(in: step.state),
      bytes: settings.bucketBytes)
    (self.link, self.settings) = (link, settings)
    sum =
      switch settings.algorithm {
      case .ring: RingSum(link, buckets, block: gradients, pool: pool)
      case .library: LibrarySum(link, buckets, block: gradients)
      }
    missing = buckets.parts
  }

  /// Counts times from here on.
  package func forgetTimes() { times = Times() }

  package func begin() {
    for bucket in missing.indices { missing[bucket] = buckets.parts[bucket] }
  }

  package func finished(_ unit: Int) {
    guard fault == nil, settings.overlap != .none else { return }
    let touched = buckets.ofUnit[unit]
    if touched.isEmpty, sum.isIdle { return }
    let begin = costcurve_clock_ns()
    attempt { () throws(Problem) in
      for bucket in touched {
        missing[bucket] -= 1
        if missing[bucket] == 0 { try sum.start(buckets.buckets[bucket]) }
      }
      if settings.overlap == .tested, !sum.isIdle { _ = try sum.move() }
    }
    times.besideNs += Double(costcurve_clock_ns() &- begin)
  }

  package func complete() {
    guard fault == nil else { return }
    let begin = costcurve_clock_ns()
    attempt { () throws(Problem) in
      if settings.overlap == .none {
        for bucket in buckets.buckets { try sum.start(bucket) }
      }
      var moved = begin
      while !sum.isIdle {
        let now = costcurve_clock_ns()
        if try sum.move() {
          moved = now
        } else if Double(now &- moved) * 1e-9 > link.stallSeconds {
          throw link.stalled("the sum of gradients")
        } else {
          // Ranks can be more than CPUs, and the one that is waited for needs one.
          sched_yield()
        }
      }
    }
    times.exposedNs += Double(costcurve_clock_ns() &- begin)
    times.steps += 1
  }

  private func attempt(_ body: () throws(Problem) -> Void) {
    do throws(Problem) { try body() } catch { fault = error }
  }
}
