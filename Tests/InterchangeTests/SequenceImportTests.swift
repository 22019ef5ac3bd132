import Formats
import Foundation
import Graphs
import Interchange
import Testing

/// Attention and recurrent layers as ONNX has them, by hand-computed answers.
@Suite struct SequenceImportTests {
  private func run(_ model: TestModel, _ x: [Double]) throws -> [Double] {
    try model.run(x)
  }

  /// One head of one float: shares of 1 that are easily known.
  @Test func attendsByHand() throws {
    let rows: [ModelFile.Length] = [.symbol("N"), .fixed(2), .fixed(1)]
    let heads: [String: ModelFile.Attribute.Value] = [
      "q_num_heads": .integer(1), "kv_num_heads": .integer(1),
    ]
    var model = TestModel(rows, [node("Attention", ["x", "x", "x"], "y", heads)])
    model.version = 24
    let second = log(3.0)
    let x: [Double] = [0, second]
    let own = exp(second * second)
    let plain = try run(model, x)
    #expect(abs(plain[0] - second / 2) < 1e-9)
    #expect(abs(plain[1] - second * own / (1 + own)) < 1e-9)
    model.graph.nodes = [
      node(
        "Attention", ["x", "x", "x"], "y", heads.merging(["is_causal": .integer(1)]) { a, _ in a })
    ]
    let causal = try run(model, x)
    #expect(causal[0] == 0 && abs(causal[1] - plain[1]) < 1e-12)
    model.graph.nodes = [node("Attention", ["x", "x", "x", "mask"], "y", heads)]
    model.graph.initializers = [TestModel.floats("mask", [2, 2], [-.infinity, 0, 0, -.infinity])]
    let crossed = try run(model, x)
    #expect(abs(crossed[0] - second) < 1e-9 && crossed[1] == 0)
  }

  @Test func givesKeysAndScores() throws {
    let rows: [ModelFile.Length] = [.symbol("N"), .fixed(2), .fixed(2)]
    var model = TestModel(
      rows,
      [
        ModelFile.Node(
          "Attention", name: "", inputs: ["x", "x", "x"],
          outputs: ["o", "y", "v", "s"],
          attributes: [
            ModelFile.Attribute("q_num_heads", .integer(2)),
            ModelFile.Attribute("kv_num_heads", .integer(2)),
            ModelFile.Attribute("qk_matmul_output_mode", .integer(0)),
            ModelFile.Attribute("scale", .float(1)),
          ])
      ])
    model.version = 23
    model.graph.outputs.append(ModelFile.Port("s", .tensor(.float32, nil)))
    let given = try model.imported(ModelSizes(batch: 1)).run(["x": [1, 2, 3, 4]])
    #expect(given["y"] == [1, 3, 2, 4], "heads lie apart")
    #expect(given["s"] == [1, 3, 3, 9, 4, 8, 8, 16])
  }

  /// A quarter of a circle.
  @Test(arguments: [0, 1] as [Int64])
  func turnsByPositions(interleaved: Int64) throws {
    var model = TestModel(
      [.symbol("N"), .fixed(2), .fixed(4)],
      [
        node(
          "RotaryEmbedding", ["x", "c", "s"], "y",
          ["num_heads": .integer(1), "interleaved": .integer(interleaved)])
      ],
      [
        TestModel.floats("c", [1, 2, 2], [0, 1, 1, 0]),
        TestModel.floats("s", [1, 2, 2], [1, 0, 0, 1]),
      ])
    model.version = 23
    let given = try model.imported(ModelSizes()).run(["x": [1, 2, 3, 4, 5, 6, 7, 8]])["y"]
    let neighbours: [Double] = [-2, 1, 3, 4, 5, 6, -8, 7]
    let halves: [Double] = [-3, 2, 1, 4, 5, -8, 7, 6]
    #expect(given == (interleaved == 1 ? neighbours : halves))
    model.graph.nodes[0].attributes = []
    #expect(model.refusal().contains("no rows that could be turned"))
  }

  private let steps: [ModelFile.Length] = [.fixed(2), .fixed(1), .fixed(1)]

  @Test func goesThroughAnRNN() throws {
    let tensors = [
      TestModel.floats("w", [1, 1, 1], [2]), TestModel.floats("r", [1, 1, 1], [3]),
      TestModel.floats("b", [1, 2], [0.5, 0.25]),
    ]
    let model = TestModel(
      steps,
      [
        node("RNN", ["x", "w", "r", "b"], "y", ["activations": .texts([Array("Relu".utf8)])])
      ], tensors)
    let states = try run(model, [1, 2])
    #expect(states == [2.75, 13])
    let reversed = TestModel(
      steps,
      [
        node(
          "RNN", ["x", "w", "r", "b"], "y",
          [
            "activations": .texts([Array("Relu".utf8)]),
            "direction": .text(Array("reverse".utf8)),
          ])
      ], tensors)
    let backwards = try run(reversed, [1, 2])
    #expect(backwards == [17, 4.75])
  }

  /// Gates by the order that ONNX has: input, output, forgetting, cell.
  @Test func goesThroughAnLSTM() throws {
    let model = TestModel(
      steps, [node("LSTM", ["x", "w", "r"], "y")],
      [
        TestModel.floats("w", [1, 4, 1], [1, 2, 3, 4]),
        TestModel.floats("r", [1, 4, 1], [0.1, 0.2, 0.3, 0.4]),
      ])
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    var (h, c, expected) = (0.0, 0.0, [Double]())
    for x in [0.5, -1.0] {
      c =
        sigmoid(3 * x + Double(Float(0.3)) * h) * c
        + sigmoid(x + Double(Float(0.1)) * h) * tanh(4 * x + Double(Float(0.4)) * h)
      h = sigmoid(2 * x + Double(Float(0.2)) * h) * tanh(c)
      expected.append(h)
    }
    for (own, other) in zip(try run(model, [0.5, -1]), expected) {
      #expect(abs(own - other) < 1e-9)
    }
  }

  /// The reset acts on the state, or on what the state gives.
  @Test(arguments: [0, 1] as [Int64])
  func goesThroughAGRU(after: Int64) throws {
    let model = TestModel(
      steps,
      [node("GRU", ["x", "w", "r", "b"], "y", ["linear_before_reset": .integer(after)])],
      [
        TestModel.floats("w", [1, 3, 1], [1, 2, 3]), TestModel.floats("r", [1, 3, 1], [4, 5, 6]),
        TestModel.floats("b", [1, 6], [0.5, -0.5, 0.25, 1, -1, 2]),
      ])
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    var (h, expected) = (0.0, [Double]())
    for x in [0.5, -1.0] {
      let update = sigmoid(x + 4 * h + 1.5)
      let reset = sigmoid(2 * x + 5 * h - 1.5)
      let own = after == 1 ? reset * (6 * h + 2) : 6 * (reset * h) + 2
      h = (1 - update) * tanh(3 * x + 0.25 + own) + update * h
      expected.append(h)
    }
    for (own, other) in zip(try run(model, [0.5, -1]), expected) {
      #expect(abs(own - other) < 1e-9)
    }
  }
}
