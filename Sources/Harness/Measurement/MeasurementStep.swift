/// One piece of a measurement that is finished and need not be done again.
///
/// A measurement tells each as it ends. The same measurement, handed those of an earlier try in the
/// order in which they were told, does only what is missing.
package enum MeasurementStep: Codable, Hashable, Sendable {
  /// A case's answer was compared with its oracle.
  case checked(
    id: String, prepared: PreparedCase, correctness: CaseRecord.Correctness, checksum: String?)
  /// The peak at one thread count was probed in a round; nanoseconds per call. That of FMA where no
  /// precision is named.
  case probed(
    threads: Int, round: Int, flop: Double, samplesNs: [Double], precision: CaseID.Precision? = nil)
  case timed(id: String, round: Int, samples: CaseRecord.ProcessSamples)
}
