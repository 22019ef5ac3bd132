import Harness

extension CSVReport {
  /// Columns of what answers are worth, where they are of lower precision or were compared with
  /// labels, and of operations of float32 beside those in lower precision.
  ///
  /// - Parameter cases: All of the table.
  /// - Returns: The columns in their order, none for most runs.
  static func answers(of cases: [CaseRecord]) -> [[Column]] {
    var columns: [[Column]] = []
    if cases.contains(where: \.needsWords) { columns += comparisons }
    if cases.contains(where: { $0.flop.float != nil }) { columns += floats }
    return columns
  }

  private static let comparisons: [[Column]] = [
    [
      ("accuracy_status", { item, _ in item.kind.isNetwork ? item.accuracy.status : "" }),
      ("top1", { item, _ in number(item.accuracy.top1) }),
      ("top1_f32", { item, _ in number(item.accuracy.againstF32?.top1F32) }),
      ("top1_ratio", { item, _ in number(item.accuracy.againstF32?.top1Ratio) }),
      ("top1_ratio_error", { item, _ in number(item.accuracy.againstF32?.top1RatioError) }),
      ("agreement", { item, _ in number(item.accuracy.againstF32?.agreement) }),
      ("mlperf_rule", { item, _ in item.accuracy.againstF32?.rule ?? "" }),
    ]
  ]

  private static let floats: [[Column]] = [
    [("flop_float", { item, _ in number(item.flop.float) })]
  ]
}

extension CaseRecord {
  /// Whether a reader of its figures has to know what its answers are worth.
  fileprivate var needsWords: Bool {
    kind.isNetwork && (name.precision != nil || accuracy.status == "evaluated")
  }
}
