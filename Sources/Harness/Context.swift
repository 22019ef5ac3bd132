import Foundation

/// Where, when and with what a record was made.
package struct Context: Codable, Hashable, Sendable {
  /// UTC, ISO 8601.
  package var date: String
  package var machine: Machine
  /// Kernel release of the operating system.
  package var kernel: String
  package var compiler: String
  /// Instruction set that the binary was built for, such as `x86-64-v3`.
  package var march: String
  package var libraries: [Library]
  @Nullable package var git: Git?
  package var arguments: [String]
  /// When an interrupted run was taken up again; absent where it was not.
  ///
  /// The noise is that of the last part.
  package var resumed: [String]?
  package var seed: UInt64
  package var clock: ClockRecord
  package var noise: NoiseRecord
  /// `OPENBLAS_*` and other variables in force that change results or speed.
  package var environment: [String: String]
  /// `LeftOutVariables` that were set and that no measurement got, with their values; absent where
  /// there were none.
  package var leftOut: [String: String]?

  /// The processor, its caches and what of it this process may use.
  package struct Machine: Codable, Hashable, Sendable {
    package var cpu: String
    /// Family, model and stepping as the CPU numbers them; several designs are sold under one name.
    ///
    /// Null where the kernel does not tell, and in older records.
    @Nullable package var family: Int?
    @Nullable package var model: Int?
    @Nullable package var stepping: Int?
    package var architecture: String
    package var flags: [String]
    package var caches: [Cache]
    /// CPUs that the guest sees.
    package var cores: Int
    /// CPUs of this process's affinity mask.
    package var affinity: Int
    /// CPUs' worth of time that the container may use; null where there is no limit.
    @Nullable package var quota: Double?
    @Nullable package var hypervisor: String?
    @Nullable package var governor: String?
    package var memoryBytes: Int

    /// CPUs that the process could use: those of its affinity mask, or of the container's quota
    /// where that is less; at least 1.
    package var usableCPUs: Int { Self.usable(affinity, quota: quota) }

    static func usable(_ affinity: Int, quota: Double?) -> Int {
      max(1, min(affinity, quota.map { Int(min($0, 1e6).rounded(.up)) } ?? affinity))
    }

    /// `family 25, model 17, stepping 1`; nil where the kernel does not tell.
    package var design: String? {
      let parts = [("family", family), ("model", model), ("stepping", stepping)].compactMap {
        name, number in number.map { "\(name) \($0)" }
      }
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// The name with the design, where that is known.
    package var processor: String { design.map { "\(cpu) (\($0))" } ?? cpu }

    /// Whether both have the same processor, as far as both say which.
    package func hasProcessor(of other: Machine) -> Bool {
      guard cpu == other.cpu else { return false }
      guard let design, let theirs = other.design else { return true }
      return design == theirs
    }
  }

  /// One cache as the kernel describes it for CPU 0.
  package struct Cache: Codable, Hashable, Sendable {
    package var level: Int
    /// `data`, `instruction` or `unified`.
    package var type: String
    package var bytes: Int
    package var sharedBy: Int
    package init(level: Int, type: String, bytes: Int, sharedBy: Int) {
      (self.level, self.type, self.bytes, self.sharedBy) = (level, type, bytes, sharedBy)
    }
  }

  /// A library really loaded, with what it says of itself.
  package struct Library: Codable, Hashable, Sendable {
    package var name: String
    package var version: String
    /// For OpenBLAS: the core that it chose and its thread count.
    package var configuration: String
    package init(name: String, version: String, configuration: String) {
      (self.name, self.version, self.configuration) = (name, version, configuration)
    }
  }

  /// State of the source that the binary was built from.
  package struct Git: Codable, Hashable, Sendable {
    package var commit: String
    package var dirty: Bool
    package init(commit: String, dirty: Bool) { (self.commit, self.dirty) = (commit, dirty) }
  }

  package struct ClockRecord: Codable, Hashable, Sendable {
    package var name: String
    package var costNs: Double
    package var stepNs: Double
  }

  /// What the machine did to the whole run.
  package struct NoiseRecord: Codable, Hashable, Sendable {
    /// Share of CPU time stolen by the hypervisor during the run, in percent.
    @Nullable package var stealPercent: Double?
    /// Samples during which the process was preempted, in percent.
    @Nullable package var preemptionPercent: Double?
    /// Share of the run in which work waited for a CPU, in percent; older records have that of its
    /// last ten seconds.
    @Nullable package var pressurePercent: Double?
    /// Share of the CPU time that processes other than the run's used, in percent.
    package var otherProcessesPercent: Double?
    /// What the machine did just before the run.
    package var before: MachineLook?
    /// Relative interquartile range of the one-thread FMA probe, which touches registers only, in
    /// percent: what moves there is the machine.
    package var controlSpreadPercent: Double?
    /// Cases that were timed though the machine was not quiet for as long as they could wait.
    package var neverQuiet: [String]?
  }
}
