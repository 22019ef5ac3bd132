import Basics
import Graphs
import Kernels
import Tensors
import Testing

/// Operators that go element by element: types, references, and activations of several nodes.
@Suite struct ElementwiseOperatorTests {
  private let image = TensorType(.f32, [.batch, 4, 5, 3])

  @Test func saysWhatTheyGive() throws {
    let gate = TensorType(.f32, [.batch, 1, 1, 3])
    #expect(try Pairwise(.multiply).outputs([gate, image]) == [image])
    #expect(try Pairwise(.multiply).outputs([image, TensorType(.f32, [])]) == [image])
    #expect(try Pairwise(.add, constant: 1).outputs([image]) == [image])
    #expect(
      try Pairwise(.less).outputs([image, TensorType(.f32, [5, 1])])
        == [TensorType(.bool, image.dimensions)])
    #expect(try Pointwise(.isNaN).outputs([image]) == [TensorType(.bool, image.dimensions)])
    let truths = TensorType(.bool, [5, 3])
    #expect(try Choice(.f32, second: 0).outputs([truths, image]) == [image])
    #expect(
      try Choice(.i64, first: 0, second: 1).outputs([truths]) == [TensorType(.i64, [5, 3])])
    #expect(try ElementCast(to: .i64).outputs([truths]) == [TensorType(.i64, [5, 3])])
  }

  @Test func refuseWhatTheyCannotTake() {
    let (whole, truths) = (TensorType(.i64, [.batch, 2]), TensorType(.bool, [2]))
    let cases: [(any Operator, [TensorType])] = [
      (Pairwise(.add), [image]), (Pairwise(.add, constant: 1), [image, image]),
      (Pairwise(.add), [image, TensorType(.f32, [2])]),
      (Pairwise(.add), [TensorType(.f32, [.batch]), TensorType(.f32, [3, .batch])]),
      (Pairwise(.add), [TensorType(.f32, [.batch]), TensorType(.f32, [3, 1])]),
      (Pairwise(.add), [TensorType(.f32, [.batch, 2]), TensorType(.f32, [3, 2])]),
      (Pairwise(.add), [image, TensorType(.i64, [])]), (Pairwise(.and), [image, image]),
      (Pairwise(.power, constant: 2), [whole]), (Pairwise(.add, constant: 1), [truths]),
      (Pointwise(.sigmoid), [whole]), (Pointwise(.not), [image]), (Pointwise(.not), [whole]),
      (Choice(.f32), [truths, image]), (Choice(.f32, second: 0), [image, image]),
      (Choice(.f32, second: 0), [truths, whole]), (ElementCast(to: .f64), [image]),
    ]
    for (op, inputs) in cases {
      #expect(throws: Problem.self, "\(op) of \(inputs)") { try op.outputs(inputs) }
    }
  }

  @Test func computeByTheDefinition() {
    let a = ReferenceTensor([2, 1, 2], [1, 2, 3, 4])
    let b = ReferenceTensor([3, 1], [10, 20, 30])
    #expect(
      Pairwise(.add).reference([a, b])[0]
        == ReferenceTensor([2, 3, 2], [11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34]))
    let condition = ReferenceTensor([2], [1, 0])
    #expect(
      Choice(.f32, first: -1).reference([condition, a])[0]
        == ReferenceTensor([2, 1, 2], [-1, 2, -1, 4]))
    #expect(
      Choice(.f32).reference([condition, a, ReferenceTensor([], [9])])[0].values == [1, 9, 3, 9])
    let numbers = ReferenceTensor([3], [-2.5, 0, 7e10])
    #expect(ElementCast(to: .i32).reference([numbers])[0].values == [-2, 0, 2_147_483_647])
    #expect(ElementCast(to: .bool).reference([numbers])[0].values == [1, 0, 1])
    let first = Pairwise(.subtract, constant: 1, isConstantFirst: true)
    #expect(first.reference([condition])[0].values == [0, 1])
  }

  /// Activations as exporters write them, in several nodes.
  static let activations: [PointwiseFunction] = [
    .swish(scale: 1), .swish(scale: 1.5), .hardSwish, .mish, .gelu, .geluByTanh,
  ]

  private func written(
    _ function: PointwiseFunction, halvesFirst: Bool, extra: Bool = false
  ) throws -> Graph {
    var builder = GraphBuilder()
    let x = builder.input("x", image)
    func append(_ op: some Operator, _ inputs: Graph.Value...) throws -> Graph.Value {
      try builder.append("n\(builder.nodes.count)", op, inputs)[0]
    }
    let half = Pairwise(.multiply, constant: 0.5)
    var gate: Graph.Value
    switch function {
    case .swish(let scale):
      let scaled = scale == 1 ? x : try append(Pairwise(.multiply, constant: Double(scale)), x)
      gate = try append(Pointwise(.sigmoid), scaled)
    case .hardSwish where halvesFirst:
      gate = try append(
        Pointwise(.clip(least: 0, most: 6)), append(Pairwise(.add, constant: 3), x))
    case .hardSwish: gate = try append(Pointwise(.hardSigmoid(slope: 1 / 6, shift: 0.5)), x)
    case .mish: gate = try append(Tanh(), append(Pointwise(.softplus), x))
    case .gelu:
      let scaled =
        halvesFirst
        ? try append(Pairwise(.multiply, constant: 0.70710677), x)
        : try append(Pairwise(.divide, constant: 1.4142135), x)
      gate = try append(Pairwise(.add, constant: 1), append(Pointwise(.erf), scaled))
    default:
      let cube =
        halvesFirst
        ? try append(Pointwise(.power(exponent: 3)), x)
        : try append(Pairwise(.multiply), append(Pairwise(.multiply), x, x), x)
      let sum = try append(
        Addition(), x, append(Pairwise(.multiply, constant: 0.044715), cube))
      let tangent = try append(Tanh(), append(Pairwise(.multiply, constant: 0.7978846), sum))
      gate = try append(Pairwise(.add, constant: 1), tangent)
    }
    if extra { builder.output("gate", gate) }
    let isHalved = function == .gelu || function == .geluByTanh
    if isHalved, halvesFirst {
      builder.output("y", try append(Pairwise(.multiply), append(half, x), gate))
    } else if function == .hardSwish, halvesFirst {
      let product = try append(Pairwise(.multiply), x, gate)
      builder.output("y", try append(Pairwise(.divide, constant: 6), product))
    } else {
      let product = try append(Pairwise(.multiply), gate, x)
      builder.output("y", isHalved ? try append(half, product) : product)
    }
    return try builder.graph()
  }

  @Test(arguments: activations, [false, true])
  func oneNodeTakesTheirPlace(function: PointwiseFunction, halvesFirst: Bool) throws {
    let graph = try written(function, halvesFirst: halvesFirst)
    let short = try graph.recognisingActivations()
    #expect((short.nodes.first?.op as? Pointwise)?.function == function)
    #expect(short.nodes.count == 1 && graph.nodes.count > 1)
    let x = ReferenceTensor([2, 4, 5, 3]) { Double($0) / 10 - 6 }
    let (own, expected) = (
      try #require(try short.evaluate(["x": x])["y"]),
      try #require(try graph.evaluate(["x": x])["y"])
    )
    for (own, expected) in zip(own.values, expected.values) { #expect(abs(own - expected) < 1e-6) }
    // What is read elsewhere has to be computed.
    let read = try written(function, halvesFirst: halvesFirst, extra: true)
    #expect(try read.recognisingActivations().nodes.count == read.nodes.count)
  }

  @Test func otherProductsStayAsTheyAre() throws {
    var builder = GraphBuilder()
    let (x, y) = (builder.input("x", image), builder.input("y", image))
    let gate = try builder.append("gate", Pointwise(.sigmoid), [y])[0]
    builder.output("z", try builder.append("z", Pairwise(.multiply), [x, gate])[0])
    let twice = try builder.append("twice", Pairwise(.multiply, constant: 2), [x])[0]
    builder.output("w", try builder.append("w", Pairwise(.multiply), [twice, x])[0])
    let near = try builder.append("near", Pairwise(.multiply, constant: 0.7), [x])[0]
    let erf = try builder.append("erf", Pointwise(.erf), [near])[0]
    let sum = try builder.append("sum", Pairwise(.add, constant: 1), [erf])[0]
    let half = try builder.append("half", Pairwise(.multiply, constant: 0.5), [x])[0]
    builder.output("v", try builder.append("v", Pairwise(.multiply), [half, sum])[0])
    let graph = try builder.graph()
    #expect(try graph.recognisingActivations().nodes.count == graph.nodes.count)
  }
}
