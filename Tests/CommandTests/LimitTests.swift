import Foundation
import TestSupport
import Testing

/// Places that allow little: each command works there, or says in a sentence what is missing.
struct LimitTests {
  private static let canUnshare =
    (try? CommandProcess(["-m", "true"], of: CommandProcess.path(of: "unshare") ?? "/bin/false"))
    .map { $0.status == 0 } ?? false

  private func shell(_ script: String, _ arguments: String...) throws -> CommandProcess {
    try CommandProcess(
      ["-c", script, try CommandProcess.binary().path] + arguments, of: "/bin/bash", timeout: 30)
  }

  /// OpenBLAS starts a thread per CPU while it is loaded, and waits for it for ever at the end.
  @Test func nothingThatStartsThreadsIsLoadedWithTheProgram() throws {
    let libraries = try shell("LD_TRACE_LOADED_OBJECTS=1 exec \"$0\"")
    #expect(libraries.output.contains("libc.so"), "\(libraries.errors)")
    #expect(!libraries.output.contains("blas"), "\(libraries.output)")
    let version = try shell("ulimit -v 250000; exec \"$0\" --version")
    #expect(version.status == 0, "\(version.errors)")
  }

  @Test(.enabled(if: CommandProcess.path(of: "taskset") != nil, "needs taskset"))
  func aPriceIsForTheCPUsThatMayBeUsed() throws {
    let first = try shell("taskset -pc $$ | sed 's/.*: //; s/[-,].*//'").output
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let cost = try shell("taskset -c \(first) \"$0\" cost --images-per-second 100")
    #expect(cost.output.contains("times 1 CPUs"), "\(cost.output) \(cost.errors)")
  }

  @Test func aTableWorksWithoutAHomeOrWithFewDescriptors() throws {
    for script in [
      "env -u HOME -u XDG_DATA_HOME \"$0\" list networks", "HOME=/nowhere \"$0\" list networks",
      "ulimit -n 8; \"$0\" list networks", "TERM=dumb \"$0\" list networks",
    ] {
      let outcome = try shell(script)
      #expect(outcome.status == 0 && outcome.output.contains("resnet50"), "\(outcome.errors)")
    }
  }

  @Test func standardOutputByAnyNameIsStandardOutput() throws {
    let plain = try CommandProcess(["cost", "--images-per-second", "100"])
    #expect(plain.status == 0)
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
      let named = try CommandProcess(["cost", "--images-per-second", "100", "-o", name])
      #expect(named.status == 0 && named.output == plain.output, "\(name): \(named.errors)")
    }
  }

  @Test(.enabled(if: canUnshare, "needs the right to mount"))
  func aFileThatIsAMountIsWrittenInPlace() throws {
    let folder = try TemporaryDirectory()
    let file = try folder.file("out.txt", Data(String(repeating: "old ", count: 9999).utf8))
    let outcome = try shell(
      "unshare -m sh -c 'mount --bind \"$1\" \"$1\" && \"$0\" cost --images-per-second 100 -o \"$1\"' "
        + "\"$0\" \"$1\"", file)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
    #expect(!text.contains("old") && text.contains("USD"), "\(text.prefix(200))")
    #expect(folder.names() == ["out.txt"])
  }

  @Test(arguments: ["none/x.json", "", "x.json/"])
  func whatCannotBeWrittenIsRefusedBeforeTheMeasurement(_ output: String) throws {
    let folder = try TemporaryDirectory()
    let outcome = try CommandProcess(
      ["kernels", "--filter", "^gemm/256", "--no-save", "-o", output], timeout: 20,
      directory: folder.root)
    #expect(outcome.status == 6, "\(outcome.errors)")
    #expect(folder.names().isEmpty)
  }

  @Test func logitsGoToStandardOutputAlone() throws {
    let files = try ArrayFiles()
    let input = try files.images([1, 1, 28, 28], of: 0.5)
    let outcome = try CommandProcess([
      "predict", "--network", "resnet20", "--input", input, "--threads", "1", "-o", "-",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("NUMPY") && !outcome.output.contains("classes by"))
    #expect(outcome.errors.contains("classes by resnet20"))
  }
}
