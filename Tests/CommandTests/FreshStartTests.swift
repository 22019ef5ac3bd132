import Foundation
import Harness
import TestSupport
import Testing

/// Variables that choose OpenBLAS's kernels for it reach neither this program nor its workers.
struct FreshStartTests {
  /// A core that every build of OpenBLAS with a choice has, and that it does not choose here: a library
  /// takes a machine that is newer than itself for one of the oldest.
  private static let core = own?.contains("Prescott") == true ? "Nehalem" : "Prescott"
  private static let old = ["OPENBLAS_CORETYPE": core, "OPENBLAS_L2_SIZE": "32"]

  /// What a worker says of the library where nothing is set.
  private static let own = try? CommandProcess(
    ["-c", "echo hello | '\(CommandProcess.binary().path)' worker"], of: "/bin/sh"
  ).output

  @Test func theRecordIsOfTheLibrarysOwnCore() throws {
    let arguments = [
      "kernels", "--filter", "^gemm/256x.*openblas", "--duration", "20ms", "--quick", "--threads",
      "1", "--no-save", "--format",
    ]
    let outcome = try CommandProcess(arguments + ["json"], environment: Self.old)
    // Beside other tests the peak may be too low for the rate, which is refused then: not the subject.
    #expect(outcome.status == 0 || outcome.status == 7, "\(outcome.errors)")
    let leftOut = Warning.leftOut(Self.old)
    try #require(leftOut.count == 2)
    for doubt in leftOut {
      #expect(
        outcome.errors.components(separatedBy: "costcurve: \(doubt.sentence)\n").count == 2,
        "\(outcome.errors)")
    }
    let context = try ResultRecord.decoder().decode(
      ResultRecord.self, from: Data(outcome.output.utf8)
    ).context
    let library = try #require(context.libraries.first)
    #expect(!library.configuration.contains(Self.core), "\(library.configuration)")
    #expect(context.leftOut == Self.old)
    #expect(!context.environment.keys.contains { $0.hasSuffix("CORETYPE") }, "none is in force")
    #expect(Warning.ofMachine(context).filter(leftOut.contains) == leftOut)
  }

  /// What a process says of the library that it has itself loaded; `--explain` times in one.
  @Test func aProcessIsFreeOfThemFromItsStart() throws {
    let binary = try CommandProcess.binary().path
    let hello = try CommandProcess(
      ["-c", "echo hello | '\(binary)' worker"], of: "/bin/sh", environment: Self.old)
    #expect(hello.output.contains("OpenBLAS"), "\(hello.errors)")
    #expect(!hello.output.contains(Self.core))
    #expect(hello.errors.isEmpty)
  }

  @Test(arguments: [["list", "engines"], ["baseline", "list"]])
  func whereNothingIsMeasuredNothingIsSaid(_ arguments: [String]) throws {
    let folder = try TemporaryDirectory()
    let outcome = try CommandProcess(
      arguments, environment: Self.old.merging(["XDG_DATA_HOME": folder.root]) { $1 })
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty && !outcome.output.isEmpty, "\(outcome.errors)")
  }
}
