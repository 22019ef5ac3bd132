import Harness
import Testing

/// The names of cases.
struct CaseIDTests {
  @Test(arguments: [
    "gemm/256x256x256/t1/openblas", "conv/resnet50.layer2.0.conv2/forward/b1/t2/native",
    "infer/resnet50/b16/t2/native", "train/resnet50/b16/t2/openblas", "peak/fma/t2",
    "infer/resnet50/b1/i64/c10/t2/tuned/w-1a2b3c4d/native", "train/resnet50/b16/r4/t2/bf16/native",
    "decode/gpt2/b1/s1024/t2/int8/native", "infer/resnet50/b1/q2/t2/native",
    "infer/resnet50/b1/t2/openvino-throughput",
    "infer/resnet50/b1/t2/int8/tuned/w-1a2b3c4d/cal-5e6f7a8b/native",
    "train/resnet50/b16/r4/m2/t2/bf16/sum-posted-library/native",
    "train/resnet50/b16/r2/t1/sum-262144B/native",
  ])
  func idsReadAsTheyAreWritten(_ text: String) throws {
    #expect(try #require(CaseID(text)).description == text)
  }

  @Test(arguments: ["", "gemm", "gemm/", "/x", "infer//b1"])
  func malformedIdsAreNone(_ text: String) { #expect(CaseID(text) == nil) }

  @Test func everyPartIsFound() throws {
    let id = try #require(
      CaseID("conv/net.a/backward-data/b1/s2/i3/c4/q5/r6/m8/t7/bf16/tuned/w-abc/sum-d/native"))
    #expect(id.kind == "conv" && id.subject == "net.a" && id.direction == .backwardData)
    #expect([id.batch, id.sequence, id.inputSize, id.classes] == [1, 2, 3, 4])
    #expect([id.requests, id.ranks, id.machines, id.threads] == [5, 6, 8, 7])
    #expect(id.sums == "d")
    #expect(id.precision == .bf16 && id.isTuned && id.weights == "abc" && id.engine == "native")
  }

  /// Ranges are told of int8 alone: of any other element type there are none.
  @Test func calibrationGoesWithInt8() throws {
    var id = try #require(CaseID("infer/resnet50/b1/t2/int8/cal-5e6f7a8b/native"))
    #expect(id.calibration == "5e6f7a8b" && id.weights == nil && id.engine == "native")
    id.precision = nil
    #expect(id.description == "infer/resnet50/b1/t2/native")
    #expect(CaseID("infer/net/b1/t2/cal-5e6f7a8b/native")?.calibration == nil)
  }

  /// A number has one spelling, so that no two ids name one case.
  @Test(arguments: ["gemm/x/t02/native", "gemm/x/t0/native", "gemm/x/t+2/native"])
  func otherSpellingsAreNoNumbers(_ text: String) { #expect(CaseID(text)?.threads == nil) }

  @Test func enginesAreExchanged() {
    #expect(CaseID.id("infer/net/b1/t2/native", by: "apeer") == "infer/net/b1/t2/apeer")
    #expect(CaseID.id("peak/fma/t2", by: "x") == "peak/fma/t2/x")
    #expect(CaseID.withoutEngine("infer/net/b1/i64/t2/native") == "infer/net/b1/i64/t2")
    #expect(CaseID.withoutEngine("peak/fma/t2") == "peak/fma/t2")
    #expect(CaseID.engine(of: "gemm/4x4x4/t1/native") == "native")
  }
}
