extension CaseRecord.Accuracy {
  /// What is known of the answers of lower precision, in words: that no answers were compared with
  /// labels, or top-1 of both precisions, their ratio and what that is worth.
  package var words: String {
    guard status == "evaluated" else { return reason ?? "no answers were compared with labels" }
    guard let top1 else { return status }
    let own = "top-1 \(Units.percent(100 * top1, digits: 4))"
    guard let againstF32, let ratio = againstF32.top1Ratio, let float = againstF32.top1F32 else {
      return own
    }
    return "\(own), \(Units.percent(100 * ratio, digits: 4)) of float32's "
      + "\(Units.percent(100 * float, digits: 4)) on "
      + "\(Units.count(againstF32.images, "image")) (\(againstF32.rule))"
  }
}

extension CaseRecord {
  /// Answers of lower precision beside those of float32 on the same images.
  package struct AgainstF32: Codable, Hashable, Sendable {
    package var images: Int
    /// Share of labels that float32 meets; null without labels.
    @Nullable package var top1F32: Double?
    @Nullable package var top1Ratio: Double?
    /// The standard error of that ratio, the images being a sample; absent without labels and in older
    /// records.
    package var top1RatioError: Double?
    /// Share of images of which both give the same answer.
    package var agreement: Double
    /// `10 · log10` of the power of float32's logits over that of the difference; null where there
    /// is none.
    @Nullable package var logitsDb: Double?
    /// MLPerf's rule: 99 % of float32's top-1; null where that cannot be told.
    @Nullable package var mlperfPassed: Bool?
    /// Why it cannot; absent where it can.
    package var mlperfWithheld: String?

    /// Joins what was counted, and tells the rule where enough was.
    ///
    /// - Parameters:
    ///   - images: Whose answers were compared.
    ///   - top1F32: Share of labels that float32 meets; nil without labels.
    ///   - top1Ratio: The share of lower precision over it.
    ///   - top1RatioError: The standard error of that ratio.
    ///   - agreement: Share of images of which both give the same answer.
    ///   - logitsDb: How far the logits are apart.
    package init(
      images: Int, top1F32: Double?, top1Ratio: Double?, top1RatioError: Double? = nil,
      agreement: Double, logitsDb: Double?
    ) {
      (self.images, self.agreement, self.top1RatioError) = (images, agreement, top1RatioError)
      self._top1F32 = Nullable(wrappedValue: top1F32)
      self._top1Ratio = Nullable(wrappedValue: top1Ratio)
      self._logitsDb = Nullable(wrappedValue: logitsDb)
      let isKnown = (top1RatioError ?? .infinity) <= Self.mostRatioError
      self._mlperfPassed = Nullable(
        wrappedValue: isKnown ? top1Ratio.map { $0 >= Self.mlperfShare } : nil)
      guard self.mlperfPassed == nil else { return }
      mlperfWithheld =
        top1F32 == nil
        ? "no labels of trained weights"
        : top1RatioError.map { error in
          "\(Units.count(images, "image")) leave the ratio a standard error of "
            + "\(Units.percent(100 * error, digits: 2)), and "
            + "\(Units.percent(100 * Self.mostRatioError)) is the most"
        } ?? "float32 meets no label"
    }

    /// The share of float32's top-1 that MLPerf's closed division asks ResNet-50 for.
    package static let mlperfShare = 0.99

    /// The standard error of the ratio up to which the rule is told: half of the 1 % that it allows,
    /// so that what loses nothing lies two standard errors above it.
    ///
    /// A network that is right on three images of four needs about 1200 of them, where on 1.5 % one of
    /// both precisions alone is right.
    package static let mostRatioError = 0.005

    /// What became of the rule, in words.
    package var rule: String {
      let name = "MLPerf's rule of 99 %"
      guard let mlperfPassed else {
        return "\(name) not evaluated" + (mlperfWithheld.map { ": \($0)" } ?? "")
      }
      return "\(name) \(mlperfPassed ? "passed" : "not passed")"
    }
  }
}
