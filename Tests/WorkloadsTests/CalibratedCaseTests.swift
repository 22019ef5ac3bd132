import Basics
import Formats
import Harness
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Training
import Workloads

/// What calibration makes of a case: its name, its work, and the words for what was seen.
@Suite struct CalibratedCaseTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)

  private func workload(
    _ id: String, _ options: [CaseOptions.Key: String] = [:]
  ) throws -> any Workload {
    try catalogue.workload(for: CaseRequest(id: id, options: options.byName))
  }

  /// Ranges of other files, and other rules, make another case; the same ones do not.
  @Test func casesAreNamedByTheirRanges() throws {
    let directory = try TemporaryDirectory()
    var random = SeededRandom(seed: 3)
    for name in ["a.npy", "b.npy"] {
      try NPYFile.write(
        Tensor(shape: [2, 1, 28, 28], values: random.floats(2 * 28 * 28)), to: directory.path(name))
    }
    let plain = "infer/resnet20/b1/t1/int8/native"
    #expect(try workload(plain, [.weightBits: "8"]).id == plain)
    func id(_ name: String) throws -> String {
      try workload(plain, [.calibration: directory.path(name)]).id
    }
    let (a, b) = (try id("a.npy"), try id("b.npy"))
    #expect(a.contains("/int8/cal-") && a.hasSuffix("/native") && a != b)
    #expect(try id("a.npy") == a && workload(a, [.calibration: directory.path("a.npy")]).id == a)
    let other = #expect(throws: Problem.self) {
      try self.workload(a, [.calibration: directory.path("b.npy")])
    }
    #expect(other?.description.contains("not those of the id") == true)
    #expect(throws: Problem.self) { try self.workload(a) }
    // The suite names it as the worker does, and a table says what it follows from.
    let network = try Network.named("resnet20")
    let sized = SizedModel(try Model(named: "resnet20", weights: nil, seed: 1), inputSize: 28)
    var quantizer = Quantizer(threads: 1, weightBits: .eight)
    let usual = try quantizer.table(of: sized.writtenPass(batch: 1), items: GivenItems())
    #expect(usual.source == nil)
    quantizer.method = .mse
    let items = try GivenItems([directory.path("a.npy")], for: network, size: 28)
    let table = try quantizer.table(of: sized.writtenPass(batch: 1), items: items)
    let path = try directory.file("table.json", try table.data())
    let request = CaseSuite.network(
      .infer, name: "resnet20", batch: 1, threads: 1, engine: .native,
      options: [.calibration: directory.path("a.npy"), .quantization: path], precision: .int8)
    let named = try #require(CaseID(request.id)?.calibration)
    #expect(named == table.source && !a.contains(named))
    #expect(request.line.hasPrefix("prepare \(plain) "))
    #expect(try catalogue.workload(for: request).id == request.id)
  }

  /// Weights of 7 bits are other work than those of 8, whose ids name no bits; which of them is usual is
  /// up to the build.
  @Test func bitsOfWeightsMakeAnotherCase() throws {
    let plain = "infer/resnet20/b1/t1/int8/native"
    let (eight, seven) = (
      try workload(plain, [.weightBits: "8"]), try workload(plain, [.weightBits: "7"])
    )
    #expect(eight.id == plain && seven.id.contains("/int8/cal-"), "\(seven.id)")
    #expect(eight.parameters["weight_bits"] == 8 && seven.parameters["weight_bits"] == 7)
    #expect(try workload(plain).id == (WeightBits.usual == .eight ? eight : seven).id)
    let isFast = Int8Algorithm.pairs.isBuilt
    #expect(WeightBits.usual == (isFast ? .seven : .eight))
    eight.run()
    seven.run()
    #expect(eight.checksum() != seven.checksum())
    #expect(try seven.check().maxError == 0 && eight.check().maxError == 0)
    // An id with its bits in the digest is measured with no others.
    #expect(try workload(seven.id, [.weightBits: "7"]).id == seven.id)
    #expect(throws: Problem.self) { try self.workload(seven.id, [.weightBits: "8"]) }
    let wrong = #expect(throws: Problem.self) { try self.workload(plain, [.weightBits: "6"]) }
    #expect(wrong?.kind == .usage && wrong?.description.contains("7 or 8") == true)
    let quantizers = WeightBits.allCases.map { Quantizer(threads: 1, weightBits: $0) }
    #expect(quantizers.map { $0.digest(of: []) == nil } == [false, true])
    #expect(quantizers[0].settings != quantizers[1].settings)
    let request = CaseSuite.network(
      .infer, name: "resnet20", batch: 1, threads: 1, engine: .native,
      options: [.weightBits: "7"], precision: .int8)
    #expect(request.repeat.hasSuffix(" --precision int8 --weight-bits 7"), "\(request.repeat)")
  }

  /// Layers that stay float do no operations on integers.
  @Test func floatsBesideBytesAreCountedAsFloats() throws {
    let directory = try TemporaryDirectory()
    let sized = SizedModel(try Model(named: "resnet20", weights: nil, seed: 1), inputSize: 28)
    var quantizer = Quantizer(threads: 1)
    (quantizer.keepsFirst, quantizer.keepsLast) = (true, false)
    let table = try quantizer.table(of: sized.writtenPass(batch: 1), items: GivenItems())
    let path = try directory.file("table.json", try table.data())
    let mixed = try workload("infer/resnet20/b2/t1/int8/native", [.quantization: path])
    let float = try workload("infer/resnet20/b2/t1/native-direct")
    let first = try #require(sized.model.network.filterLayers(batch: 2, inputSize: 28).first)
    let operations = try #require(mixed.integerOperations)
    #expect(mixed.executedFLOPs.count > 0)
    let direct = try #require(mixed.directIntegerOperations)
    #expect(direct.count == float.directFLOPs.count - first.shape.macs.flops.count)
    #expect(operations <= direct)
    let flop = PreparedCase(mixed).flop
    #expect(flop.executed == operations.count && flop.direct == direct.count)
    #expect(flop.float == mixed.executedFLOPs.count)
    let whole = try workload("infer/resnet20/b2/t1/int8/native")
    #expect(whole.executedFLOPs.count == 0 && PreparedCase(whole).flop.float == nil)
    #expect(PreparedCase(float).flop.float == nil)
  }

  /// As many seeded items as one run takes, and words for those alone that were read.
  @Test func wordsSayWhatWasRead() throws {
    let sized = SizedModel(try Model(named: "resnet20", weights: nil, seed: 1), inputSize: 28)
    func words(batch: Int, _ items: GivenItems) throws -> String {
      try Quantizer(threads: 1).table(of: sized.writtenPass(batch: batch), items: items).calibration
    }
    #expect(try words(batch: 48, GivenItems()) == "48 seeded items")
    let directory = try TemporaryDirectory()
    try NPYFile.write(
      Tensor(shape: [5, 1, 28, 28], values: [Float](repeating: 0.5, count: 5 * 784)),
      to: directory.path("x.npy"))
    let network = try Network.named("resnet20")
    let five = try GivenItems([directory.path("x.npy")], for: network, size: 28)
    #expect(try words(batch: 2, five) == "the first 4 of 5 items")
    #expect(try words(batch: 1, five) == "5 items")
    let one = try GivenItems([directory.path("x.npy")], for: network, size: 28, most: 1)
    #expect(one.description == "the first 1 of 5 items")
    #expect(throws: Problem.self) { try words(batch: 6, five) }
  }

  /// A data set calibrates on its training images and is evaluated on the others.
  @Test func aDataSetKeepsItsTestImagesApart() throws {
    let directory = try TemporaryDirectory()
    let (train, test) = (
      IDXFiles.twoKinds(9, size: 8, seed: 1), IDXFiles.twoKinds(5, size: 8, seed: 2)
    )
    try IDXFiles.write(train, test, size: 8, to: directory.root)
    let sized = SizedModel(
      try Model(named: "resnet20", weights: nil, classes: 10, seed: 1), inputSize: 8)
    let data = try sized.dataset(directory.root)
    #expect(data.calibration.count == 9 && data.calibration.description == "9 training images")
    #expect(data.test.count == 5 && data.labels == test.labels.map { Int32($0) })
    let found = try sized.calibrationItems([directory.root])
    #expect(found.description == "9 training images" && found.paths == [directory.root])
    // Both are scaled by what training scales by: its own images' mean and deviation.
    let program = try sized.forwardPass(batch: 1).program(pool: ThreadPool(threads: 1)) {
      ConvPlan.native($0)
    }
    let block = InputBlock(for: program)
    let set = ImageSet(size: 8, pixels: train.pixels, labels: train.labels)
    for (items, pixels) in [(data.calibration, train.pixels), (data.test, test.pixels)] {
      try items.read(2..<3, into: block)
      let numbers = block.pointer(0).assumingMemoryBound(to: Float.self)
      let expected = pixels[128..<192].map { set.scaling($0) }
      #expect((0..<64).map { numbers[$0] } == expected)
    }
    let large = SizedModel(try Model(named: "resnet20", weights: nil, seed: 1), inputSize: 28)
    let refusal = #expect(throws: Problem.self) { try large.dataset(directory.root) }
    #expect(refusal?.description.contains("grey images of 8 pixels") == true)
    let evaluation = AccuracyEvaluation(
      sized, beside: nil, on: data.test, labels: .known(data.labels), engine: .native, threads: 1)
    // Nobody trained these weights.
    let accuracy = try evaluation.accuracy()
    #expect(accuracy.status == "not evaluated" && accuracy.top1 == nil)
    #expect(accuracy.reason == "the weights were made from a seed")
  }
}
