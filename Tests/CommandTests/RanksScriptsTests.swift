import Foundation
import TestSupport
import Testing

/// `Benchmarks/Ranks`: its scripts with hosts, launchers and records that are made up here.
@Suite struct RanksScriptsTests {
  private static let folder = DocumentedCommand.package.appendingPathComponent("Benchmarks/Ranks")
    .path
  private static let python = CommandProcess.path(of: "python3")
  private static let commands = [
    "namespaces.py", "trial.py", "exposed.py", "ddp.py", "ddp_worker.py", "model.py", "kills.py",
  ]

  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func run(_ arguments: [String], of program: String? = nil) throws -> CommandProcess {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try CommandProcess(
      arguments, of: program ?? Self.python,
      environment: [
        "PYTHONPATH": Self.folder, "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": "\(directory.path("bin")):\(path)", "COSTCURVE_RANKS_NAME": "costcurve-7",
      ])
  }

  /// What Python prints; a failed test where it ends with an error.
  private func printed(_ script: String) throws -> [String] {
    let outcome = try run(["-c", script])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  /// `ip` and `tc` that write down how they are called, beside what else hosts are made with.
  private func makeTools(tc: String = "exit 0") throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("bin"), withIntermediateDirectories: true)
    let log = directory.path("calls")
    _ = try directory.executable(
      "bin/ip",
      """
      echo "ip $*" >> '\(log)'
      if [ "$*" = 'netns list' ]; then echo 'costcurve-999999999-1 (id: 3)'; echo another; fi
      """)
    _ = try directory.executable("bin/tc", "echo \"tc $*\" >> '\(log)'\n\(tc)")
    for name in ["unshare", "hostname"] { _ = try directory.executable("bin/\(name)", "exit 0") }
  }

  private func calls() throws -> [String] {
    guard FileManager.default.fileExists(atPath: directory.path("calls")) else { return [] }
    return try String(contentsOfFile: directory.path("calls"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  @Test(.enabled(if: python != nil, "needs python3")) func theScriptsAreRead() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
      .filter { $0.hasSuffix(".py") }
    #expect(names.count >= Self.commands.count)
    for name in names {
      let script = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')"
      let outcome = try run(["-c", script, "\(Self.folder)/\(name)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let agent = try run(["-n", "\(Self.folder)/agent"], of: CommandProcess.path(of: "bash"))
    #expect(agent.status == 0, "\(agent.errors)")
  }

  @Test(.enabled(if: python != nil, "needs python3")) func itsReadmeNamesWhatThereIs() throws {
    let readme = try String(contentsOfFile: "\(Self.folder)/README.md", encoding: .utf8)
    var helps = ""
    for name in Self.commands {
      let help = try run(["\(Self.folder)/\(name)", "--help"])
      #expect(help.status == 0, "\(name): \(help.errors)")
      helps += help.output
    }
    let options = Set(readme.matches(of: /--[a-z]+[a-z-]*/).map { String($0.output) })
    #expect(options.count > 10)
    for option in options { #expect(helps.contains(option), "\(option)") }
    for match in readme.matches(of: /`([a-z_]+\.py)`/) {
      let path = "\(Self.folder)/\(match.output.1)"
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    where name.hasSuffix(".py") {
      #expect(readme.contains(name), "\(name)")
    }
  }

  // MARK: Hosts

  @Test(.enabled(if: python != nil, "needs python3")) func hostsAreMadeAndRemoved() throws {
    try makeTools()
    let lines = try printed(
      """
      import os, hosts
      os.geteuid = lambda: 0
      with hosts.Hosts(2, "1gbit") as two:
        print(two.name, *two.addresses)
        two.cut(2)
      """)
    let words = try #require(lines.first).split(separator: " ").map(String.init)
    #expect(words.dropFirst() == ["10.77.0.1", "10.77.0.2"])
    let made = try calls()
    let limits = made.filter { $0.hasPrefix("tc ") }
    #expect(limits.count == 4)
    #expect(
      limits.allSatisfy { $0.hasSuffix("tbf rate 1gbit burst 250000 latency 20ms") }, "\(limits)")
    #expect(made.contains("ip -n \(words[0])-0 link set port2 down"))
    // What a killed run has left goes, too, and nothing else does.
    let gone = made.filter { $0.hasPrefix("ip netns del ") }.map { String($0.dropFirst(13)) }
    #expect(
      Set(gone) == Set(["costcurve-999999999-1"] + (0...2).map { "\(words[0])-\($0)" }),
      "\(gone)")
    #expect(made.last?.hasPrefix("ip netns del ") == true)
  }

  @Test(.enabled(if: python != nil, "needs python3")) func whatThisMachineLacksIsSaid() throws {
    func command(user: Int) throws -> CommandProcess {
      try run([
        "-c",
        """
        import os, sys, namespaces
        os.geteuid = lambda: \(user)
        sys.argv = ["namespaces.py", "--rate", "1gbit", "--", "true"]
        namespaces.main()
        """,
      ])
    }
    try makeTools(tc: "echo 'Error: Specified qdisc kind is unknown.' >&2; exit 2")
    let other = try command(user: 1000)
    #expect(other.status == 77 && other.errors.contains("need root"), "\(other.errors)")
    #expect(try calls().isEmpty)
    let root = try command(user: 0)
    #expect(root.status == 77 && root.errors.contains("sch_tbf"), "\(root.errors)")
    #expect(root.errors.split(separator: "\n").count == 1, "\(root.errors)")
    // All that had been made by then.
    #expect(try calls().count { $0.hasPrefix("ip netns del ") } == 4)
  }

  @Test func theAgentEntersTheHostOfAnAddress() throws {
    try makeTools()
    let agent = "\(Self.folder)/agent"
    let outcome = try run(["-l", "root", "-x", "10.77.0.2", "orted", "--daemon;", "x"], of: agent)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try calls() == [
        "ip netns exec costcurve-7-2 unshare --uts sh -c hostname host2; orted --daemon; x"
      ])
    #expect(try run(["10.77.0.2"], of: agent).status == 64)
  }

  @Test(.enabled(if: python != nil, "needs python3")) func bothLaunchersStartOneRankAHost() throws {
    try makeTools()
    _ = try directory.executable("bin/open", "echo 'mpirun (Open MPI) 4.1.4'")
    _ = try directory.executable("bin/hydra", "echo 'HYDRA build details:'; echo 'Version: 4.0.2'")
    _ = try directory.executable("bin/other", "echo 'another program 1.0'")
    let lines = try printed(
      """
      import hosts, jobs
      two = hosts.Hosts(2)
      for name in ["open", "hydra"]:
        launcher = jobs.Launcher(name)
        print(launcher.version)
        print(*launcher.words(two)[1:])
        print(*launcher.command(None, 3, ["x"])[1:])
      print(two.enter(2, ["a", "b c"])[2])
      for name in ["other", "nowhere-to-be-found"]:
        try:
          jobs.Launcher(name)
        except hosts.Refusal as refusal:
          print("refused")
      """)
    #expect(
      lines == [
        "Open MPI 4.1.4", "--bind-to none --map-by node --host 10.77.0.1:1,10.77.0.2:1",
        "--bind-to none -np 3 x", "MPICH 4.0.2",
        "-hosts 10.77.0.1,10.77.0.2 -launcher rsh -launcher-exec \(Self.folder)/agent -iface eth0",
        "-np 3 x", "exec a 'b c'", "refused", "refused",
      ])
  }

  // MARK: Verdicts

  @Test(.enabled(if: python != nil, "needs python3")) func aStepIsReadFromItsRecord() throws {
    let lines = try printed(
      """
      import copy, jobs, step
      good = {"cases": [{
        "correctness": {"status": "passed"}, "validity": {"ok": True, "reasons": []},
        "parameters": {"batch_size": 16}, "processes": [{"samples_ns": [1e9, 1e9, 4e9]}],
        "derived": {"all_reduce": {
          "ranks": 2, "exposed_ms": 100.0, "exposed_ms_most": 150.0, "library": "an MPI",
          "settings": {}, "link": {"gb_per_s": 0.118, "latency_us": 50.0}}}}]}
      found = step.figures(good, "1gbit")
      print(found["step_ms"], found["exposed_percent"], found["images_per_second"])
      def spoilt(change):
        bad = copy.deepcopy(good)
        change(bad["cases"][0])
        try:
          step.figures(bad, "1gbit")
          print("taken")
        except jobs.Failure as failure:
          print(failure)
      spoilt(lambda case: case["correctness"].update(status="failed"))
      spoilt(lambda case: case["validity"].update(ok=False, reasons=["it is too fast"]))
      spoilt(lambda case: case["derived"].pop("all_reduce"))
      spoilt(lambda case: case["derived"]["all_reduce"]["link"].update(gb_per_s=2.0))
      spoilt(lambda case: case["derived"]["all_reduce"].pop("link"))
      """)
    try #require(lines.count == 6, "\(lines)")
    #expect(lines[0] == "2000.0 5.0 32.0")
    #expect(lines[1].contains("failed") && lines[2].contains("it is too fast"))
    #expect(lines[3].hasPrefix("no step") && lines[4].contains("not over links of 1gbit"))
    #expect(lines[5].contains("not measured"))
  }

  /// The whole interval has to lie on the right side of a limit.
  @Test(.enabled(if: python != nil, "needs python3")) func goalsAreOfWholeIntervals() throws {
    let lines = try printed(
      """
      import exposed, ddp
      def shares(*values, rate="1gbit"):
        return [{"rate": rate, "step_ms": 1000.0, "exposed_ms": 10 * value,
                 "exposed_percent": value, "link_gb_per_s": 0.118} for value in values]
      failed = [{"rate": "1gbit", "failure": "it crashed"}]
      for turns in [shares(8, 9, 10), shares(11, 12.5), shares(20, 21), shares(8) + failed, failed]:
        print(exposed.rows_of(turns, ["1gbit"])[1][0][0])
      print(exposed.rows_of(shares(50, rate="5gbit"), ["5gbit"])[1])
      def race(ours):
        return [{"round": number, "rate": "1gbit", "side": side, "images_per_second": value}
                for number, own in enumerate(ours)
                for side, value in [("ours", own), ("default", 15.0), ("channels-last", 20.0)]]
      for ours in [[30, 30], [34, 34], [20, 34], [22, 22]]:
        rows, verdicts = ddp.rows_of(race(ours), ["1gbit"], ["default", "channels-last"])
        print(rows[0][1], verdicts[0][0], verdicts[0][2].split("; ")[1])
      for parameters in [{}, {"auxiliary_loss_weight": 0.4}]:
        print(ddp.auxiliary_words({"cases": [{"parameters": parameters}]}))
      """)
    #expect(
      lines == [
        "met", "NOT TOLD", "NOT MET", "NOT MET", "NOT MET", "[]",
        "channels-last met 1.6x is not reached", "channels-last met 1.6x is reached",
        "channels-last NOT TOLD 1.6x is not reached", "channels-last NOT MET 1.6x is not reached",
        "[]", "['--auxiliary-weight', '0.4']",
      ])
  }

  @Test(.enabled(if: python != nil, "needs python3")) func predictionsAreHeldToATenth() throws {
    let lines = try printed(
      """
      import model
      def points(*predicted):
        return model.points_of({"points": [
          {"kind": "weak", "ranks": ranks, "step_ms": 100.0, "predicted_step_ms": step,
           "efficiency": 0.9} for ranks, step in enumerate((100.0, *predicted), start=1)]},
          "1gbit", 16)
      failed = [{"rate": "1gbit", "batch_size": 16, "failure": "it crashed"}]
      for found in [points(91.0, 109.0), points(91.0, 111.0), points(100.0) + failed, []]:
        rows, verdicts = model.rows_of(found)
        print(len(rows), verdicts[0][0], verdicts[0][2])
      """)
    #expect(
      lines == [
        "2 met 2 of 2 points", "2 NOT MET 1 of 2 points", "2 NOT MET 1 of 2 points",
        "0 NOT MET 0 of 0 points",
      ])
  }

  @Test(.enabled(if: python != nil, "needs python3")) func everyEndOfATrainingIsJudged() throws {
    let lines = try printed(
      """
      import kills
      def end(kind, code, codes, ended=6.0, orphans=(), spoke=True):
        print(len(kills.faults(kind, 1, {
          "ended_seconds": ended, "orphans": list(orphans), "launcher_code": code, "codes": codes,
          "spoke": spoke})))
      end("hang", 3, {0: 3})
      end("kill", 137, {0: 130, 1: 137}, spoke=False)
      end("cut", None, {0: 3, 1: 3})
      end("cut", 1, {0: 3, 1: 130})
      end("hang", 137, {0: 3})
      end("hang", 3, {0: 3}, spoke=False)
      end("hang", 3, {})
      end("kill", 0, {0: 3})
      end("kill", None, {0: 3})
      end("kill", 137, {0: 7, 1: 137})
      end("cut", None, {0: 3, 1: 139})
      end("hang", 3, {0: 3}, ended=None, orphans=[1])
      good, bad = {"kind": "cut", "faults": []}, {"kind": "cut", "faults": ["it is slow"]}
      for trials in [[good, good], [good, bad], [good], []]:
        print(kills.rows_of(trials, ["cut"], 2, 17)[1][0][0])
      for codes in [{0: 0, 1: 0}, {0: 0}, {0: 0, 1: 3}, {}]:
        print(kills.had_ended(codes, 2, True))
      print(kills.had_ended({0: 0, 1: 0}, 2, False))
      """)
    #expect(
      lines == ["0", "0", "0", "0"] + [String](repeating: "1", count: 8) + [
        "met", "NOT MET", "NOT MET", "NOT MET", "True", "False", "False", "False", "False",
      ])
  }

  @Test(.enabled(if: python != nil, "needs python3")) func imagesAreMadeUpInTheRightFiles() throws {
    let lines = try printed(
      """
      import sys, images
      images.make("\(directory.root)", 20, 4)
      """)
    #expect(lines.isEmpty)
    for (prefix, count) in [("train", 20), ("t10k", 4)] {
      let pixels = try Data(
        contentsOf: URL(fileURLWithPath: directory.path("\(prefix)-images-idx3-ubyte")))
      #expect(pixels.count == 16 + count * 28 * 28)
      #expect(Array(pixels.prefix(8)) == [0, 0, 8, 3, 0, 0, 0, UInt8(count)])
      #expect(Array(pixels[8..<16]) == [0, 0, 0, 28, 0, 0, 0, 28])
      let labels = try Data(
        contentsOf: URL(fileURLWithPath: directory.path("\(prefix)-labels-idx1-ubyte")))
      #expect(Array(labels.prefix(8)) == [0, 0, 8, 1, 0, 0, 0, UInt8(count)])
      #expect(labels.count == 8 + count && labels.dropFirst(8).allSatisfy { $0 <= 1 })
    }
  }
}
