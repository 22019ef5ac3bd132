import Harness
import Testing

/// What would choose OpenBLAS's kernels for it is left out, and not forgotten.
@Suite struct LeftOutVariablesTests {
  @Test func valuesMoveToNamesThatNoLibraryReads() {
    let changes = LeftOutVariables.changes(to: [
      "OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512", "OPENBLAS_NUM_THREADS": "1",
    ])
    #expect(
      changes == [
        "OPENBLAS_CORETYPE": nil, "COSTCURVE_LEFT_OUT_OPENBLAS_CORETYPE": "Haswell",
        "OPENBLAS_L2_SIZE": nil, "COSTCURVE_LEFT_OUT_OPENBLAS_L2_SIZE": "512",
      ])
  }

  @Test func withoutThemNothingChanges() {
    #expect(LeftOutVariables.changes(to: ["OPENBLAS_NUM_THREADS": "1", "HOME": "/x"]).isEmpty)
    #expect(
      LeftOutVariables.changes(to: ["COSTCURVE_LEFT_OUT_OPENBLAS_L2_SIZE": "512"]).isEmpty,
      "a second start would have no end")
  }

  @Test func whatWasCarriedIsReadBackUnderItsOwnName() {
    let carried = ["COSTCURVE_LEFT_OUT_OPENBLAS_CORETYPE": "Haswell", "COSTCURVE_MARCH": "x"]
    #expect(LeftOutVariables.values(in: carried) == ["OPENBLAS_CORETYPE": "Haswell"])
    #expect(LeftOutVariables.values(in: ["OPENBLAS_CORETYPE": "Haswell"]).isEmpty)
    #expect(ContextReader.environment(carried) == ["COSTCURVE_MARCH": "x"], "it is not in force")
  }

  @Test func theRecordDoubtsWhatWasLeftOutAndWhatWasInForce() {
    var context = RecordFixture.record.context
    context.leftOut = ["OPENBLAS_CORETYPE": "Haswell"]
    context.environment = ["OPENBLAS_L2_SIZE": "512"]
    let doubts = Warning.ofMachine(context)
    #expect(
      doubts == [
        .leftOut(name: "OPENBLAS_CORETYPE", value: "Haswell"),
        .variable(name: "OPENBLAS_L2_SIZE", value: "512"),
      ])
    #expect(doubts[0].sentence.contains("scrubbed so that OpenBLAS chooses its own core"))
    #expect(doubts[1].remedy.contains("kernels"), "it sets no number of threads")
  }
}
