import Basics
import Harness

extension FleetRuns {
  /// Other networks, batches or precisions are other work: a machine type has to have a network's
  /// case in common with another.
  ///
  /// Without networks it is kernels that count, without these probes; where all runs are of one
  /// type, each run by itself.
  ///
  /// - Throws: `notComparable`, with what differs.
  func refuseStrangers() throws(Problem) {
    let parties = groups.count > 1 ? groups : records.indices.map { [$0] }
    let gathered = self.gathered
    for party in parties {
      let own = gathered.filter { group in group.items.contains { party.contains($0.run) } }
      guard let weight = own.map({ Self.weight($0) }).min() else {
        throw Problem(.notComparable, "\(name(party[0])) has no case.")
      }
      let weighty = own.filter { Self.weight($0) == weight }
      let isShared = weighty.contains { group in
        group.items.contains { !party.contains($0.run) }
      }
      if isShared { continue }
      let others = gathered.filter { group in
        Self.weight(group) == weight && group.items.contains { !party.contains($0.run) }
      }
      let what = groups.count > 1 ? "a run of another machine type" : "another run"
      throw Problem(
        .notComparable,
        "\(name(party[0])) has \(Self.nouns[weight]) in common with \(what): "
          + "\(Self.difference(between: weighty, and: others)).")
    }
  }

  private static let nouns = ["no case of a network", "no kernel", "no probe"]

  /// Networks before kernels before probes.
  private static func weight(_ group: Group) -> Int {
    switch group.items[0].item.kind {
    case .infer, .decode, .prefill, .train: 0
    case .conv, .gemm: 1
    case .peak: 2
    }
  }

  /// What tells cases from others: each part of their ids of which they share nothing.
  private static func difference(between own: [Group], and others: [Group]) -> String {
    if others.isEmpty { return "the others have none" }
    let parts: [(name: String, value: (CaseID) -> String)] = [
      ("kinds", { $0.kind }), ("subjects", { $0.subject }),
      ("directions", { $0.direction?.rawValue ?? "none" }),
      ("batch sizes", { $0.batch.map { "\($0)" } ?? "none" }),
      ("sequences", { $0.sequence.map { "\($0)" } ?? "none" }),
      ("input sizes", { $0.inputSize.map { "\($0)" } ?? "the usual" }),
      ("classes", { $0.classes.map { "\($0)" } ?? "the usual" }),
      ("ranks", { $0.ranks.map { "\($0)" } ?? "1" }),
      ("machines", { $0.machines.map { "\($0)" } ?? "1" }),
      ("threads", { $0.threads.map { "\($0)" } ?? "all" }),
      ("precisions", { $0.precision?.rawValue ?? "f32" }),
      ("weights", { $0.weights ?? "seeded" }), ("sums", { $0.sums ?? "the usual" }),
      ("engines", { $0.engine ?? "none" }),
    ]
    let told = parts.compactMap { part -> String? in
      let (here, there) = (values(of: own, part.value), values(of: others, part.value))
      guard Set(here).isDisjoint(with: there) else { return nil }
      return "\(part.name) \(list(here)) against \(list(there))"
    }
    return told.isEmpty ? "no id of one is among the others'" : told.joined(separator: "; ")
  }

  private static func values(of groups: [Group], _ value: (CaseID) -> String) -> [String] {
    var values: [String] = []
    for group in groups {
      let name = CaseID(group.name) ?? group.items[0].item.name
      let found = value(name)
      if !values.contains(found) { values.append(found) }
    }
    return values
  }

  private static func list(_ values: [String]) -> String {
    let shown = values.prefix(4).map { String($0.prefix(40)) }.joined(separator: ", ")
    return values.count > 4 ? shown + ", …" : shown
  }
}
