import Foundation
import Harness
import TestSupport
import Testing

/// `compare` with git revisions as arms, in a repository whose revisions are scripts and with a
/// `swift` that copies them instead of compiling: all but the compiler is the real thing.
struct RevisionTests {
  private let directory: TemporaryDirectory
  private var repository: String { directory.path("repository") }
  private var builds: String { directory.path("builds.log") }
  private var environment: [String: String] {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return [
      "PATH": directory.path("tools") + ":" + path, "XDG_CACHE_HOME": directory.path("cache"),
      "XDG_DATA_HOME": directory.path("data"), "BUILDS": builds, "GIT_AUTHOR_NAME": "a",
      "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a",
      "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": "/dev/null",
    ]
  }

  /// Revisions, oldest first: no package, 1 ms a call, 1.1 ms a call, and one that does not build.
  init() throws {
    directory = try TemporaryDirectory()
    for name in ["repository", "repository/Sources", "tools"] {
      try FileManager.default.createDirectory(
        atPath: directory.path(name), withIntermediateDirectories: true)
    }
    _ = try executable(
      "tools/swift",
      """
      folder=$(printf '%s\\n' "$@" | tail -n 1)
      echo "$COSTCURVE_MARCH" >> "$BUILDS"
      echo "compiling in $folder"
      if [ -e "$folder/slow" ]; then sleep 30 & echo $! > "$folder/sleeper"; wait; fi
      if [ -e "$folder/broken" ]; then echo "error: cannot find 'x' in scope" >&2; exit 1; fi
      mkdir -p "$folder/.build/release" && cp "$folder/worker" "$folder/.build/release/costcurve"
      """)
    try git("init", "-q", "-b", "main")
    try commit("Sources/README", "")
    _ = try ScriptedWorker.write("repository/worker", in: directory, ns: 1_000_000)
    try commit("Package.swift", "")
    _ = try ScriptedWorker.write("repository/worker", in: directory, ns: 1_100_000)
    try commit("Package.swift", "// slower")
    try commit("broken", "")
    try git("branch", "topic/broken", "HEAD")
    try git("reset", "-q", "--hard", "HEAD~1")
  }

  private func executable(_ name: String, _ script: String) throws -> String {
    try directory.executable(name, script)
  }

  private func git(_ arguments: String...) throws {
    let outcome = try CommandProcess(
      ["git", "-C", repository] + arguments, of: "/usr/bin/env", environment: environment)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
  }

  private func commit(_ name: String, _ text: String) throws {
    _ = try directory.file("repository/" + name, Data(text.utf8))
    try git("add", "-A")
    try git("commit", "-q", "-m", name)
  }

  private func start(_ a: String, _ b: String, _ more: [String]) throws -> CommandProcess.Running {
    let few = ["--filter", "^gemm/256x", "--threads", "1", "--processes", "3", "--pairs", "4"]
    return try CommandProcess.Running(
      ["compare", a, b, "--no-save"] + few + more, environment: environment,
      directory: repository + "/Sources")
  }

  private func compare(_ a: String, _ b: String, _ more: String...) throws -> CommandProcess {
    try start(a, b, more).result()
  }

  private func marches() -> [String] {
    let text = (try? String(contentsOfFile: builds, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  private func cached() -> [String] {
    let files = FileManager.default.enumerator(atPath: directory.path("cache"))
    return (files?.allObjects as? [String] ?? []).filter { !$0.hasSuffix("/.build") }
  }

  @Test func revisionsAreBuiltOnceEach() throws {
    let first = try compare("HEAD~1", "HEAD", "--format", "json")
    #expect(first.status == 2, "\(first.errors)")
    #expect(first.errors.contains("building HEAD~1 ("))
    #expect(first.errors.contains("compiling in "))
    let record = try ResultRecord.decoder().decode(
      ComparisonRecord.self, from: Data(first.output.utf8))
    #expect(record.cases.map(\.verdict) == [.slower])
    #expect(record.arms.allSatisfy { $0.wholeMatch(of: /HEAD(~1)? \([0-9a-f]{12}\)/) != nil })
    // The instruction set of this program, whatever the environment says.
    #expect(marches() == [ContextReader.march, ContextReader.march])
    let again = try compare("HEAD~1", "main", "--quiet")
    #expect(again.status == 2)
    // Nothing was built again; why it ends as it does is said in any case.
    #expect(again.errors.hasPrefix("costcurve: confirmed regression"), "\(again.errors)")
    #expect(again.errors.split(separator: "\n").count == 1, "\(again.errors)")
    #expect(marches().count == 2)
    #expect(cached().filter { $0.contains("sources") }.isEmpty, "sources and objects are kept")
  }

  @Test func allNamesAreLookedUpBeforeAnyBuild() throws {
    for word in ["HEAD~9", "nosuchbranch", "topic/none", "../Sources"] {
      let outcome = try compare("HEAD", word)
      #expect(outcome.status == 5, "\(word): \(outcome.errors)")
      #expect(outcome.errors.contains("'\(word)'"))
    }
    #expect(marches().isEmpty)
  }

  @Test func aRevisionIsWhatWasCommitted() throws {
    _ = try directory.file("repository/worker", Data("changed".utf8))
    let outcome = try compare("HEAD~1", "HEAD")
    #expect(outcome.status == 2)
    let notes = outcome.errors.split(separator: "\n").filter { $0.contains("not part of it") }
    #expect(notes.count == 1, "\(outcome.errors)")
    #expect(notes.first?.contains("HEAD is what was committed") == true)
  }

  @Test func whatDoesNotBuildIsSaid() throws {
    let broken = try compare("HEAD", "topic/broken", "--quiet")
    #expect(broken.status == 3)
    #expect(broken.errors.contains("error: cannot find 'x' in scope"), "\(broken.errors)")
    #expect(broken.errors.contains("does not build"))
    #expect(cached().contains { $0.hasSuffix("sources/broken") }, "nothing is left to look at")
    let early = try compare("HEAD", "HEAD~2")
    #expect(early.status == 3)
    #expect(early.errors.contains("has no Package.swift"))
  }

  @Test func anInterruptedBuildStopsAndIsBegunAgain() throws {
    try commit("slow", "")
    let running = try start("HEAD", "HEAD~1", [])
    func sleeper() -> Int32? {
      guard let name = cached().first(where: { $0.hasSuffix("sources/sleeper") }) else {
        return nil
      }
      let text = try? String(contentsOfFile: directory.path("cache/" + name), encoding: .utf8)
      return text.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    let deadline = Date(timeIntervalSinceNow: 20)
    while sleeper() == nil, Date() < deadline { usleep(10_000) }
    let pid = try #require(sleeper())
    running.send(SIGINT)
    #expect(try running.result().status == 130)
    // A signal takes its time to end a process, and nobody may have collected it then.
    func goesOn() -> Bool {
      let state = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
      return state.map { !$0.contains(") Z ") } ?? false
    }
    let end = Date(timeIntervalSinceNow: 20)
    while goesOn(), Date() < end { usleep(10_000) }
    #expect(!goesOn(), "the build goes on")
    try git("rm", "-q", "slow")
    try git("commit", "-q", "-m", "fast again")
    #expect(try compare("HEAD~2", "HEAD").status == 0)
  }
}
