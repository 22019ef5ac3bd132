extension ResultRecord {
  /// In which way the cases of a record were timed.
  package enum Kind: String, Codable, Hashable, Sendable {
    /// Each on its own, in rounds.
    case run
    /// Several arms on each case in the same blocks; see `Race`.
    case race
  }

  /// How much of what was asked for a record holds, and how thoroughly it was measured.
  package struct Extent: Codable, Hashable, Sendable {
    /// `Preset.name`; null in records that do not say.
    @Nullable package var preset: String?
    /// Fresh processes of every case.
    package var processes: Int
    /// Whether it ended before all was measured; null in records that do not say.
    @Nullable package var interrupted: Bool?
    /// Cases that were asked for; absent in records that do not say.
    package var casesAsked: Int?

    package init(
      preset: String?, processes: Int, interrupted: Bool?, casesAsked: Int? = nil
    ) {
      self.casesAsked = casesAsked
      self._preset = Nullable(wrappedValue: preset)
      self.processes = processes
      self._interrupted = Nullable(wrappedValue: interrupted)
    }

    /// Why figures of such a run are not to be set beside those of others; nil where they are.
    package var reservation: String? {
      let reasons = [
        interrupted == true ? "interrupted" : nil,
        preset == Preset.smoke.name ? Preset.smoke.name : processes < 2 ? "single process" : nil,
      ].compactMap { $0 }
      return reasons.isEmpty ? nil : reasons.joined(separator: ", ")
    }
  }
}
