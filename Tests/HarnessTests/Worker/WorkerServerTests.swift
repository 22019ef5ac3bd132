import Basics
import Foundation
import Harness
import TestSupport
import Testing

@Suite struct WorkerServerTests {
  private func server(seen: @escaping (CaseRequest) -> Void = { _ in }) -> WorkerServer {
    WorkerServer(worker: "test 1", march: "x86-64-v3", libraries: []) { request in
      seen(request)
      guard request.id.hasPrefix("gemm/") else {
        throw Problem(.absent, "there is no case '\(request.id)'")
      }
      return FakeWorkload(nanoseconds: 1000)
    }
  }

  @Test func answersEveryLineOfTheProtocol() throws {
    var requests: [CaseRequest] = []
    let server = server { requests.append($0) }
    let hello = server.answer("hello")
    #expect(hello.ok && hello.protocol == WorkerProtocol.version && hello.worker == "test 1")
    let prepared = server.answer("prepare gemm/fake warmup=0.001 warmup-cap=0.01 seed=7")
    #expect(prepared.case?.id == "gemm/fake/t1/fake")
    // How long to warm up is the sampler's business and does not reach the workload.
    #expect(requests == [CaseRequest(id: "gemm/fake", options: ["seed": "7"])])
    #expect(server.answer("checksum").checksum == "0x2a")
    #expect(server.answer("check").correctness?.status == .passed)
    let run = server.answer("run 3")
    #expect(run.samplesNs?.count == 3 && run.flags?.count == 3)
    #expect((run.callsPerSample ?? 0) > 1)
    #expect((run.warmupNs ?? []).isEmpty == false)
    #expect(server.answer("run 1").warmupNs?.isEmpty == true, "warmed up a second time")
    #expect(server.answer("run 1000000 0.01").samplesNs?.count ?? 0 < 1000)
    let told = server.answer("run 2 inf 5")
    #expect(told.callsPerSample == 5 && told.samplesNs?.count == 2)
    #expect((run.peakMemoryBytes ?? 0) > 0)
    #expect(server.answer("quit").ok)
  }

  @Test func refusesInSentences() {
    let server = server()
    #expect(server.answer("run 1").error?.contains("prepare CASE") == true)
    #expect(server.answer("dance").error?.contains("does not know the line 'dance'") == true)
    let unknown = server.answer("prepare infer/resnet51/b1")
    #expect(unknown.ok == false && unknown.code == 5)
    #expect(server.answer("prepare").ok == false)
    _ = server.answer("prepare gemm/fake")
    #expect(server.answer("run zero").ok == false)
    #expect(server.answer("run 0").ok == false)
  }

  @Test func awkwardValuesSurviveTheLine() throws {
    var got: CaseRequest?
    let server = server { got = $0 }
    let request = CaseRequest(id: "gemm/odd", options: ["weights": "/a b/=x\n%20.safetensors"])
    _ = server.answer(request.line)
    #expect(got == request)
  }

  @Test func repliesAreOneLineEach() throws {
    let reply = try server().answer("prepare gemm/fake").line()
    #expect(!reply.contains(10))
    let decoded = try ResultRecord.decoder().decode(WorkerReply.self, from: reply)
    #expect(decoded.case?.algorithm == "fake")
  }
}
