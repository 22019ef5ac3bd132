import Basics
import Foundation
import Harness
import Models
import TestSupport
import Testing
import Workloads

/// The conditions that a case's id names.
struct ConditionTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  /// They come with the id, with the options, or with both as long as they agree.
  @Test func conditionsAreInTheIdAndNowhereElse() throws {
    func id(_ text: String, _ options: [String: String] = [:]) throws -> String {
      try catalogue.workload(for: CaseRequest(id: text, options: options)).id
    }
    let full = "infer/resnet18/b1/i64/c10/t1/native"
    #expect(try id("infer/resnet18/b1/t1/native", ["input-size": "64", "classes": "10"]) == full)
    #expect(try id(full) == full)
    #expect(try id(full, ["input-size": "64"]) == full)
    #expect(
      try id("infer/resnet20/b1/t1/native", ["input-size": "28", "classes": "1000"])
        == "infer/resnet20/b1/t1/native")
    for (text, options) in [
      (full, ["classes": "11"]), ("infer/resnet18/b1/t1/tuned/native", [:]),
      ("infer/resnet18/b1/t1/w-12345678/native", [:]),
    ] {
      let refusal = #expect(throws: Problem.self) { try id(text, options) }
      #expect(refusal?.kind == .usage, "\(text)")
    }
  }

  /// What differs in size, classes, weights or tuning never shares an id, and what is usual has the
  /// id that it always had.
  @Test func noTwoDifferentMeasurementsShareAnId() throws {
    let folder = try TemporaryDirectory()
    let one = try folder.file("one.safetensors", Data(repeating: 1, count: 99))
    let two = try folder.file("two.safetensors", Data(repeating: 1, count: 98) + [2])
    let tuning = folder.path("tuning.json")
    try TuningCache.save(TuningTable(fingerprint: TuningCache.fingerprint), to: tuning)
    let conditions: [[CaseOptions.Key: String]] = [
      [:], [.inputSize: "64"], [.inputSize: "48"], [.classes: "10"],
      [.inputSize: "64", .classes: "10"], [.weights: one], [.weights: two], [.tuning: tuning],
    ]
    let requests = conditions.map {
      CaseSuite.network(
        .infer, name: "resnet18", batch: 1, threads: 2, engine: .native, options: $0)
    }
    #expect(Set(requests.map(\.id)).count == conditions.count, "\(requests.map(\.id))")
    #expect(requests[0].id == "infer/resnet18/b1/t2/native")
    #expect(requests[1].id == "infer/resnet18/b1/i64/t2/native")
    // Older binaries know the plain ids, and read the conditions from the options.
    for request in requests {
      #expect(request.line.hasPrefix("prepare infer/resnet18/b1/t2/native"), "\(request.line)")
    }
    let copy = try folder.file("copy.safetensors", Data(repeating: 1, count: 99))
    let again = CaseSuite.network(
      .infer, name: "resnet18", batch: 1, threads: 2, engine: .native, options: [.weights: copy])
    #expect(again.id == requests[5].id)
    let network = try Network.named("resnet18")
    func layers(_ size: Int?) throws -> Set<String> {
      Set(
        try CaseSuite.convolutions(
          of: .network(network), inputSize: size, batch: 1, threads: [1], engines: [.native]
        ).map(\.id))
    }
    #expect(try layers(64).isDisjoint(with: layers(nil)))
    #expect(try layers(224) == layers(nil))
  }
}
