import Harness

extension Report {
  /// The report as headings, figures, tables and charts, in the order in which they are read.
  package var document: Document {
    Document(
      title: "costcurve: \(subject)",
      heading: subject,
      subtitle: subtitle, notice: notice,
      sections: [
        answerSection, comparisonSection, sweepSection, scenarioSection, networkSection,
        energySection, costSection, computeSection, generationSection, versions?.section,
        kernelSection, claimSection, latencySection, learningSection, historySection,
        machineSection,
      ].compactMap { $0 },
      footer: recordFile.map {
        "Made by costcurve from \($0), which has every figure of this run."
      } ?? "")
  }

  /// Whether inference or training was measured, and not kernels and rooflines alone.
  package var measuresNetworks: Bool {
    ([record] + others).contains { run in
      run.cases.contains { $0.kind.isNetwork }
    }
  }

  /// The processor with what of it may be used.
  package var machineName: String {
    let machine = record.context.machine
    let available = machine.affinity
    return "\(machine.cpu.clipped(to: 80)), \(Units.count(available, "CPU"))"
  }

  /// The machine, or in a few words what stands side by side.
  private var subject: String {
    guard !others.isEmpty else { return machineName }
    let names = ([record] + others).map { $0.context.machine.cpu.clipped(to: 24) }
    guard names.unique.count > 1 else { return "\(names.count) runs of \(names[0])" }
    let more = names.unique.count > 2 ? " and \(names.unique.count - 2) more" : ""
    return names.unique.prefix(2).joined(separator: ", ") + more
  }

  /// What the run could not establish; nil where its machine was quiet and its peaks were.
  private var notice: Document.Notice? {
    .init(
      record.validity ?? RunValidity(of: record), on: record.context.noise,
      busy: "The machine was busy while this was measured, so these are not the figures of the "
        + "machine: rates are too low, costs too high, and what could not be measured is left out."
    )
  }

  /// Whether something else ran beside the measurement, so that a rate is less than the machine's.
  var machineWasBusy: Bool { record.context.noise.isBusy }

  private var subtitle: String {
    let context = record.context
    let date = context.date.prefix(16).replacing("T", with: " ")
    let git = context.git.map { ", commit \($0.commit.prefix(10))\($0.dirty ? " (changed)" : "")" }
    return
      "Measured \(date) UTC\(git ?? ""), \(context.march), Linux \(context.kernel.clipped(to: 40))"
  }
}
