import Basics
import Harness
import Interchange
import Models
import TestSupport
import Testing
import Workloads

/// Cases of models of files: the same work as that of the network that they were made of.
@Suite struct ModelCaseTests {
  private let catalogue = Catalogue(caches: MachineReader.machine().caches)
  private let directory: TemporaryDirectory
  private let file: ModelOfFile

  init() throws { (directory, file) = try Self.exported(batch: nil) }

  /// ResNet-20 as a file.
  private static func exported(batch: Int?) throws -> (TemporaryDirectory, ModelOfFile) {
    let directory = try TemporaryDirectory()
    let network = try Network.named("resnet20", classes: 10)
    try ModelExport.model(
      of: network.graph(inputSize: 28), name: network.name,
      weights: SeededWeights(for: network, seed: 1), batch: batch
    ).write(to: directory.path("m.onnx"))
    return (directory, try ModelOfFile(path: directory.path("m.onnx")))
  }

  private func workload(
    _ rest: String, _ more: [CaseOptions.Key: String] = [:]
  ) throws -> any Workload {
    let options = file.options.merging(more) { $1 }
    return try catalogue.workload(
      for: CaseRequest(
        id: rest.replacing("MODEL", with: file.name), options: options.byName))
  }

  @Test func answersAsTheNetworkDoes() throws {
    let model = try workload("infer/MODEL/b2/t1/native")
    let network = try catalogue.workload(
      for: CaseRequest(id: "infer/resnet20/b2/c10/t1/native", options: ["classes": "10"]))
    let check = try model.check()
    #expect(check.status == .passed && check.against == .operators)
    #expect(model.directFLOPs.count == network.directFLOPs.count)
    #expect(model.imagesPerCall == 2 && model.item == network.item)
    model.run()
    network.run()
    #expect(model.checksum() == network.checksum())
    let two = try workload("infer/MODEL/b1/t1/native", [.requests: "2"])
    #expect(try two.imagesPerCall == 2 && two.check().status == .passed)
    two.run()
    #expect(two.checksum() == model.checksum())
    #expect(two.id == "infer/\(file.name)/b1/q2/t1/native")
  }

  @Test func timesEveryLayer() throws {
    let requests = try CaseSuite.convolutions(
      of: .file(file), batch: 1, threads: [1], engines: [.native])
    #expect(requests.count == 8 && Set(requests.map(\.id)).count == 8)
    for request in requests {
      let workload = try catalogue.workload(for: request)
      #expect(try workload.id == request.id && workload.check().status == .passed)
      #expect(request.repeat.contains("--model "))
    }
  }

  /// Ids and options, and a word of the refusal.
  static let refused: [(String, [CaseOptions.Key: String], String)] = [
    ("infer/other-00000000/b1/t1/native", [:], "not that of the id"),
    ("train/MODEL/b1/t1/native", [:], "is not trained"),
    ("conv/MODEL.conv1/backward-data/b1/t1/native", [:], "is not trained"),
    ("infer/MODEL/b1/t1/native", [.inputSize: "32"], "--input-size is for networks"),
    ("infer/MODEL/b1/t1/native", [.weights: "w"], "--weights is for networks"),
    ("infer/MODEL/b1/t1/native", [.sequence: "4"], "leaves no length of sequences open"),
    ("infer/MODEL/b1/s4/t1/native", [:], "leaves no length of sequences open"),
  ]

  @Test(arguments: refused)
  func refusesWhatIsNotOfTheModel(
    _ id: String, _ options: [CaseOptions.Key: String], _ word: String
  ) throws {
    let error = #expect(throws: Problem.self) { _ = try workload(id, options) }
    #expect(error?.kind == .usage && error?.description.contains(word) == true, "\(id)")
  }

  /// Only options that a model of a file has.
  @Test func saysHowItWouldFitInMemory() {
    let error = #expect(throws: Problem.self) { try workload("infer/MODEL/b300000000/t1/native") }
    let text = error?.description ?? ""
    #expect(text.contains("give a smaller --batch-size."), "\(text)")
    #expect(!text.contains("--input-size"), "\(text)")
  }

  @Test func keepsToTheBatchThatAFileFixes() throws {
    let (directory, fixed) = try Self.exported(batch: 3)
    func request(_ batch: Int) -> CaseRequest {
      CaseSuite.network(
        .infer, name: fixed.name, batch: batch, threads: 1, engine: .native,
        options: fixed.options)
    }
    #expect(fixed.path == directory.path("m.onnx") && WorkSubject.file(fixed).fixedBatch == 3)
    #expect(try catalogue.workload(for: request(3)).check().status == .passed)
    let error = #expect(throws: Problem.self) { try catalogue.workload(for: request(2)) }
    #expect(error?.description.contains("fixes the batch at 3") == true)
  }
}
