import Basics
import Formats
import Harness
import Interchange
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// Cases in int8: checked bit for bit, under ids of their own, with peaks of their own.
@Suite struct QuantizedCaseTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  private func workload(
    _ id: String, _ options: [CaseOptions.Key: String] = [:]
  ) throws -> any Workload {
    try catalogue.workload(for: CaseRequest(id: id, options: options.byName))
  }

  @Test func aNetworkInInt8IsCheckedBitForBit() throws {
    let workload = try self.workload("infer/resnet20/b2/t1/int8/native", [.weightBits: "8"])
    #expect(workload.id == "infer/resnet20/b2/t1/int8/native")
    #expect(workload.algorithm == "plan.i8.native")
    let correctness = try workload.check()
    #expect(correctness.status == .passed && correctness.maxError == 0)
    #expect(correctness.against == .operators)
    let operations = try #require(workload.directIntegerOperations)
    let float = try self.workload("infer/resnet20/b2/t1/native")
    #expect(operations.count == float.directFLOPs.count && float.integerOperations == nil)
    #expect(workload.parameters["precision"] == "int8" && workload.parameters["weight_bits"] == 8)
    #expect(workload.parameters["calibration"] == "min-max of 32 seeded items")
    float.run()
    #expect(workload.checksum() != float.checksum())
    // The answer to one is none to the other, and is still known afterwards.
    #expect(try float.check().status == .passed && workload.check().maxError == 0)
  }

  @Test func idsAndCommandsSayWhatIsMultiplied() throws {
    let request = CaseSuite.network(
      .infer, name: "resnet20", batch: 1, threads: 1, engine: .native,
      options: [.calibration: "a b.npy", .quantization: "/cache/table.json"], precision: .int8)
    #expect(request.id == "infer/resnet20/b1/t1/int8/native")
    #expect(
      request.repeat
        == "costcurve infer --network resnet20 --batch-size 1 --threads 1 --engine native "
        + "--precision int8 --calibration 'a b.npy'")
    #expect(request.options["quantization"] == "/cache/table.json")
  }

  /// Ids, and a word of the refusal.
  static let refused = [
    ("infer/resnet20/b1/t1/int8/openblas", "has no int8"),
    ("train/resnet20/b2/t1/int8/native", "nothing of this kind is computed in int8"),
    ("gemm/8x8x8/t1/int8/native", "nothing of this kind is computed in int8"),
    ("decode/gpt2/b1/s4/t1/int8/native", "nothing of this kind is computed in int8"),
  ]

  @Test(arguments: refused)
  func refusesWhatIsNotComputedInBytes(_ id: String, _ word: String) {
    let error = #expect(throws: Problem.self) { try self.workload(id) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }

  @Test func calibratesOnArrays() throws {
    let directory = try TemporaryDirectory()
    var random = SeededRandom(seed: 2)
    for name in ["a.npy", "b.npy"] {
      try NPYFile.write(
        Tensor(shape: [3, 1, 28, 28], values: random.floats(3 * 28 * 28)),
        to: directory.path(name))
    }
    let network = try Network.named("resnet20")
    let items = try GivenItems([directory.root], for: network, size: 28)
    #expect(items.count == 6 && !items.isSeeded && items.description == "6 items")
    let few = try GivenItems([directory.path("a.npy")], for: network, size: 28, most: 2)
    #expect(few.count == 2 && few.description == "the first 2 of 3 items")
    let workload = try self.workload(
      "infer/resnet20/b1/t1/int8/native", [.calibration: directory.path("a.npy")])
    #expect(workload.parameters["calibration"] == "min-max of 3 items")
    // Other ranges are another case, and another question to its check.
    for path in ["a.npy", "b.npy", "a.npy"] {
      let own = try self.workload(
        "infer/resnet20/b1/t1/int8/native", [.calibration: directory.path(path)])
      #expect(try own.check().maxError == 0, "\(path)")
    }
    #expect(throws: Problem.self) { try GivenItems([directory.root], for: network, size: 32) }
    let absent = #expect(throws: Problem.self) {
      try GivenItems([directory.path("none.npy")], for: network, size: 28)
    }
    #expect(absent?.kind == .absent)
  }

  /// A QDQ file says itself how it is quantized.
  @Test func aQuantizedFileRunsByItsOwnRanges() throws {
    let directory = try TemporaryDirectory()
    let model = try Model(named: "resnet20", weights: nil, classes: 10, seed: 1)
    let sized = SizedModel(model, inputSize: 28)
    let quantized = try Quantizer(threads: 1).quantized(sized, table: nil, calibration: [])
    let float = try FloatGraph(
      model.network.graph(inputSize: 28), weights: model.weights)
    let graph = try QuantizedGraph(float, by: try #require(quantized.table))
    try ModelExport.model(of: graph.graph, name: "q", weights: graph.weights)
      .write(to: directory.path("q.onnx"))
    let file = try ModelOfFile(path: directory.path("q.onnx"))
    let workload = try self.workload("infer/\(file.name)/b2/t1/int8/native", file.options)
    let correctness = try workload.check()
    #expect(correctness.status == .passed && correctness.maxError == 0)
    #expect(workload.parameters["calibration"] == "as the file says")
    let own = try self.workload("infer/resnet20/b2/c10/t1/int8/native", [.classes: "10"])
    workload.run()
    own.run()
    #expect(workload.checksum() == own.checksum())
    let error = #expect(throws: Problem.self) {
      try Quantizer(threads: 1).quantized(file, table: nil, calibration: ["x.npy"])
    }
    #expect(error?.description.contains("says itself how it is quantized") == true)
    let bits = #expect(throws: Problem.self) {
      try Quantizer(threads: 1, weightBits: .seven).quantized(file, table: nil, calibration: [])
    }
    #expect(bits?.description.contains("--weight-bits: q.onnx says itself") == true)
  }

  @Test func answersAreComparedWithFloats() {
    var comparison = LogitComparison()
    comparison.count(
      [1, 2, 0, 5, 1, 0], beside: [1, 2, 0, 4, 1, 0], count: 2, labels: [1, 1])
    let record = comparison.record
    #expect(record.images == 2 && record.agreement == 1 && record.top1F32 == 0.5)
    // Two images tell nothing of a percent.
    #expect(record.top1Ratio == 1 && record.mlperfPassed == nil)
    // 22 over 1.
    #expect(abs((record.logitsDb ?? 0) - 13.424) < 1e-3)
    #expect(record.text.contains("top-1 50.00 %, 100.00 % of float32's 50.00 %"))
    #expect(record.text.contains("MLPerf's rule of 99 % not evaluated: 2 images"))
    var other = LogitComparison()
    other.count([0, 1], beside: [1, 0], count: 1, labels: nil)
    #expect(other.record.agreement == 0 && other.record.top1F32 == nil)
    #expect(other.record.mlperfPassed == nil && other.record.logitsDb != nil)
    var same = LogitComparison()
    same.count([1, 0], beside: [1, 0], count: 1, labels: [1])
    #expect(same.record.logitsDb == nil && same.record.top1Ratio == nil)
  }

  /// Of items that both answer alike the ratio is known well, of those that part them it is not.
  @Test func theRatioHasAnErrorOfItsOwn() {
    // Both are right on 700 items; float32 alone on `lost` of the others, lower precision on `won`.
    func record(lost: Int, won: Int) -> CaseRecord.AgainstF32 {
      var comparison = LogitComparison()
      func count(_ items: Int, _ own: [Float], _ float: [Float]) {
        for _ in 0..<items { comparison.count(own, beside: float, count: 1, labels: [0]) }
      }
      count(700, [1, 0], [1, 0])
      count(lost, [0, 1], [1, 0])
      count(won, [1, 0], [0, 1])
      count(1000 - 700 - lost - won, [0, 1], [0, 1])
      return comparison.record
    }
    let alike = record(lost: 0, won: 0)
    #expect(alike.mlperfPassed == true && alike.agreement == 1)
    #expect(abs((alike.top1RatioError ?? 0) - 2.0.squareRoot() / 700) < 1e-12)
    // Even where as many are won as are lost.
    let parted = record(lost: 20, won: 20)
    #expect(parted.top1Ratio == 1 && parted.agreement == 0.96)
    #expect(abs((parted.top1RatioError ?? 0) - 42.0.squareRoot() / 720) < 1e-12)
    #expect(parted.mlperfPassed == nil && parted.mlperfWithheld?.contains("0.90 %") == true)
    let worse = record(lost: 10, won: 0)
    #expect(abs((worse.top1RatioError ?? 0) - 11.9.squareRoot() / 710) < 1e-12)
    #expect(worse.mlperfPassed == false)
  }
}
