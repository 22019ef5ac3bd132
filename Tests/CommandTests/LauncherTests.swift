import Foundation
import TestSupport
import Testing

/// The package's launcher starts the widest build that the CPU's flags allow.
struct LauncherTests {
  private static let v4 = "avx2 fma avx512f avx512bw avx512cd avx512dq avx512vl"

  @Test(arguments: [
    ("avx2 fma", "x86-64-v3"), ("", "x86-64-v3"), (v4, "x86-64-v4"),
    ("avx2 avx512f avx512cd", "x86-64-v3"), (v4 + " avx512_vnni", "x86-64-v4+vnni"),
    (v4 + " avx512_bf16", "x86-64-v4"),
    (v4 + " avx512_vnni avx512_bf16 amx", "x86-64-v4+vnni+bf16"),
  ])
  func itPicksByTheFlags(_ flags: String, _ build: String) throws {
    let folder = try TemporaryDirectory()
    let text = try DocumentedCommand.text(of: ".ci/launcher")
    let cpu = try folder.file(
      "cpuinfo", Data("processor\t: 0\nvmx flags\t: x\nflags\t\t: \(flags)\nbugs\t\t: a\n".utf8))
    let script = text.replacing("/proc/cpuinfo\n", with: cpu + "\n")
    try #require(script != text)
    for name in ["x86-64-v3", "x86-64-v4", "x86-64-v4+vnni", "x86-64-v4+vnni+bf16"] {
      try FileManager.default.createDirectory(
        atPath: folder.path("lib/costcurve/\(name)"), withIntermediateDirectories: true)
      _ = try folder.executable("lib/costcurve/\(name)/costcurve", "echo \"\(name):$*\"; exit 7\n")
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("bin"), withIntermediateDirectories: true)
    let launcher = try folder.executable("bin/costcurve", script)
    let outcome = try CommandProcess(["infer", "a b"], of: launcher)
    #expect(outcome.output == "\(build):infer a b\n", "\(outcome.errors)")
    #expect(outcome.status == 7, "the program's own code is handed on")
  }

  /// A build here is for all that the CPU has of what the sources know.
  @Test(arguments: [
    ("", "x86-64-v3"), ("avx2 fma avx_vnni", "x86-64-v3+avxvnni"), (v4 + " avx_vnni", "x86-64-v4"),
    (v4 + " avx512_vnni", "x86-64-v4+vnni"), (v4 + " avx512_bf16", "x86-64-v4+bf16"),
    (v4 + " avx512_bf16 avx512_vnni", "x86-64-v4+vnni+bf16"),
  ])
  func aBuildIsForWhatTheFlagsName(_ flags: String, _ march: String) throws {
    let folder = try TemporaryDirectory()
    let text = try DocumentedCommand.text(of: ".ci/march")
    let cpu = try folder.file("cpuinfo", Data("processor\t: 0\nflags\t\t: \(flags)\n".utf8))
    let script = text.replacing("/proc/cpuinfo\n", with: cpu + "\n")
    try #require(script != text)
    let outcome = try CommandProcess([], of: folder.executable("march", script))
    #expect(outcome.output == march + "\n", "\(outcome.errors)")
  }
}
