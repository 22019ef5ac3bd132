import Foundation
import TestSupport
import Testing

/// What each command really writes as JSON, against the schema that it names.
///
/// The schemas are closed, so that a field that none of them has is a fault.
struct SchemaCommandTests {
  @Test func noSchemaIsOpen() throws {
    let all = try PublishedSchema.all()
    #expect(all.count >= 10, "\(all.keys.sorted())")
    for (name, file) in all {
      #expect(try JSONSchema(contentsOf: file).openObjects == [], "\(name)")
    }
  }

  /// The JSON that a command writes, as it fits the schema that it names.
  private func check(
    _ name: String, _ arguments: [String], at location: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try TemporaryDirectory()
    let outcome = try CommandProcess(
      arguments + ["--format", "json"], environment: ["XDG_DATA_HOME": folder.root], timeout: 300,
      directory: folder.root)
    let data = Data(outcome.output.utf8)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: location)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["schema"] as? String == name, sourceLocation: location)
    let violations = try PublishedSchema.named(name).violations(in: data)
    #expect(violations == [], "\(arguments)", sourceLocation: location)
  }

  private static let brief = ["--quick", "--duration", "20ms", "--no-save", "--quiet"]

  @Test(arguments: [
    ["kernels", "--filter", "^gemm/256.*/t1/native$", "--threads", "1"],
    ["kernels", "--filter", "layer1.0.conv2/.*/native$", "--threads", "1", "--input-size", "64"],
    ["roofline", "--threads", "1", "--filter", "read-l1"],
    ["infer", "--network", "alexnet-small", "--threads", "1", "--usd-per-hour", "1"],
    ["train", "--network", "resnet20", "--batch-size", "2", "--threads", "1"],
    ["run", "--filter", "^(gemm/256|peak).*/t1", "--threads", "1", "--output-folder", "here"],
  ])
  func measurements(_ arguments: [String]) throws {
    try check("costcurve.result", arguments + Self.brief)
  }

  @Test func comparisons() throws {
    try check(
      "costcurve.comparison",
      ["compare", "openblas", "native", "--filter", "^gemm/256", "--threads", "1"] + Self.brief)
  }

  @Test func theOthers() throws {
    try check("costcurve.claims", ["claims", "list"])
    try check("costcurve.cost", ["cost", "--images-per-second", "30", "--usd-per-hour", "1"])
    try check(
      "costcurve.training-profile",
      [
        "train", "--network", "resnet20", "--batch-size", "2", "--threads", "1", "--explain",
        "--duration", "50ms",
      ])
  }

  @Test func checksOfNumbers() throws {
    try check("costcurve.verify", ["verify", "--network", "resnet20"])
  }
}
