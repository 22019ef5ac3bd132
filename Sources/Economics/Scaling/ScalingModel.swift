/// What a step of data-parallel training takes on several machines: from the step of one, its
/// gradients and the links.
///
/// Gradients go round a ring, `2 (N − 1) / N` of them over each link (Patarasuk and Yuan, "Bandwidth
/// Optimal All-reduce Algorithms for Clusters of Workstations", 2009), in segments that follow one
/// another, so that one chain's latency adds to what the bytes take. That hides behind a part of the
/// step, the backward pass; the last bucket, complete when it ends, hides behind nothing:
///
/// `T(N) = T(1) + beside + max(ring(bucket), ring(gradients) − overlap · T(1))`,
/// `ring(n) = 2 (N − 1) · (n / (N · bandwidth) + latency)`.
///
/// It knows nothing of machines that differ, nor of what ranks on one machine take from one another.
package struct ScalingModel: Hashable, Sendable {
  /// A link between two machines.
  package struct Link: Hashable, Sendable {
    /// Bytes a second in each direction.
    package var bytesPerSecond: Double
    package var latencySeconds: Double

    package init(bytesPerSecond: Double, latencySeconds: Double) {
      (self.bytesPerSecond, self.latencySeconds) = (bytesPerSecond, latencySeconds)
    }
  }

  /// Seconds of a step of one machine.
  package var aloneSeconds: Double
  /// Share of that step behind which sums hide, 0 to 1.
  package var overlap: Double
  /// Seconds of a step that beginning sums and moving them on takes.
  package var besideSeconds: Double
  package var gradientBytes: Double
  package var bucketBytes: Double
  package var link: Link

  package init(
    aloneSeconds: Double, overlap: Double, besideSeconds: Double, gradientBytes: Double,
    bucketBytes: Double, link: Link
  ) {
    precondition(aloneSeconds > 0 && link.bytesPerSecond > 0, "a step or a link of no speed")
    (self.aloneSeconds, self.overlap) = (aloneSeconds, overlap)
    (self.besideSeconds, self.link) = (besideSeconds, link)
    (self.gradientBytes, self.bucketBytes) = (gradientBytes, min(bucketBytes, gradientBytes))
  }

  /// Seconds that bytes take round the ring, with nothing else to do.
  package func ringSeconds(bytes: Double, machines: Int) -> Double {
    let count = Double(machines)
    return 2 * (count - 1) * (bytes / (count * link.bytesPerSecond) + link.latencySeconds)
  }

  /// Seconds of a step.
  ///
  /// - Parameter machines: 1 or more.
  /// - Returns: `aloneSeconds` for one.
  package func stepSeconds(machines: Int) -> Double {
    guard machines > 1 else { return aloneSeconds }
    let tail = ringSeconds(bytes: bucketBytes, machines: machines)
    let rest = ringSeconds(bytes: gradientBytes, machines: machines) - overlap * aloneSeconds
    return aloneSeconds + besideSeconds + max(tail, rest)
  }

  /// The rate of all machines over as many times that of one, where each has as many images as one.
  package func efficiency(machines: Int) -> Double {
    aloneSeconds / stepSeconds(machines: machines)
  }

  /// How many times as many epochs a batch takes as one of 256 images.
  ///
  /// `(1 + B / critical) / (1 + 256 / critical)`: McCandlish, Kaplan, Amodei and the OpenAI Dota Team,
  /// "An Empirical Model of Large-Batch Training" (2018), examples for one loss over the batch size.
  ///
  /// - Parameters:
  ///   - batch: Images of a step of all machines.
  ///   - critical: The critical batch size of network and data.
  /// - Returns: 1 for 256 images.
  package static func epochsFactor(batch: Double, critical: Double) -> Double {
    (1 + batch / critical) / (1 + 256 / critical)
  }
}
