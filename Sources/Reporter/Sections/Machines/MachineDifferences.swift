import Harness

extension Report {
  /// What tells the machines and builds of the report's runs apart; nil for one run.
  var machineDifferences: DataTable? {
    let runs = [record] + others
    return Self.differences(between: runs, heads: runs.indices.map { "Run \($0 + 1)" })
  }

  /// What tells the machines and builds of several runs apart: a row for each thing that is not the
  /// same in all of them, and the names of those that are.
  ///
  /// - Parameters:
  ///   - runs: Any number.
  ///   - heads: What each is called.
  /// - Returns: Nil for fewer than two, and where nothing differs.
  static func differences(between runs: [ResultRecord], heads: [String]) -> DataTable? {
    guard runs.count > 1 else { return nil }
    var (rows, alike): ([[DataTable.Cell]], [String]) = ([], [])
    for (name, value) in traits {
      let texts = runs.map(value)
      if Set(texts).count > 1 {
        rows.append([.init(name)] + texts.map { .init($0) })
      } else {
        alike.append(name == "CPUs" ? name : name.lowercased())
      }
    }
    guard !rows.isEmpty else { return nil }
    let same = alike.isEmpty ? "" : "; the same in all: \(Wording.list(alike))"
    return DataTable(
      id: "differences", caption: "What differs between the machines and builds" + same,
      columns: [.init("What")] + heads.map { .init($0) }, rows: rows, isSortable: false)
  }

  /// What a run says of its machine and build, in words.
  private static let traits: [(String, @Sendable (ResultRecord) -> String)] = [
    ("Processor", { $0.context.machine.processor }),
    (
      "CPUs",
      { "\($0.context.machine.usableCPUs) of \($0.context.machine.cores)" }
    ),
    ("Caches", { caches(of: $0.context.machine) }),
    ("Memory", { Units.bytes($0.context.machine.memoryBytes) }),
    ("Hypervisor", { $0.context.machine.hypervisor ?? "none seen" }),
    ("Frequency governor", { $0.context.machine.governor ?? "not visible" }),
    ("Instruction set", { $0.context.march }),
    (
      "Threads of the cheapest inference",
      { $0.cheapestInference?.name.threads.map { "\($0)" } ?? "n/a" }
    ),
    (
      "Libraries",
      { run in
        let names = run.context.libraries.map { "\($0.name) \($0.version)" }
        return names.isEmpty ? "none" : names.joined(separator: ", ")
      }
    ),
    ("Compiler", { $0.context.compiler }), ("Kernel", { $0.context.kernel }),
    ("Commit", { $0.context.git.map { "\($0.commit.prefix(10))\($0.dirty ? "+" : "")" } ?? "n/a" }),
    (
      "Environment",
      { $0.context.environment.isEmpty ? "nothing set" : assignments($0.context.environment) }
    ),
    ("Preset", { $0.extent?.preset ?? "n/a" }), ("Price", { Wording.price($0.price) }),
  ]
}
