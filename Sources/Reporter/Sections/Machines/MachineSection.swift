import Economics
import Harness

extension Report {
  /// The machine, the warnings with their remedies, and how to repeat the run.
  var machineSection: Document.Section {
    var blocks: [Document.Block] = []
    if !doubts.isEmpty { blocks.append(.doubts(gathered)) }
    blocks += [.table(machineTable), .commands(commands)]
    return Document.Section(
      id: "machine", title: "The machine and its warnings", short: "Machine",
      lead: doubts.isEmpty
        ? "There is no warning about the measurement."
        : Units.count(doubts.count, "warning")
          + " about the measurement, each with what to do about it.",
      blocks: blocks)
  }

  /// Warnings that ask for the same thing as one, with the first three of them in words.
  private var gathered: [Doubt] {
    doubts.map(\.remedy).unique.map { remedy in
      let alike = doubts.filter { $0.remedy == remedy }.map(\.sentence)
      let more = alike.count > 3 ? " And \(alike.count - 3) more like these." : ""
      return Doubt(alike.prefix(3).joined(separator: " ") + more, remedy: remedy)
    }
  }

  private var machineTable: DataTable {
    let context = record.context
    let machine = context.machine
    let noise = context.noise
    func percent(_ value: Double?) -> String {
      value.map { "\(NumberFormat.significant($0)) %" } ?? "n/a"
    }
    let libraries = context.libraries.map { "\($0.name) \($0.version) (\($0.configuration))" }
    var rows: [(String, String)] = [
      ("Processor", "\(machine.cpu), \(machine.architecture)"),
      (
        "CPUs",
        "\(machine.cores) seen, \(machine.affinity) in the affinity mask, quota "
          + (machine.quota.map { NumberFormat.significant($0) } ?? "none")
      ),
      ("Caches", Self.caches(of: machine)),
      ("Memory", Units.bytes(machine.memoryBytes)),
      ("Hypervisor", machine.hypervisor ?? "none seen"),
      ("Frequency governor", machine.governor ?? "not visible"),
      ("Kernel", context.kernel), ("Compiler", context.compiler),
      ("Instruction set", context.march),
      ("Libraries", libraries.isEmpty ? "none" : libraries.joined(separator: "; ")),
      (
        "Clock",
        "\(context.clock.name), \(NumberFormat.significant(context.clock.costNs)) ns a reading, "
          + "step \(NumberFormat.significant(context.clock.stepNs)) ns"
      ),
      (
        "Noise",
        "steal \(percent(noise.stealPercent)), samples preempted "
          + "\(percent(noise.preemptionPercent)), CPU pressure \(percent(noise.pressurePercent))"
      ),
      (
        "Environment",
        context.environment.isEmpty
          ? "nothing set that matters"
          : Self.assignments(context.environment)
      ),
      ("Seed", "\(context.seed)"), ("Price", Wording.price(record.price)),
      ("Price source", record.price?.source.map(SourceAddress.followable) ?? "n/a"),
    ]
    if let electricity = record.electricity { rows.append(("Electricity", electricity.words)) }
    if let leftOut = context.leftOut {
      rows.append(("Scrubbed variables", Self.assignments(leftOut)))
    }
    return DataTable(
      id: "machine-record", caption: "The machine and the build",
      columns: [.init("What"), .init("Recorded")],
      rows: rows.map { [.init($0.0), .init($0.1)] }, isSortable: false)
  }

  /// `L1 32 KiB, L2 512 KiB, L3 32 MiB shared by 8`.
  static func caches(of machine: Context.Machine) -> String {
    let caches = machine.caches.filter { $0.type != "instruction" }.map {
      "L\($0.level) \(Units.bytes($0.bytes))\($0.sharedBy > 1 ? " shared by \($0.sharedBy)" : "")"
    }
    return caches.isEmpty ? "n/a" : caches.joined(separator: ", ")
  }

  /// `A=1 B=2`, in the order of their names.
  static func assignments(_ variables: [String: String]) -> String {
    variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  private var commands: [Document.Command] {
    let whole = ["costcurve"] + record.context.arguments
    let best = [record.cheapestInference, record.cheapestTraining].compactMap { $0 }
    return [.init(whole.joined(separator: " "), purpose: "repeats the whole run")]
      + best.map { .init($0.repeat, purpose: "repeats \($0.id)") }
      + (measuresNetworks && costs == nil ? [wholeRun] : [])
  }

  /// Where what a single measurement leaves out is to be had.
  private var wholeRun: Document.Command {
    .init(
      "costcurve run --quick",
      purpose: "measures all of the machine and compares it with the published curves and claims")
  }
}
