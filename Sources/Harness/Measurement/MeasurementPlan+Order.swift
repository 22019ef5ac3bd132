import Basics

extension MeasurementPlan {
  /// The cases in random order, but those of one subject by different engines, and in different
  /// precisions, one after the other, so that a slow minute falls on all of them and their ratio is
  /// of one time.
  package static func shuffled(
    _ cases: [CaseRequest], using order: inout SplitMix64
  ) -> [CaseRequest] {
    let groups = Dictionary(grouping: cases, by: \.work)
    return groups.keys.sorted().shuffled(using: &order).flatMap { subject in
      (groups[subject] ?? []).shuffled(using: &order)
    }
  }

  /// The cases of a round in its order, those together that take turns.
  ///
  /// Training steps do not, since each engine's holds gigabytes, nor do probes, which have no engine.
  func turns(using order: inout SplitMix64) -> [[CaseRequest]] {
    var groups: [[CaseRequest]] = []
    for request in Self.shuffled(cases, using: &order) {
      if let last = groups.last?.last, [.gemm, .conv, .infer].contains(request.kind),
        last.work == request.work
      {
        groups[groups.count - 1].append(request)
      } else {
        groups.append([request])
      }
    }
    return groups
  }
}

extension CaseRequest {
  /// What it computes, whichever engine does so in whatever precision.
  fileprivate var work: String {
    guard var id = CaseID(self.id)?.withoutEngine else { return self.id }
    id.precision = nil
    return id.description
  }
}
