import Basics
import Graphs
import Kernels
import Tensors
import Testing

/// Graphs that are evaluated value by value.
@Suite struct EvaluationTests {
  private let row = TensorType(.f32, [.batch, 4])

  private func chain(_ count: Int) throws -> Graph {
    var builder = GraphBuilder()
    var value = builder.input("x", row)
    for index in 0..<count { value = try builder.append("n\(index)", ReLU(), [value])[0] }
    builder.output("y", value)
    return try builder.graph()
  }

  /// What one operator gives of one number.
  private func evaluate(
    _ op: some Operator, _ element: DType, _ x: Double, keepsTypes: Bool
  ) throws -> Double? {
    var builder = GraphBuilder()
    let input = builder.input("x", TensorType(element, [.batch, 1]))
    builder.output("y", try builder.append("op", op, [input])[0])
    return try builder.graph().evaluate(on: ThreadPool(threads: 2), keepsTypes: keepsTypes) {
      _, _ in ReferenceTensor([1, 1], [x])
    }["y"]?.values[0]
  }

  @Test func valuesAreWhatTheirTypesHold() throws {
    let small = Pairwise(.add, constant: 1e-9)
    #expect(try evaluate(small, .f32, 1, keepsTypes: false) == 1 + 1e-9)
    #expect(try evaluate(small, .f32, 1, keepsTypes: true) == 1)
    let large = Pairwise(.multiply, constant: 1e30)
    #expect(try evaluate(large, .f32, 1e30, keepsTypes: true) == .infinity)
    let four = Pairwise(.multiply, constant: 4)
    #expect(try evaluate(four, .i32, 0x1p30, keepsTypes: false) == 0x1p32)
    #expect(try evaluate(four, .i32, 0x1p30 + 1, keepsTypes: true) == 4)
    #expect(try evaluate(four, .u8, 65, keepsTypes: true) == 4)
    #expect(try evaluate(four, .i8, 33, keepsTypes: true) == -124)
    #expect(try evaluate(four, .i64, 0x1p40, keepsTypes: true) == 0x1p42)
    let one = ReferenceTensor([1], [1])
    let outside = IndexedReading(IndexedAccess(.slices(axis: 0)))
    #expect(outside.reference([one, ReferenceTensor([1], [9])])[0].values[0].isNaN)
  }

  /// A parameter is asked for by each of its readers, so that none is kept.
  @Test func asksForWhatItReads() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", row)
    let shift = builder.parameter(Parameter(name: "shift", shape: [4], role: .constant))
    let once = try builder.append("once", Pairwise(.add), [x, shift])[0]
    builder.output("y", try builder.append("twice", Pairwise(.add), [once, shift])[0])
    let graph = try builder.graph()
    var asked: [String] = []
    let result = try graph.evaluate(on: ThreadPool(threads: 1)) { name, parameter in
      asked.append(name)
      #expect((parameter != nil) == (name == "shift"))
      return parameter == nil
        ? ReferenceTensor([1, 4], [1, 2, 3, 4]) : ReferenceTensor([4], [10, 20, 30, 40])
    }
    #expect(result["y"]?.values == [21, 42, 63, 84])
    #expect(asked == ["x", "shift", "shift"])
    let error = #expect(throws: Problem.self) {
      try graph.evaluate(["x": ReferenceTensor([1, 4], [1, 2, 3, 4])])
    }
    #expect(error?.description.contains("no value for shift") == true)
  }

  @Test func whatIsReadNoMoreIsLetGo() throws {
    func cost(_ graph: Graph) throws -> EvaluationCost {
      graph.evaluationCost(try graph.shapes(["batch": 100]))
    }
    let (short, long) = (try cost(chain(3)), try cost(chain(30)))
    #expect(short.elements == 1200 && long.elements == 12_000)
    // Of each element a float64 that is kept, one that is read, and three that are given.
    let once = 8 + 8 + 24
    #expect(short.bytes == Double(400 * once) && short.bytes == long.bytes)
    // Two that are added at the end are both kept until then, and so is an output.
    var builder = GraphBuilder()
    let x = builder.input("x", row)
    let first = try builder.append("first", ReLU(), [x])[0]
    let second = try builder.append("second", Tanh(), [x])[0]
    builder.output("first", first)
    builder.output("sum", try builder.append("sum", Addition(), [first, second])[0])
    let twice = 2 * 8 + 2 * 8 + 24
    #expect(try cost(builder.graph()).bytes == Double(400 * twice))
    // Weights are there twice as they are read, and once more where a reference turns them.
    var weighted = GraphBuilder()
    let input = weighted.input("x", row)
    let matrix = weighted.parameter(Parameter(name: "w", shape: [5, 4], role: .filters))
    let op = Convolution.linear(outputs: 5, hasBias: false)
    weighted.output("y", try weighted.append("fc", op, [input, matrix])[0])
    let bytes = 8 * 400 + 12 * 20 + 8 * 420 + 24 * 500
    #expect(try cost(weighted.graph()).bytes == Double(bytes))
  }
}
