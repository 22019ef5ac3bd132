import Foundation
import TestSupport
import Testing

/// `Benchmarks/RegressionProof`: what its script needs of the sources, and what its report says.
struct RegressionProofTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Benchmarks/RegressionProof").standardized.path
  private static let hasPython =
    (try? CommandProcess(["python3", "-c", "pass"], of: "/usr/bin/env"))?.status == 0

  private func python(_ arguments: String...) throws -> CommandProcess {
    try CommandProcess(
      ["python3"] + arguments, of: "/usr/bin/env",
      environment: ["PYTHONPATH": Self.folder, "PYTHONDONTWRITEBYTECODE": "1"])
  }

  /// The report of made-up results; `change` is Python that spoils `made`.
  private func report(_ change: String) throws -> CommandProcess {
    let folder = try TemporaryDirectory()
    let path = folder.path("proof.json")
    let script = """
      import proof
      def whole(verdict, ratio):
        times = [1000000 + 1000 * (n % 7) for n in range(16)]
        process = {"a": times, "b": [round(ratio * t) for t in times], "control": times,
                   "clean": [True] * 16}
        return {"id": "gemm", "verdict": verdict, "ratio": ratio, "ci99": [ratio, ratio],
                "margin": 0.02, "control": None, "confirmed": None,
                "regression": verdict == "SLOWER", "clean_percent": 100, "steal_percent": 0,
                "reason": "", "earlier_sets": [], "processes": [process] * 10}
      def case(verdict, ratio):
        return proof.slim(whole(verdict, ratio))
      made = []
      for part, count in proof.ASKED.items():
        verdict, ratio = ("SAME", 1.0) if part in proof.ALIKE else ("SLOWER", 1.05)
        made += [{"part": part, "seed": 1, "begun": "", "seconds": 20.0,
                  "cases": [case(verdict, ratio), case(verdict, ratio)]} for _ in range(count)]
      \(change)
      proof.write("\(path)", {"commit": "c" * 40, "march": "m", "cpu": "p", "options": [],
                              "comparisons": made})
      """
    let written = try python("-c", script)
    try #require(written.status == 0, "\(written.errors)")
    return try python("\(Self.folder)/proof.py", "--results", path, "report")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func theSourcesCanBeSlowedDown() throws {
    let script = """
      import os, proof
      for name in proof.WORKLOADS:
        with open(os.path.join(proof.ROOT, "Sources/Workloads", name)) as file:
          text = file.read()
          assert "private func work()" in proof.slowed(text)
          assert "(end &- begin) / 10 {}" in proof.slowed(text, 10)
      print(proof.CASES, end="")
      """
    let slowed = try python("-c", script)
    #expect(slowed.status == 0, "\(slowed.errors)")
    let cases = try CommandProcess([
      "compare", "native", "native", "--filter", slowed.output, "--threads", "1", "--list",
    ])
    #expect(cases.output.split(separator: "\n").count == 2, "\(cases.output)")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func whatIsMetIsSaid() throws {
    let outcome = try report("")
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("* met: ") } == 11)
    #expect(outcome.output.contains("quiet, Welch's test at 5 %: false alarms in 0 of 32 (0 %)"))
  }

  /// 16 quiet comparisons come first, then 16 loaded ones; the 10 of each slower build come last.
  ///
  /// Of alike binaries there are 208 comparisons with 416 verdicts, so one may be an alarm.
  @Test(
    .enabled(if: hasPython, "needs python3"),
    arguments: [
      ("made[25]['cases'][1]['verdict'] = 'FASTER'", 0, "alike binaries: 1 among 416 verdicts"),
      (
        "made[25]['cases'][1]['verdict'] = made[200]['cases'][0]['verdict'] = 'SLOWER'", 1,
        "alike binaries: 2 among 416 verdicts"
      ),
      ("made[25] = {**made[25], 'cases': [], 'failure': 'exit 3: it crashed'}", 1, "it crashed"),
      ("made.pop()", 1, "9 of 10 comparisons made"),
      (
        "for n in range(17): made[n // 2]['cases'][n % 2]['verdict'] = 'INCONCLUSIVE'", 1,
        "SAME, quiet: 15 of 32"
      ),
      (
        "for n in range(16): made[n // 2]['cases'][n % 2]['verdict'] = 'INCONCLUSIVE'", 0,
        "SAME, quiet: 16 of 32"
      ),
      ("made[-1]['cases'][0]['verdict'] = 'UNSTABLE'", 0, "slowed-quick: 9 of 10 in both"),
      ("made[-11]['cases'][0]['verdict'] = 'UNSTABLE'", 0, "slowed: 9 of 10 in both"),
      ("made[-1]['cases'][0]['verdict'] = made[-2]['cases'][1]['verdict'] = 'SAME'", 1, "8 of 10"),
    ])
  func whatIsNotMetIsSaid(_ change: String, _ status: Int32, _ words: String) throws {
    let outcome = try report(change)
    #expect(outcome.status == status, "\(outcome.output) \(outcome.errors)")
    #expect(outcome.output.contains(words), "\(outcome.output)")
    #expect(outcome.output.contains("NOT MET") == (status == 1))
  }

  /// A comparison that failed names no CPU; results of two CPUs, or of two builds' instruction sets,
  /// are never added up.
  @Test(.enabled(if: hasPython, "needs python3")) func resultsAreOfOneCPU() throws {
    let script = """
      import proof
      results = {"comparisons": []}
      proof.add(results, {"seed": 1, "failure": "no end"})
      assert "cpu" not in results, results
      proof.add(results, {"seed": 2, "cpu": "one", "march": "m"})
      proof.add(results, {"seed": 3, "failure": "no end"})
      assert results == {"cpu": "one", "march": "m", "comparisons": [
        {"seed": 1, "failure": "no end"}, {"seed": 2}, {"seed": 3, "failure": "no end"}]}, results
      try:
        proof.add(results, {"seed": 4, "cpu": "one", "march": "n"})
        print("added")
      except SystemExit as refusal:
        print(refusal)
      proof.add(results, {"seed": 4, "cpu": "another"})
      """
    let outcome = try python("-c", script)
    #expect(outcome.status == 1)
    #expect(outcome.output == "these results are of 'm' and this is 'n': move them away\n")
    #expect(
      outcome.errors == "these results are of 'one' and this is 'another': move them away\n")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func driftOfTheMachineIsASequentialAlarm() throws
  {
    let outcome = try report(
      """
      one = whole("SAME", 1.0)
      late = {**one['processes'][0], 'b': [round(1.03 * t) for t in one['processes'][0]['b']]}
      one['processes'] = one['processes'][:5] + [late] * 5
      made[0]['cases'][0] = proof.slim(one)
      """)
    #expect(outcome.output.contains("quiet, Welch's test at 5 %: false alarms in 1 of 32"))
    #expect(outcome.output.contains("quiet, medians beyond the margin: false alarms in 1 of 32"))
  }
}
