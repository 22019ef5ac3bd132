import Basics
import Formats
import Graphs
import Harness
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// Whether the first and the last layer of a network stay float, as its outputs tell.
@Suite struct MeasuredEdgesTests {
  /// Four convolutions of eight filters, and a fully connected layer.
  private static let network = Network(
    name: "five", classes: 5, channels: 4, minimumInputSize: 8, usualInputSize: 8
  ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
    var value = images
    for name in ["first", "second", "third", "fourth"] {
      let sums = try graph.convolution(
        name, value, filters: 8, window: 3, paddings: 1, hasBias: true)
      value = try graph.relu("\(name).relu", sums)
    }
    return [Graph.Port("logits", try graph.linear("last", value, outputs: 5))]
  }

  /// Hash-made weights, with which one channel of what a layer reads is far larger than the others.
  ///
  /// The weights that read it are as much smaller: bytes with one step for all channels lose the
  /// others.
  private struct Weights: WeightSource {
    var outlier: String

    func read(
      _ parameter: Parameter, into values: UnsafeMutableBufferPointer<Float>
    ) throws(Problem) {
      let fill = HashFill(name: parameter.name, seed: 1)
      for index in values.indices { values[index] = Float(2 * fill.unit(index) - 1) }
      switch (outlier, parameter.name) {
      case ("first", "first.weight"):
        for index in values.indices where index / 9 % 4 == 0 { values[index] *= 1e-3 }
      case ("last", "last.weight"):
        for index in values.indices where index / 64 % 8 == 0 { values[index] *= 1e-3 }
      case ("last", "fourth.weight"), ("last", "fourth.bias"):
        // No ReLU takes the first filter away.
        for index in 0..<values.count / 8 { values[index] = 1000 * abs(values[index]) }
      default: break
      }
    }
  }

  /// The table that ten images give.
  private func table(
    outlier: String = "", _ change: (inout Quantizer) -> Void = { _ in }
  ) throws -> QuantizationTable {
    let directory = try TemporaryDirectory()
    var random = SeededRandom(seed: 4)
    var numbers = random.floats(10 * 4 * 64)
    if outlier == "first" {
      for place in numbers.indices where place / 64 % 4 == 0 { numbers[place] *= 1000 }
    }
    let path = directory.path("x.npy")
    try NPYFile.write(Tensor(shape: [10, 4, 8, 8], values: numbers), to: path)
    let pass = ForwardPass(
      graph: Self.network.graph(inputSize: 8), weights: Weights(outlier: outlier), batch: 1)
    var quantizer = Quantizer(threads: 1, weightBits: .eight)
    change(&quantizer)
    let items = try GivenItems([path], for: Self.network, size: 8)
    let result = try quantizer.table(of: pass, items: items)
    withExtendedLifetime(directory) {}
    return result
  }

  @Test(arguments: [("", [String]()), ("first", ["first"]), ("last", ["last"])])
  func aLayerStaysFloatWhereBytesSpoilTheOutputs(_ outlier: String, _ kept: [String]) throws {
    let table = try self.table(outlier: outlier)
    let choice = try #require(table.edges)
    #expect(table.kept == kept && choice.kept == kept, "\(choice.trials)")
    #expect(choice.items == 8 && choice.edges.map(\.layer) == ["first", "last"])
    // Multiply-adds for 64 pixels and 8 filters, and for 5 outputs of 512 numbers.
    let (first, last) = (64.0 * 8 * 36, 5.0 * 512)
    let all = first + 3 * 64 * 8 * 72 + last
    #expect(abs(choice.edges[0].share - first / all) < 1e-9)
    #expect(abs(choice.edges[1].share - last / all) < 1e-9)
    #expect(choice.trials.count == (kept.isEmpty ? 2 : 4), "\(choice.trials)")
    if kept.isEmpty {
      #expect(choice.error > 0 && choice.error < 0.1, "\(choice.error)")
    } else {
      #expect(choice.error > 5 * choice.errorKept && choice.errorKept > 0, "\(choice.trials)")
    }
  }

  @Test func whatIsSaidIsNotMeasured() throws {
    let quantized = try table(outlier: "first") { $0.keepsFirst = false }
    #expect(quantized.kept.isEmpty && quantized.edges?.edges.map(\.layer) == ["last"])
    let kept = try table { ($0.keepsFirst, $0.keepsLast) = (true, true) }
    #expect(kept.kept == ["first", "last"] && kept.edges == nil)
    let none = try table(outlier: "last") { ($0.keepsFirst, $0.keepsLast) = (false, false) }
    #expect(none.kept.isEmpty && none.edges == nil)
    // Ids that name their ranges tell these from the usual rule.
    #expect(kept.source != none.source && none.source != quantized.source)
  }

  /// An id names no ranges for seeded items with all layers on bytes alone.
  @Test(arguments: [("", [String]()), ("last", ["last"])])
  func whatStaysFloatMakesAnotherCase(_ outlier: String, _ kept: [String]) throws {
    let pass = ForwardPass(
      graph: Self.network.graph(inputSize: 8), weights: Weights(outlier: outlier), batch: 1)
    let quantizer = Quantizer(threads: 1, weightBits: .eight)
    let table = try quantizer.table(of: pass, items: GivenItems())
    #expect(table.kept == kept, "\(table.edges?.trials ?? [])")
    #expect(table.source == quantizer.digest(of: [], keeping: kept))
    #expect((table.source == nil) == kept.isEmpty)
    let names = [["first"], ["last"]].map { quantizer.digest(of: [], keeping: $0) }
    #expect(names[0] != names[1])
    // A case whose process makes the table has the same name as one that is given it.
    let id = try #require(CaseID("infer/five/b1/t1/int8/native"))
    #expect(try id.calibrated(by: table, CaseOptions([:])).calibration == table.source)
    var other = id
    other.calibration = "1a2b3c4d"
    #expect(throws: Problem.self) { try other.calibrated(by: table, CaseOptions([:])) }
  }

  /// A bias takes back what rounded filters do, and those of a layer in float are not rounded.
  @Test func onlyLayersOnBytesAreCorrected() throws {
    let table = try self.table(outlier: "first") { $0.correctsBias = true }
    #expect(table.kept == ["first"])
    #expect(
      table.corrections.keys.sorted() == ["fourth", "last", "second", "third"].map { "\($0).bias" })
  }

  /// The table's file and a record of what it makes have the choice.
  @Test func theChoiceIsToldAndKept() throws {
    let table = try self.table(outlier: "first")
    let choice = try #require(table.edges)
    let directory = try TemporaryDirectory()
    let path = try directory.file("table.json", try table.data())
    #expect(try QuantizationTable(path: path) == table)
    let sized = SizedModel(Model(Self.network, seed: 1), inputSize: 8)
    let subject = try QuantizedSubject(sized, table: table)
    #expect(subject.layers.onBytes == 4 && subject.layers.all == 5)
    let program = try subject.forwardPass(batch: 1).program(pool: ThreadPool(threads: 1)) {
      ConvPlan.native($0)
    }
    let parameters = subject.parameters(of: program)
    #expect(parameters["int8_kept"] == .array(["first"]))
    #expect(parameters["int8_error"] == .number(choice.error))
    #expect(parameters["int8_error_kept"] == .number(choice.errorKept))
  }

  @Test func distancesAreRelativeToFloats() {
    var distance = OutputDistance(outputs: 3)
    #expect(distance.error == 0)
    // 4 of 2, nothing of 0, and 10 000 of 20 000.
    distance.count([1, 3], beside: [1, 1], of: 0)
    distance.count([5], beside: [0], of: 1)
    distance.count([200, 100], beside: [100, 100], of: 2)
    #expect(abs(distance.error - 1.25.squareRoot()) < 1e-12)
    distance.count([7], beside: [.infinity], of: 0)
    #expect(abs(distance.error - 1.25.squareRoot()) < 1e-12)
    distance.count([.nan], beside: [1], of: 0)
    #expect(distance.error > 1e30 && distance.error.isFinite)
  }
}
