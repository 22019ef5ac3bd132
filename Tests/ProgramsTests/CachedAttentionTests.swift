import Graphs
import Kernels
import Testing

/// Attention that goes on from what it keeps: its kernels beside its reference.
@Suite struct CachedAttentionTests {
  /// Plain causal attention of four heads.
  static func plain(keyHeads: Int) -> HeadAttention {
    var op = HeadAttention()
    (op.heads, op.keyHeads, op.rule.isCausal) = (4, keyHeads, true)
    return op
  }

  @Test(arguments: [4, 2, 1], [1, 2])
  func equalsItsReference(keyHeads: Int, threads: Int) throws {
    let (depth, width, capacity) = (6, 9, 37)
    let panels = (capacity + VectorUnit.lanes - 1) / VectorUnit.lanes
    // No number of rows is that of the batch, for which it would be taken.
    let cases: [(rows: Int, position: Int?)] = [
      (1, 36), (1, 0), (5, 20), (33, nil), (37, nil), (1, nil),
    ]
    for (rows, position) in cases {
      var one = OneOperator(
        CachedAttention(
          Self.plain(keyHeads: keyHeads), capacity: capacity, readsPositions: position != nil))
      one.batch = 2
      one.floats([2, rows, 4 * depth])
      one.floats([2, rows, keyHeads * depth])
      one.floats([2, rows, keyHeads * width])
      if let position {
        one.inputs.append((.i64, [rows], (0..<rows).map { Double(position + $0) }))
      }
      one.floats([2, keyHeads, panels, depth, VectorUnit.lanes])
      one.floats([2, keyHeads, capacity, width])
      try one.compare(threads: threads)
    }
  }

  @Test func refusesWhatItCannotKeep() throws {
    let network = TextCacheTests.small.network
    let graph = network.graph(inputSize: 5)
    #expect(graph.causalTokens == 5)
    let cached = try graph.withCaches(capacity: 8, continues: true)
    let names = cached.inputs.map(\.name)
    #expect(names.prefix(3) == ["input_ids", "positions", "transformer.h.0.attn.keys"])
    #expect(names.count == 2 + 2 * 3)
    #expect(cached.outputs.map(\.name) == graph.outputs.map(\.name))
    #expect(throws: (any Error).self) { try graph.withCaches(capacity: 4, continues: false) }
    #expect(throws: (any Error).self) { try cached.withCaches(capacity: 8, continues: true) }
    for change in [
      { (op: inout HeadAttention) in op.rule.isCausal = false },
      { (op: inout HeadAttention) in op.rule.left = 2 },
      { (op: inout HeadAttention) in op.rule.cap = 1 },
    ] {
      var op = Self.plain(keyHeads: 4)
      change(&op)
      var builder = GraphBuilder()
      let value = builder.input("x", TensorType(.f32, [.batch, 5, 24]))
      builder.output("y", try builder.append("attention", op, [value, value, value])[0])
      #expect(try builder.graph().causalTokens == nil)
    }
  }

  /// What tells no places could stand anywhere, but its caches would not know where.
  @Test func refusesPlacesThatComeFromNoTable() throws {
    var builder = GraphBuilder()
    let value = builder.input("x", TensorType(.f32, [.batch, 1, 24]))
    builder.output(
      "y", try builder.append("attention", Self.plain(keyHeads: 4), [value, value, value])[0])
    let graph = try builder.graph()
    #expect(throws: (any Error).self) { try graph.withCaches(capacity: 8, continues: true) }
    #expect(throws: Never.self) { try graph.withCaches(capacity: 8, continues: false) }
  }
}
