import Basics
import Graphs
import Kernels
import Tensors
import Testing

/// Graphs that cannot be are refused with a sentence that names what is wrong.
@Suite struct HostileGraphTests {
  private typealias Value = Graph.Value

  private let row = TensorType(.f32, [.batch, 4])

  private func definition(_ name: String, _ type: TensorType? = nil) -> Graph.Definition {
    var builder = GraphBuilder()
    let value = builder.input(name, type ?? row)
    return builder[value]
  }

  private func relu(_ name: String, _ input: Int, _ output: Int) -> Graph.Node {
    Graph.Node(name: name, op: ReLU(), inputs: [Value(input)], outputs: [Value(output)])
  }

  /// A graph of values `x`, `a`, `b`, …, with input `x`, or why there is none.
  private func refusal(
    of nodes: [Graph.Node], values: Int = 3, inputs: [Int] = [0], outputs: [Int] = [2]
  ) -> String? {
    let names = ["x", "a", "b", "c"]
    do throws(Problem) {
      _ = try Graph(
        values: (0..<values).map { definition(names[$0]) }, nodes: nodes,
        inputs: inputs.map { Graph.Port("in \($0)", Value($0)) },
        outputs: outputs.map { Graph.Port("out \($0)", Value($0)) })
      return nil
    } catch {
      return error.description
    }
  }

  @Test func takesASoundOneInAnyOrder() throws {
    #expect(refusal(of: [relu("second", 1, 2), relu("first", 0, 1)]) == nil)
    let graph = try Graph(
      values: ["x", "a", "b"].map { definition($0) },
      nodes: [relu("second", 1, 2), relu("first", 0, 1)], inputs: [Graph.Port("x", Value(0))],
      outputs: [Graph.Port("y", Value(2))])
    #expect(graph.nodes.map(\.name) == ["first", "second"])
  }

  @Test func refusesCycles() {
    let cycle = refusal(of: [
      Graph.Node(name: "sum", op: Addition(), inputs: [Value(0), Value(2)], outputs: [Value(1)]),
      relu("back", 1, 2),
    ])
    #expect(cycle?.contains("cycle") == true, "\(cycle ?? "")")
    let own = refusal(of: [
      Graph.Node(name: "self", op: Addition(), inputs: [Value(0), Value(1)], outputs: [Value(1)]),
      relu("end", 1, 2),
    ])
    #expect(own == "self waits for its own output: the graph has a cycle")
  }

  @Test func refusesValuesFromNowhereAndFromTwoPlaces() {
    #expect(refusal(of: [relu("first", 0, 2)], values: 4, outputs: [2]) == "nothing gives a")
    #expect(
      refusal(of: [relu("first", 0, 1), relu("second", 7, 2)])
        == "second names value 7, which does not exist")
    #expect(
      refusal(of: [relu("first", 0, 1), relu("twin", 0, 1), relu("end", 1, 2)])
        == "a is given by first and by twin")
    #expect(
      refusal(of: [relu("first", 0, 1), relu("over", 1, 0), relu("end", 1, 2)])
        == "x is given by input in 0 and by over")
  }

  @Test func refusesWhatNothingReads() {
    #expect(
      refusal(of: [relu("first", 0, 1), relu("end", 0, 2)]) == "nothing reads a")
    #expect(refusal(of: [relu("end", 0, 1)], values: 2, outputs: []) == "the graph has no output")
    #expect(
      refusal(of: [relu("end", 1, 2)], inputs: [0, 1]) == "nothing reads x")
  }

  @Test func refusesNamesAndValuesThatStandTwice() {
    #expect(
      refusal(of: [relu("first", 0, 1), relu("end", 1, 2)], inputs: [0, 0])
        == "two inputs are called in 0")
    #expect(
      refusal(of: [relu("first", 0, 1), relu("end", 1, 2)], outputs: [2, 2])
        == "two outputs are called out 2")
  }

  @Test func refusesShapesThatOverflowOrDoNotFit() throws {
    let impossible: [[Dimension]] = [
      [.batch, .fixed(1 << 40), .fixed(1 << 40)], [.batch, 0], [.fixed(-3)],
    ]
    for huge in impossible {
      let error = #expect(throws: Problem.self) {
        var builder = GraphBuilder()
        let input = builder.input("x", TensorType(.f32, huge))
        builder.output("y", try builder.append("relu", ReLU(), [input])[0])
        _ = try builder.graph()
      }
      #expect(error?.description.contains("too many elements") == true)
    }
    var builder = GraphBuilder()
    let images = builder.input("images", TensorType(.f32, [.batch, 4, 4, 3]))
    let weight = builder.parameter(Parameter(name: "w", shape: [8, 3, 5, 5], role: .filters))
    var error = #expect(throws: Problem.self) {
      _ = try builder.append("conv", Convolution(filters: 8, window: 5), [images, weight])
    }
    #expect(error?.description.hasPrefix("conv: a window of 5") == true)
    error = #expect(throws: Problem.self) {
      _ = try builder.append("conv", Convolution(filters: 8, window: 3), [images, weight])
    }
    #expect(error?.description.contains("filters are") == true)
    error = #expect(throws: Problem.self) {
      _ = try builder.append("add", Addition(), [images, weight])
    }
    #expect(error?.description.contains("cannot be added") == true)
  }

  @Test func refusesLengthsWhoseSumsAndProductsOverflow() {
    let long = Dimension.fixed(1 << 40)
    var attention = HeadAttention()
    (attention.heads, attention.keyHeads) = (1 << 40, 1)
    let convolution = LoopConvolution(axes: [LoopConvolution.Axis()], groups: 1 << 40)
    let wide: [Dimension] = [1, .fixed(1 << 48)]
    let cases: [(op: any Operator, inputs: [[Dimension]])] = [
      (attention, [[.batch, 1, long], [.batch, 2, 1], [.batch, 2, long]]),
      (convolution, [[.batch, long, 1], [1, long, 1]]),
      (Concatenation(), [[Dimension]](repeating: wide, count: 1 << 15)),
      (TriangularPart(diagonal: .min, isUpper: true), [[.batch, 3, 3]]),
    ]
    for (op, inputs) in cases {
      let types = inputs.map { TensorType(.f32, $0) }
      #expect(throws: Problem.self, "\(op)") { try op.outputs(types) }
    }
  }

  /// Images that write to one tensor, which groups of them would each begin anew.
  @Test func refusesToCutWhatWritesToOneTensor() {
    let inputs = [
      TensorType(.f32, [5, 4]), TensorType(.i64, [.batch, 1]), TensorType(.f32, [.batch, 4]),
    ]
    let cut = IndexedWriting(IndexedAccess(.rows(shared: 0)), reduction: .add)
    #expect(throws: Problem.self) { try cut.outputs(inputs) }
    let whole = IndexedWriting(IndexedAccess(.rows(shared: 0), images: 3), reduction: .add)
    #expect(throws: Never.self) { try whole.outputs(inputs) }
  }

  @Test func refusesABatchThatOverflows() throws {
    var builder = GraphBuilder()
    let input = builder.input("x", row)
    builder.output("y", try builder.append("relu", ReLU(), [input])[0])
    let graph = try builder.graph()
    #expect(try graph.shapes(["batch": 3]).map(\.description) == ["3x4", "3x4"])
    for symbols in [["batch": Int.max / 2], ["batch": 0], [:]] {
      #expect(throws: Problem.self) { try graph.shapes(symbols) }
    }
  }

  @Test func takesAValueThatIsReadTwice() throws {
    var builder = GraphBuilder()
    let input = builder.input("x", row)
    builder.output("y", try builder.append("twice", Addition(), [input, input])[0])
    let graph = try builder.graph()
    let result = try graph.evaluate(["x": ReferenceTensor([1, 4], [1, -2, 3, 0])])
    #expect(result["y"]?.values == [2, -4, 6, 0])
  }
}
