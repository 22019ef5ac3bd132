import Foundation
import TestSupport
import Testing

/// `Results/write.py` and `Results/tables.py` on records that no machine made: which rows there
/// are, and what they say beside a figure.
struct ResultsScriptsTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Results").standardized.path
  private static let hasPython =
    (try? CommandProcess(["python3", "-c", "pass"], of: "/usr/bin/env"))?.status == 0

  private static let made = #"""
    import json, os, sys
    import tables, write

    def case(id, requests=1, processes=2, algorithm="apeer 1.2, all", ends=(1.1, 1.3), **derived):
      words = id.split("/")
      speedup = derived.pop("speedup", None)
      return {"id": id, "kind": words[0], "algorithm": algorithm, "repeat": "costcurve again",
              "parameters": {"threads": 2, "batch_size": int(words[2][1:]), "network": words[1],
                             "requests": requests,
                             "precision": "int8" if "int8" in words else None},
              "processes": [{}] * processes, "validity": {"ok": True}, "accuracy": {},
              "flop": {"executed": 100.0},
              "statistics": {"median_ns": 1.0, "p05_ns": 1.0, "n": 9,
                             "provisional": processes == 1},
              "derived": {"images_per_second": 100.0, "images_per_second_ci95": [90.0, 110.0],
                          "usd_per_billion_images": 200.0, "percent_of_peak": 50.0,
                          "usd_per_billion_images_ci95": [190.0, 210.0],
                          "first_arm_speedup": speedup,
                          "first_arm_speedup_ci95": list(ends) if speedup else None, **derived}}

    def record(*cases, march="x86-64-v4+vnni", arguments=("run",)):
      return {"cases": list(cases),
              "peaks": [{"threads": 2, "fma_gflops": 200.0},
                        {"threads": 2, "fma_gflops": None, "precision": "int8",
                         "giga_operations_per_second": 400.0}],
              "context": {"march": march, "date": "2026-01-02T", "arguments": list(arguments),
                          "git": {"commit": "c" * 40}, "libraries": [],
                          "machine": {"flags": ["avx2", "avx512_vnni"]}}}

    F32, I8 = "infer/resnet50/b16/t2/", "infer/resnet50/b1/t2/int8/"
    RUN = record(case(F32 + "native"), case(I8 + "native", usd_per_billion_images=150.0))
    """#

  /// Runs assertions on what is made above.
  private func expect(_ assertions: String) throws {
    let outcome = try CommandProcess(
      ["python3", "-c", Self.made + "\n" + assertions], of: "/usr/bin/env",
      environment: ["PYTHONPATH": Self.folder, "PYTHONDONTWRITEBYTECODE": "1"])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test(.enabled(if: hasPython, "needs python3")) func bytesLeadAndWhatIsMissingHasNoRow() throws {
    try expect(
      #"""
      rows = write.results(RUN, [])[2:]
      assert len(rows) == 2, rows
      assert "int8, no answers were compared with labels" in rows[0] and "USD 150" in rows[0], rows
      assert "float32" in rows[1] and "native`, 2 processes |" in rows[1], rows
      int8 = record(case(I8 + "native", speedup=1), case(I8 + "apeer", speedup=1.2))
      int8["context"]["date"] = "2026-01-03T"
      f32 = record(case(F32 + "native", speedup=1), case(F32 + "apeer", speedup=1.3))
      train = record(case("train/resnet50/b16/t2/native", speedup=1),
                     case("train/resnet50/b16/t2/apeer", speedup=1.4, algorithm="t 2.1+cu132, x"))
      rows = write.results(RUN, [int8, f32, train])[2:]
      assert len(rows) == 5, rows
      assert [r.split("|")[2].strip()[:5] for r in rows[1::2]] == ["1.20x", "1.30x"], rows
      assert "2 processes, 2026-01-03, commit `ccccccc` |" in rows[1], rows
      assert "1.40x" in rows[4] and "t 2.1 (CUDA build, run on the CPU)" in rows[4], rows
      assert "+cu" not in "".join(rows)
      """#)
  }

  @Test(.enabled(if: hasPython, "needs python3"))
  func theFastestHasOneRequestInFlightAndTheSameBuild() throws {
    try expect(
      #"""
      ours = record(
        case(I8 + "native", speedup=1), case("infer/resnet50/b1/t2/native-f32", speedup=0.3),
        case(I8 + "apeer", speedup=1.4), case(I8 + "bpeer", speedup=1.2),
        case(I8 + "bpeer-gathered", speedup=0.7, requests=2, images_per_second=300.0),
        case(I8 + "cpeer", speedup=0.9, requests=2, ends=(0.8, 1.1), images_per_second=140.0),
        case("infer/resnet50/b16/t2/int8/dpeer", speedup=1.03, ends=(0.98, 1.05),
             algorithm="dpeer 3.4, all"),
        case(F32 + "apeer-f32", speedup=0.2))
      other = record(case(I8 + "apeer", speedup=0.4), march="x86-64-v3")
      rows = write.results(RUN, [ours, other])[2:]
      assert len(rows) == 3, rows
      assert "`" + I8 + "bpeer`" in rows[1], rows
      told = ("1.20x [1.10, 1.30]; over cpeer with 2 in flight 0.90x [0.800, 1.10], not resolved; "
              "at batch 16 over dpeer 3.4 1.03x [0.980, 1.05], not resolved")
      assert told in rows[1], rows
      """#)
  }

  @Test(.enabled(if: hasPython, "needs python3")) func aFigureSaysWhatLimitsIt() throws {
    try expect(
      #"""
      one = case(I8 + "native", processes=1)
      assert tables.rate_interval(one) == "[90.0, 110] provisional"
      one["derived"]["images_per_second_ci95"] = None
      assert tables.rate_interval(one) == "(no interval: 9 samples of 1 process)"
      one["statistics"]["p05_ns"] = 0.5
      one["derived"]["median_disturbed"] = True
      assert tables.rate_interval(one) == "(no interval: 9 samples of 1 process, disturbed)"
      assert tables.rate_interval(case(F32 + "native")) == "[90.0, 110]"
      assert tables.share_of_peak(case(F32 + "native"), RUN) == "50 %"
      assert tables.share_of_peak(one, RUN) == "50 % (25 % at the median)"
      old = record(case(I8 + "native"), case(I8 + "apeer", speedup=0.4), march="x86-64-v3")
      assert "without VNNI" in tables.without_vnni([old])[0]
      assert tables.without_vnni([record(case(I8 + "apeer"))]) == []
      assert tables.without_vnni([record(case(F32 + "apeer"), march="x86-64-v3")]) == []
      run = record()
      run["context"]["libraries"] = [{"name": "OpenBLAS", "version": "0.3",
                                      "configuration": "core Prescott, 2 threads"}]
      assert "Prescott" in tables.old_kernels(run)[0]
      run["context"]["libraries"][0]["configuration"] = "core Cooperlake, 2 threads"
      assert tables.old_kernels(run) == []
      made = record(arguments=["run", "--rigorous", "--no-save", "--output-folder", "x"])
      assert write.command(made) == "costcurve run --rigorous"
      """#)
  }

  @Test(.enabled(if: hasPython, "needs python3")) func theLiveProofIsToldInOneSentence() throws {
    try expect(
      #"""
      def comparison(part, *verdicts, ratio=1.0):
        return {"part": part, "cases": [{"verdict": v, "ratio": ratio} for v in verdicts]}
      made = {"comparisons": [
        comparison("quiet", "SAME", "UNSTABLE"), comparison("loaded", "SLOWER", "SAME"),
        {"part": "quiet", "failure": "it stopped"},
        comparison("slowed", "SLOWER", "SLOWER", ratio=1.0504),
        comparison("slowed", "SLOWER", "SAME", ratio=1.05),
        comparison("slowed-quick", "SLOWER", "SLOWER", ratio=1.1)]}
      told = ("Of 4 verdicts on equal builds 1 were false alarms and 1 stayed undecided; SLOWER in "
              "both cases were 1 of 2 of builds slowed by 5 % and 1 of 1 of builds slowed by 10 % "
              "(with `--quick`).")
      assert tables.proof_in_short(made) == told, tables.proof_in_short(made)
      """#)
  }

  @Test(.enabled(if: hasPython, "needs python3")) func accuracyIsThatOfTheRunsOwnBuild() throws {
    let folder = try TemporaryDirectory()
    try expect(
      #"""
      folder = "\#(folder.path("."))"
      for name, ratio, march in [("1", 0.9999, "x86-64-v4+vnni"), ("2", 0.9998, "x86-64-v4+vnni"),
                                 ("7bit", 0.5, "x86-64-v3")]:
        made = case("infer/resnet20/b1/t1/int8/w-" + name + "/native")
        made["accuracy"] = {"against_f32": {"top1_ratio": ratio}}
        text = json.dumps(record(made, march=march, arguments=["infer", "--dataset", "d"]))
        with open(os.path.join(folder, "accuracy-" + name + ".json"), "w") as file:
          file.write(text)
      told = (" With trained weights (ResNet-20, `d`, 2 seeds) int8 keeps at least 99.98 % of "
              "float32's top-1.")
      assert write.kept(RUN, folder) == told, write.kept(RUN, folder)
      """#)
  }
}
