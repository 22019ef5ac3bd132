import Harness

extension Document {
  /// What a machine does to measurements, and what to do about it.
  package init(_ findings: Doctor.Findings) {
    let warnings = Warning.all(of: ResultRecord(context: findings.context))
    var sections = [
      Section(
        id: "answer", title: "What this machine can see", short: "Answer",
        lead: Self.lead(findings), blocks: [.table(Self.noise(findings))]),
      Section(
        id: "controls", title: "Control workloads", short: "Controls",
        lead: "Work that never varies; what moves here is the machine.",
        blocks: [.table(Self.canaries(findings))]),
    ]
    if !warnings.isEmpty {
      sections.append(
        Section(
          id: "remedies", title: "What to do", short: "Remedies", lead: "",
          blocks: [.doubts(warnings.map(Report.Doubt.init))]))
    }
    self.init(
      title: "The noise of this machine",
      subtitle: "\(findings.context.machine.cpu), \(findings.context.date)",
      notice: .init(
        findings.validity ?? RunValidity(doubts: RunValidity.ofMachine(findings.context.noise)),
        on: findings.context.noise,
        busy: "The machine was busy while it was looked at: this is its noise beside other work, "
          + "not its own."),
      sections: sections)
  }

  private static func lead(_ findings: Doctor.Findings) -> String {
    let smallest = findings.smallestVisiblePercent.map { Units.percent($0, digits: 2) } ?? "n/a"
    return "The smallest slowdown of a short kernel that 'compare' finds here 19 times in 20 is "
      + "\(smallest). Identical code came out different in "
      + "\(Units.percent(findings.falseVerdictPercent, digits: 2)) of interleaved comparisons, "
      + "and in \(Units.percent(findings.sequentialFalsePercent, digits: 2)) of those that run one "
      + "side after the other with Welch's test at 5 %."
  }

  private static func noise(_ findings: Doctor.Findings) -> DataTable {
    let noise = findings.context.noise
    let percent: (Double?) -> DataTable.Cell = {
      .init($0.map { Units.percent($0) } ?? "not told by this kernel", number: $0)
    }
    let nanoseconds: (Double) -> DataTable.Cell = { .init(Units.nanoseconds($0), number: $0) }
    let clock = findings.context.clock
    let rows: [[DataTable.Cell]] = [
      [.init("CPU time used by other processes"), percent(noise.otherProcessesPercent)],
      [.init("CPU time stolen by the hypervisor"), percent(noise.stealPercent)],
      [.init("Samples interrupted by other processes"), percent(noise.preemptionPercent)],
      [.init("Work waiting for a CPU"), percent(noise.pressurePercent)],
      [.init("Reading \(clock.name)"), nanoseconds(clock.costNs)],
      [.init("Smallest step of the clock"), nanoseconds(clock.stepNs)],
      [.init("Identical code called SAME"), percent(findings.samePercent)],
      [.init("Pairs that this rests on"), .init(count: findings.pairs)],
    ]
    return DataTable(
      id: "noise", caption: "Noise during these ten seconds",
      columns: [.init("What"), .init("Found", isNumber: true)], rows: rows)
  }

  private static func canaries(_ findings: Doctor.Findings) -> DataTable {
    DataTable(
      id: "controls", caption: "Spread of constant work",
      columns: [
        .init("Probe"), .init("Median", isNumber: true), .init("Middle half", isNumber: true),
        .init("99th percentile", isNumber: true), .init("Samples", isNumber: true),
      ],
      rows: findings.canaries.map { canary in
        [
          .init(canary.id), .init(Units.nanoseconds(canary.medianNs), number: canary.medianNs),
          .init(Units.percent(100 * canary.relativeIqr), number: canary.relativeIqr),
          .init("\(Units.number(canary.tail)) × median", number: canary.tail),
          .init(count: canary.samples),
        ]
      })
  }
}
