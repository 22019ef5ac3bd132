import Foundation

/// Fills a record's context from this machine and process.
package enum ContextReader {
  /// Variables that change results or speed, by prefix.
  private static let telling = [
    "OPENBLAS_", "OMP_", "GOTO_", "MKL_", "COSTCURVE_", "LD_PRELOAD", "LD_LIBRARY_PATH", "MALLOC_",
  ]

  /// The context of a run.
  ///
  /// - Parameters:
  ///   - noise: Running since before the first sample.
  ///   - outcome: What the workers said of their libraries and samples.
  ///   - seed: Of the orders drawn.
  ///   - arguments: The command line without the program's name.
  ///   - git: The source that the measuring binary was built from; this one's unless given.
  /// - Returns: The context, its date the moment of the call.
  package static func context(
    noise: NoiseMeter, outcome: MeasurementOutcome, seed: UInt64,
    arguments: [String] = Array(CommandLine.arguments.dropFirst()),
    git: Context.Git? = BuildState.git
  ) -> Context {
    var context = Context(
      date: now(), machine: MachineReader.machine(), kernel: MachineReader.kernelRelease(),
      compiler: compiler, march: outcome.march ?? march, libraries: outcome.libraries,
      git: git, arguments: arguments, seed: seed, clock: Clock.shared.record,
      noise: noise.reading(preemptionPercent: outcome.preemptionPercent),
      environment: environment())
    context.noise.controlSpreadPercent = outcome.controlSpreadPercent
    if !outcome.neverQuiet.isEmpty { context.noise.neverQuiet = outcome.neverQuiet }
    let leftOut = LeftOutVariables.values(in: ProcessInfo.processInfo.environment)
    if !leftOut.isEmpty { context.leftOut = leftOut }
    return context
  }

  /// The moment in UTC, ISO 8601.
  package static func now() -> String {
    let formatter = ISO8601DateFormatter()
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    return formatter.string(from: Date())
  }

  /// The variables in force that change results or speed.
  package static func environment(
    _ all: [String: String] = ProcessInfo.processInfo.environment
  ) -> [String: String] {
    all.filter { variable in
      // What a build was told changes no measurement.
      telling.contains { variable.key.hasPrefix($0) } && variable.key != "COSTCURVE_COMMIT"
        && !LeftOutVariables.carries(variable.key)
    }
  }

  /// The compiler that built this binary, as far as it can be told from inside.
  package static var compiler: String {
    #if compiler(>=6.4)
      "swift 6.4 or later"
    #elseif compiler(>=6.3)
      "swift 6.3"
    #elseif compiler(>=6.2)
      "swift 6.2"
    #else
      "swift 6.1"
    #endif
  }

  /// The instruction set that this binary was built for, as `COSTCURVE_MARCH` names it.
  package static var march: String { level + additions.map { "+" + $0 }.joined() }

  private static var level: String {
    #if COSTCURVE_AVX512
      "x86-64-v4"
    #elseif COSTCURVE_AVX2
      "x86-64-v3"
    #elseif arch(x86_64)
      "x86-64"
    #else
      "native"
    #endif
  }

  private static var additions: [String] {
    var names: [String] = []
    #if COSTCURVE_VNNI
      names.append("vnni")
    #endif
    #if COSTCURVE_BF16
      names.append("bf16")
    #endif
    #if COSTCURVE_AVXVNNI
      names.append("avxvnni")
    #endif
    return names
  }
}
