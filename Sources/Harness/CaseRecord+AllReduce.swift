extension CaseRecord {
  /// How several ranks summed the gradients of a step, and what they waited for that.
  package struct AllReduce: Codable, Hashable, Sendable {
    /// Processes that shared the step.
    package var ranks: Int
    /// Machines that they ran on.
    package var machines: Int
    /// The MPI that they spoke, as it calls itself.
    package var library: String
    /// `ring` or `library`: who adds.
    package var algorithm: String
    /// `tested`, `posted` or `none`: how far sums go on beside the backward pass.
    package var overlap: String
    /// What a bucket was meant to have, and how many there were.
    package var bucketBytes: Int
    package var buckets: Int
    /// Of all gradients.
    package var gradientBytes: Int
    /// Milliseconds that a step waited for sums with nothing left to compute: the mean over steps and
    /// ranks, and that of the rank that waited longest; both rank 0's own after an interruption.
    package var exposedMs: Double
    package var exposedMsMost: Double
    /// Milliseconds of a step in which a rank began sums and moved them on beside the backward pass,
    /// the mean over steps and ranks; rank 0's own after an interruption.
    package var besideMs: Double
    /// Variables that steer the MPI; empty where none is set.
    package var settings: [String: String]
    /// What the links between ranks gave just after; absent where they were not measured.
    package var link: Link?
    /// How sums were compared before steps were timed; absent where no step was, as in a training on a
    /// data set, and in older records.
    package var checkedSums: Check?

    /// How the sums of all ranks were compared with those of one process.
    package enum Check: String, Codable, Sendable {
      /// Bit for bit.
      case bits
      /// Within a bound: the ranks, or the library, add in other orders.
      case tolerance
      /// Not: the ranks are too many for one process.
      case notCompared = "not compared"
    }

    /// The slowest link between neighbours in the ring of ranks, all being used at once.
    package struct Link: Codable, Hashable, Sendable {
      /// 10^9 bytes a second in each direction.
      package var gbPerS: Double
      /// Microseconds of a small message.
      package var latencyUs: Double

      package init(gbPerS: Double, latencyUs: Double) {
        (self.gbPerS, self.latencyUs) = (gbPerS, latencyUs)
      }
    }

    package init(
      ranks: Int, machines: Int, library: String, algorithm: String, overlap: String,
      bucketBytes: Int, buckets: Int, gradientBytes: Int, exposedMs: [Double], besideMs: [Double],
      settings: [String: String]
    ) {
      (self.ranks, self.machines, self.library) = (ranks, machines, library)
      (self.algorithm, self.overlap, self.settings) = (algorithm, overlap, settings)
      (self.bucketBytes, self.buckets, self.gradientBytes) = (bucketBytes, buckets, gradientBytes)
      let count = Double(max(exposedMs.count, 1))
      self.exposedMs = exposedMs.reduce(0, +) / count
      exposedMsMost = exposedMs.max() ?? 0
      self.besideMs = besideMs.reduce(0, +) / count
    }

    /// What was waited for, with its share of a step.
    ///
    /// - Parameter stepMs: Milliseconds of a step.
    /// - Returns: A sentence.
    package func sentence(ofStepOf stepMs: Double?) -> String {
      let share = stepMs.flatMap { $0 > 0 ? " of \(Units.number($0))" : nil } ?? ""
      let percent = stepMs.flatMap {
        $0 > 0 ? " (\(Units.percent(100 * exposedMs / $0)))" : nil
      }
      let who = "\(Units.count(ranks, "rank")) on \(Units.count(machines, "machine")) by \(library)"
      let waited = "\(Units.number(exposedMs))\(share) ms\(percent ?? "")"
      return "\(who): a step waits \(waited) for the sum of \(Units.bytes(gradientBytes)) of "
        + "gradients in \(Units.count(buckets, "bucket"))."
        + (checkedSums == .notCompared
          ? " Sums of so many ranks were not compared with those of one process." : "")
    }
  }
}

extension ResultRecord {
  /// Machines that the ranks of its cases ran on, all of which are paid for; 1 for a process alone.
  package var machines: Int { max(1, cases.compactMap(\.derived.allReduce?.machines).max() ?? 1) }
}
