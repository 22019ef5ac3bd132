import Foundation
import TestSupport
import Testing

/// `costcurve peers` beside peers that a script stands for.
struct PeersCommandTests {
  private static let canRace =
    CommandProcess.path(of: "python3") != nil && ProcessInfo.processInfo.activeProcessorCount > 1

  /// Every call takes ten seconds an image, by its own account.
  private static let worker = """
    import json, os, sys
    from urllib.parse import unquote
    names = ["slow", "slow-gathered", "slow-throughput"]
    for line in sys.stdin:
        words = line.split()
        reply = {"ok": True}
        if words[0] == "hello":
            reply |= {"protocol": 1, "worker": "peers", "march": "peer", "libraries": [
                {"name": name, "version": "", "configuration": "installed"} for name in names]}
        elif words[0] == "prepare":
            given = {k: unquote(v) for k, v in (word.split("=", 1) for word in words[2:])}
            files = [given.get(key, "") for key in ("onnx", "input-0", "expected-0")]
            isQuantized = "/int8/" in words[1]
            if not all(map(os.path.exists, files)) or given["shape-0"].count(",") != 3 \\
                    or isQuantized != given["onnx"].endswith("model-int8.onnx"):
                print(json.dumps({"ok": False, "error": f"got {given}", "code": 1}), flush=True)
                continue
            several = not words[1].endswith("slow")
            images = 2 if several else 1
            reply["case"] = {
                "id": words[1], "kind": "infer", "algorithm": "slow 1.0",
                "parameters": {"tolerance": float(given.get("tolerance", 0))},
                "threads": 2, "requests_in_flight": images,
                "batching": "gathered" if words[1].endswith("gathered")
                    else "concurrent" if several else "single",
                "origin": {"name": "slow", "version": "1.0"},
                "flop": {"direct": 0, "executed": 0}, "images_per_call": images,
                "bytes_per_call": None}
        elif words[0] == "check":
            reply["correctness"] = {"status": "passed", "max_error": 0}
        elif words[0] == "run":
            faster = 2 if several else 1
            reply |= {"samples_ns": [1e10 * images / faster], "flags": [""],
                      "calls_per_sample": 1, "warmup_ns": [], "peak_memory_bytes": 4096}
        print(json.dumps(reply), flush=True)
        if words[0] == "quit":
            break
    """

  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func eachRuntimeIsComparedWithOursWithAsManyRequests() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file("worker.py", Data(Self.worker.utf8))
    let python = try #require(CommandProcess.path(of: "python3"))
    func compare(threads: Int, processes: Int, _ more: [String] = ["--full"]) throws -> String {
      let outcome = try CommandProcess(
        [
          "peers", "--network", "resnet20", "--batch-size", "1", "--threads", "\(threads)",
          "--processes", "\(processes)", "--duration", "500ms", "--no-save", "--python", python,
          "--peers-folder", folder.root,
        ] + more, environment: ["OPENBLAS_CORETYPE": "Prescott"], timeout: 240)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    let two = try compare(threads: 2, processes: 2)
    for arm in ["native ", "native-gathered ", "slow ", "slow-gathered ", "slow-throughput "] {
      // Beside other tests intervals may be so wide that the table breaks its longest names.
      #expect(two.contains("\n  \(arm.prefix(13))"), "\(arm): \(two)")
    }
    // A larger batch is not compared with one request.
    #expect(two.contains("native over the best external runtime, slow-throughput: "), "\(two)")
    #expect(two.contains("native-gathered over the best with as many in-flight requests, slow-"))
    #expect(two.contains("A row named -gathered is dynamically batched"))
    // On one screen too, it says what a ratio is of, and what is to be said of the machine.
    let one = try compare(threads: 1, processes: 1, []).replacing(/\s+/, with: " ")
    #expect(!one.contains("gathered"), "\(one)")
    #expect(one.contains("Ratio: how many times as fast the first row is, per image"), "\(one)")
    #expect(one.contains("an hour, "), "\(one)")
    #expect(one.contains("OPENBLAS_CORETYPE=Prescott was scrubbed"), "\(one)")
  }

  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func aModelOfAFileIsGivenToPeersAsItIs() throws {
    let (folder, files) = (try TemporaryDirectory(), try ModelFiles())
    let model = try files.network("resnet20", ["--batch-size", "2"])
    _ = try folder.file("worker.py", Data(Self.worker.utf8))
    let python = try #require(CommandProcess.path(of: "python3"))
    let outcome = try CommandProcess(
      [
        "peers", "--model", model, "--threads", "1", "--processes", "1", "--duration", "300ms",
        "--no-save", "--python", python, "--peers-folder", folder.root, "--full",
      ], timeout: 120)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("\n  slow "), "\(outcome.output) \(outcome.errors)")
    #expect(outcome.errors.contains("batch 2, 1 thread"), "\(outcome.errors)")
  }

  /// One file for all, ours in float32 in the same blocks, and what outputs may differ by.
  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func lowerPrecisionIsComparedBesideFloat32() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file("worker.py", Data(Self.worker.utf8))
    let python = try #require(CommandProcess.path(of: "python3"))
    func compare(_ more: [String]) throws -> String {
      let outcome = try CommandProcess(
        [
          "peers", "--network", "resnet20", "--batch-size", "1", "--threads", "1", "--processes",
          "1", "--duration", "300ms", "--no-save", "--python", python, "--peers-folder",
          folder.root,
        ] + more, environment: ["XDG_CACHE_HOME": folder.root], timeout: 240)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    let bytes = try compare(["--precision", "int8", "--beside-f32", "all", "--full"])
    for arm in ["native ", "native-f32 ", "slow ", "slow-f32 "] {
      #expect(bytes.contains("\n  \(arm)"), "\(arm): \(bytes)")
    }
    #expect(!bytes.contains("native-direct") && bytes.contains("/t1/int8"), "\(bytes)")
    let words = bytes.replacing(/\s+/, with: " ")
    #expect(words.contains("native over our own float32: "), "\(words)")
    #expect(words.contains("differs most from ours, by 0 % of the largest, "), "\(words)")
    let half = try compare(
      ["--precision", "bf16", "--format", "json", "--beside-f32", "none", "--seed", "2"])
    #expect(half.contains("--threads 1 --seed 2 --precision bf16 --beside-f32 none"), "\(half)")
    #expect(try PublishedSchema.named("costcurve.result").violations(in: Data(half.utf8)) == [])
    #expect(half.contains("/t1/native\"") && half.contains("/t1/bf16/slow\""), "\(half)")
    #expect(!half.contains("/bf16/native"), "\(half)")
  }

  /// Of a file that is quantized external runtimes have no float32, and what repeats the cheapest names
  /// the seed.
  @Test(.enabled(if: canRace, "needs python3 and two CPUs"))
  func aQuantizedFileIsSearchedInInt8ByExternalRuntimes() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file("worker.py", Data(Self.worker.replacing("1e10", with: "1.0").utf8))
    let python = try #require(CommandProcess.path(of: "python3"))
    func run(_ arguments: [String]) throws -> CommandProcess {
      let outcome = try CommandProcess(
        arguments + ["--threads", "1"], environment: ["XDG_CACHE_HOME": folder.root],
        timeout: 240)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome
    }
    let model = folder.path("model-int8.onnx")
    _ = try run(["quantize", "--network", "resnet20", "--seeded", "-o", model])
    let found = try run([
      "infer", "--model", model, "--cheapest", "--precision", "f32,int8", "--engine", "native",
      "--batch-size", "1", "--quick", "--duration", "20ms", "--no-save", "--seed", "2", "--peers",
      "--only", "^slow$", "--python", python, "--peers-folder", folder.root, "--format", "json",
    ])
    #expect(found.errors.contains("in int8 alone"), "\(found.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any])
    let configurations = try #require(answer["configurations"] as? [[String: Any]])
    let names = configurations.map { "\($0["engine"] ?? "") \($0["precision"] ?? "")" }
    #expect(names.sorted() == ["native f32", "native int8", "slow int8"], "\(found.output)")
    #expect((answer["refusals"] as? [Any])?.isEmpty == true, "\(found.output)")
    let line = try #require(answer["repeat"] as? String, "\(found.output)")
    #expect(
      line.hasSuffix(" --seed 2 --batch-size 1 --threads 1 --precision int8 --only '^slow$'"),
      "\(line)")
  }

  @Test func refusesPrecisionsWhereTheyHaveNoMeaning() throws {
    let cases = [
      (["--calibration", "x.npy"], "--calibration is for --precision int8"),
      (["--beside-f32", "all"], "--beside-f32 is for --precision"),
      (["--train", "--precision", "int8"], "--precision int8 is for inference"),
      (["--versions", "--precision", "bf16"], "leave --precision out"),
    ]
    for (arguments, words) in cases {
      let outcome = try CommandProcess(["peers", "--network", "resnet20"] + arguments, timeout: 60)
      #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }
}
