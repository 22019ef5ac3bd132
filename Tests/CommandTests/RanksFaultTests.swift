import TestSupport
import Testing

/// Ranks that come to an end which no MPI tells of, by a library that is made up for it.
@Suite(.enabled(if: CompiledLibrary.canBeMade, "needs clang on the PATH"))
struct RanksFaultTests {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  /// What two ranks say of a network that there is not, seen from the first.
  private func train(
    _ definitions: [String: String] = [:], _ more: [String] = []
  ) throws -> CommandProcess {
    try CommandProcess(
      ["train", "--network", "nothing", "--ranks", "2", "--stall", "1s"] + more,
      environment: try MadeUpMPI.environment(in: folder, definitions))
  }

  @Test func allLeaveInGoodOrder() throws {
    let outcome = try train()
    #expect(outcome.status == 5, "\(outcome.errors)")
    #expect(outcome.errors.contains("no network"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("all are ended"), "\(outcome.errors)")
  }

  /// Another rank never comes, as where its machine lacks the library.
  @Test func joiningEndsInTime() throws {
    let outcome = try train(["INIT": "sleep(100)"])
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("a rank of 2: a call of Made-up MPI 1.0 has not returned for 1 s"),
      "\(outcome.errors)")
  }

  @Test func whatFailsBeforeAllAreKnownEndsAll() throws {
    let outcome = try train(["GATHER": "16"])
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(
      outcome.errors.contains("rank 0 of 2: MPI_Iallgather failed: made up."), "\(outcome.errors)")
    #expect(outcome.errors.contains("all are ended with 3"), "\(outcome.errors)")
  }

  @Test func aLastBarrierThatFailsIsSaid() throws {
    let outcome = try train(["BARRIER": "1"])
    #expect(outcome.status == 3, "\(outcome.errors)")
    #expect(outcome.errors.contains("has waited 1 s for the end of the job"), "\(outcome.errors)")
    #expect(outcome.errors.contains("all are ended with 3"), "\(outcome.errors)")
  }
}
