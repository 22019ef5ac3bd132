import Foundation
import Harness

extension Context {
  /// The context of a run on a machine that does not exist; a test changes what it is about.
  ///
  /// - Parameters:
  ///   - cpu: Its name.
  ///   - date: ISO 8601.
  ///   - arguments: The command line without the program's name.
  /// - Returns: A context of fixed values.
  package static func sample(
    cpu: String = "Test CPU", date: String = "2026-11-22T00:00:00Z", arguments: [String] = []
  ) -> Context {
    let text = """
      {"date": "", "kernel": "6.1.0", "compiler": "swift 6.3", "march": "x86-64-v3",
      "machine": {"cpu": "", "architecture": "x86_64", "flags": ["avx2", "fma"], "caches": [],
      "cores": 2, "affinity": 2, "memory_bytes": 8589934592}, "libraries": [], "arguments": [],
      "seed": 1, "clock": {"name": "CLOCK_MONOTONIC_RAW", "cost_ns": 30, "step_ns": 10},
      "noise": {}, "environment": {}}
      """
    do {
      var context = try ResultRecord.decoder().decode(Context.self, from: Data(text.utf8))
      (context.machine.cpu, context.date, context.arguments) = (cpu, date, arguments)
      return context
    } catch {
      preconditionFailure("the sample is no context: \(error)")
    }
  }
}
