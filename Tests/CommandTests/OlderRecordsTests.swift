import Formats
import Foundation
import Harness
import TestSupport
import Testing

/// The committed run of schema 1 reads, compares and draws like one of today.
struct OlderRecordsTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Results/2026-11-22-amd-epyc-2cpu").standardized.path
  private static let run = folder + "/run.json.gz"

  private func data(_ path: String) throws -> Data {
    var file = try GzipFile(path: path)
    return Data(try file.rest(limit: 1 << 30))
  }

  @Test func whatItLeftUnsaidIsInFieldsAndNothingElseHasChanged() throws {
    let data = try data(Self.run)
    let old = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    #expect(old.schemaVersion == 1, "the committed run is no longer one of schema 1")
    let record = try ResultRecord.read(data)
    #expect(record.schemaVersion == 2)
    #expect(record.kind == .run)
    #expect(record.extent == .init(preset: nil, processes: 5, interrupted: nil))
    // Its conditions are the usual ones, so that its history goes on under the same ids.
    #expect(record.cases.map(\.id) == old.cases.map(\.id))
    #expect(record.cases.map(\.statistics) == old.cases.map(\.statistics))
    for item in record.cases {
      #expect(item.origin == nil)
      #expect(item.derived.itemsPerSecond == item.derived.imagesPerSecond)
      #expect(item.derived.item == (item.derived.imagesPerSecond == nil ? nil : "image"))
      #expect(item.batching == (item.kind == .infer ? .single : nil))
    }
  }

  @Test func itsRacesTellWhoseSoftwareAndHowItWasServed() throws {
    let record = try ResultRecord.read(try data(Self.folder + "/peers-inference.json"))
    #expect(record.kind == .race)
    func item(_ engine: String) throws -> CaseRecord {
      try #require(record.cases.first { $0.id == "infer/resnet50/b1/t2/\(engine)" })
    }
    #expect(try item("native").origin == nil)
    let origin = try #require(try item("onnxruntime").origin)
    #expect((origin.name, origin.version) == ("onnxruntime", "1.31.1"))
    #expect(try item("onnxruntime").batching == .single)
    #expect(try item("onnxruntime-gathered").batching == .gathered)
    #expect(try item("native-gathered").batching == .gathered)
    #expect(try item("native-gathered").requestsInFlight == 2)
    #expect(try item("openvino-throughput").batching == .concurrent)
    let small = try ResultRecord.read(try data(Self.folder + "/peers-training-resnet20.json"))
    #expect(small.cases.allSatisfy { $0.name.inputSize == nil })
    #expect(small.cases[0].id == "train/resnet20/b128/c10/t2/native")
  }

  @Test func itIsDrawnAndExportedAndRecorded() throws {
    let user = try UserFolder()
    let page = try user.run(
      "report", Self.run, "--peers", Self.folder + "/peers-inference.json", "--no-history",
      "--format", "html")
    #expect(page.status == 0, "\(page.errors)")
    for words in ["onnxruntime 1.31.1", "infer/resnet50/b16/t2/native"] {
      #expect(
        page.output.contains(words.replacing("/", with: "/<wbr>")) || page.output.contains(words))
    }
    let json = try user.run("report", Self.run, "--no-history", "--format", "json")
    let schema = try PublishedSchema.named("costcurve.result")
    #expect(try schema.violations(in: Data(json.output.utf8)) == [])
    #expect(try user.run("history", "import", Self.run).status == 0)
    #expect(try user.run("history", "import", Self.run).status == 0)
    let trend = try user.run(
      "history", "trend", "infer/resnet50/b16/t2/native", "--format", "json")
    #expect(trend.status == 0, "\(trend.errors)")
    let list = try user.run("history", "list", "--format", "csv")
    #expect(list.output.split(whereSeparator: \.isNewline).count == 2, "\(list.output)")
    let shown = try user.run("history", "show", "1", "--format", "json")
    #expect(try schema.violations(in: Data(shown.output.utf8)) == [])
  }
}
