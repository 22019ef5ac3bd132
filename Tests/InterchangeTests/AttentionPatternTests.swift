import Formats
import Graphs
import Interchange
import Testing

/// Attention as exporters spell it, node by node.
@Suite struct AttentionPatternTests {
  /// Which way keys are turned, and where the factor and the mask stand.
  struct Spelling: Sendable {
    var turnsKeysAtOnce = true
    var isScaledBefore = false
    var mask: [Int]? = nil
    var maskIsFirst = false
    var mergesHeads = true
  }

  static let spellings = [
    Spelling(), Spelling(turnsKeysAtOnce: false), Spelling(isScaledBefore: true),
    Spelling(mask: [4, 4]), Spelling(mask: [1, 1, 1, 4], maskIsFirst: true),
    Spelling(mask: [2, 1, 4], mergesHeads: false),
    Spelling(turnsKeysAtOnce: false, isScaledBefore: true, mergesHeads: false),
  ]

  /// Two heads over rows of six floats; `apart` puts a node between that changes nothing.
  private func model(_ spelling: Spelling, apart: Bool) -> TestModel {
    var nodes: [ModelFile.Node] = []
    let turned = ["perm": ModelFile.Attribute.Value.integers([0, 2, 1, 3])]
    for name in ["q", "k", "v"] {
      nodes.append(node("MatMul", ["x", "w\(name)"], "\(name)0"))
      nodes.append(node("Reshape", ["\(name)0", "split"], "\(name)1"))
      if name != "k" || !spelling.turnsKeysAtOnce {
        nodes.append(node("Transpose", ["\(name)1"], "\(name)2", turned))
      }
    }
    nodes.append(
      spelling.turnsKeysAtOnce
        ? node("Transpose", ["k1"], "k3", ["perm": .integers([0, 2, 3, 1])])
        : node("Transpose", ["k2"], "k3", ["perm": .integers([0, 1, 3, 2])]))
    if spelling.isScaledBefore {
      nodes.append(node("Mul", ["q2", "half"], "q3"))
      nodes.append(node("MatMul", ["q3", "k3"], "scores"))
    } else {
      nodes.append(node("MatMul", ["q2", "k3"], "raw"))
      nodes.append(node("Div", ["raw", "two"], "scores"))
    }
    var scores = "scores"
    if spelling.mask != nil {
      nodes.append(
        node("Add", spelling.maskIsFirst ? ["mask", scores] : [scores, "mask"], "masked"))
      scores = "masked"
    }
    nodes.append(node("Softmax", [scores], "shares", ["axis": .integer(-1)]))
    var shares = "shares"
    if apart {
      nodes.append(node("Identity", [shares], "same"))
      shares = "same"
    }
    nodes.append(node("MatMul", [shares, "v2"], spelling.mergesHeads ? "o" : "y"))
    if spelling.mergesHeads {
      nodes.append(node("Transpose", ["o"], "o1", turned))
      nodes.append(node("Reshape", ["o1", "join"], "y"))
    }
    var tensors = [
      TestModel.list("split", [0, 4, 2, 3]), TestModel.list("join", [0, 4, 6]),
      TestModel.floats("two", [], [2]), TestModel.floats("half", [1], [0.5]),
    ]
    for (step, name) in ["q", "k", "v"].enumerated() {
      let values = TestModel.pattern(36, step + 3).map { $0 / 8 }
      tensors.append(TestModel.floats("w\(name)", [6, 6], values))
    }
    if let mask = spelling.mask {
      let count = mask.reduce(1, *)
      tensors.append(TestModel.floats("mask", mask, TestModel.pattern(count).map { $0 / 4 }))
    }
    return TestModel([.symbol("N"), .fixed(4), .fixed(6)], nodes, tensors)
  }

  @Test(arguments: spellings)
  func isOneOperator(spelling: Spelling) throws {
    let x = TestModel.pattern(48).map { Double($0) / 4 }
    let sizes = ModelSizes(batch: 2)
    let (one, apart) = (model(spelling, apart: false), model(spelling, apart: true))
    let ops = try one.imported(sizes).graph.nodes.map(\.op)
    #expect(ops.count { $0 is HeadAttention } == 1)
    #expect(!ops.contains { $0 is Softmax || $0 is MatrixProduct })
    #expect(!(try apart.imported(sizes).graph.nodes.contains { $0.op is HeadAttention }))
    let (own, expected) = (try one.run(x, sizes), try apart.run(x, sizes))
    #expect(own.count == expected.count && own.count == 48)
    for (a, b) in zip(own, expected) { #expect(abs(a - b) < 1e-6) }
  }

  /// Shares along another axis, or sums in another order, are not attention.
  @Test func leavesOthersAlone() throws {
    let sizes = ModelSizes(batch: 2)
    for change in 0..<3 {
      var model = model(Spelling(mask: [4, 4]), apart: false)
      for (index, one) in model.graph.nodes.enumerated() {
        switch (change, one.operation) {
        case (0, "Softmax"):
          model.graph.nodes[index].attributes = [
            ModelFile.Attribute("axis", .integer(2))
          ]
        case (1, "Add"):
          // The factor comes behind the mask.
          model.graph.nodes[index].inputs = ["raw", "mask"]
          model.graph.nodes.append(node("Div", ["masked", "two"], "late"))
        case (2, "Div"): model.graph.nodes[index].operation = "Sub"
        default: break
        }
      }
      if change == 1 {
        for index in model.graph.nodes.indices where model.graph.nodes[index].operation == "Softmax"
        {
          model.graph.nodes[index].inputs = ["late"]
        }
      }
      #expect(
        try !model.imported(sizes).graph.nodes.contains { $0.op is HeadAttention }, "\(change)")
    }
  }
}
