import Graphs
import Kernels
import Testing

/// Attention and recurrent layers: their kernels beside their references.
@Suite struct SequenceOperatorTests {
  /// A name, and what is changed of plain attention.
  private static func attention(_ change: (inout HeadAttention) -> Void) -> HeadAttention {
    var op = HeadAttention()
    change(&op)
    return op
  }

  /// Operators, and how many keys there are.
  static let operators: [HeadAttention] = [
    attention { _ in }, attention { $0.rule.isCausal = true }, attention { $0.rule.scale = 0.3 },
    attention { ($0.rule.cap, $0.stage) = (0.5, .bent) }, attention { $0.stage = .products },
    attention { ($0.rule.isCausal, $0.stage) = (true, .shares) },
    attention { ($0.rule.left, $0.rule.right) = (2, 1) }, attention { $0.givesCache = true },
    attention { ($0.rule.isCausal, $0.rule.left) = (true, 0) },
  ]

  @Test(arguments: operators, [1, 2])
  func attends(op: HeadAttention, threads: Int) throws {
    for (keyHeads, queries, keys) in [(4, 5, 5), (2, 40, 7), (1, 3, 33)] {
      for isByHeads in [false, true] {
        var op = op
        if !isByHeads { (op.heads, op.keyHeads) = (4, keyHeads) }
        var one = OneOperator(op)
        one.batch = 2
        one.floats(isByHeads ? [2, 4, queries, 6] : [2, queries, 24])
        one.floats(isByHeads ? [2, keyHeads, keys, 6] : [2, keys, keyHeads * 6])
        one.floats(isByHeads ? [2, keyHeads, keys, 9] : [2, keys, keyHeads * 9])
        try one.compare(threads: threads)
      }
    }
  }

  @Test(
    arguments: [[3, 5], [4, 1, 5], [2, 1, 3, 5], [2, 4, 3, 5], [1, 1, 1, 4], [2]], [1, 2])
  func masksByNumbersAndByFlags(lengths: [Int], threads: Int) throws {
    for isByFlags in [false, true] {
      for isCausal in [false, true] {
        var op = Self.attention { ($0.hasMask, $0.rule.isCausal) = (true, isCausal) }
        op.masksByFlags = isByFlags
        var one = OneOperator(op)
        one.batch = 2
        for rows in [3, 5, 5] { one.floats([2, 4, rows, 8]) }
        one.floats(lengths)
        if isByFlags {
          one.inputs[3].type = .bool
          one.inputs[3].values = one.inputs[3].values.map { $0 > 0 ? 1 : 0 }
        }
        // `[2]` is two keys here, not the batch.
        if lengths == [2] { one.batch = nil }
        try one.compare(threads: threads)
      }
    }
  }

  @Test(arguments: [false, true], [1, 2])
  func goesOnFromEarlierKeys(isCausal: Bool, threads: Int) throws {
    for isByHeads in [false, true] {
      var op = Self.attention {
        ($0.hasPast, $0.givesCache, $0.rule.isCausal) = (true, true, isCausal)
      }
      if !isByHeads { (op.heads, op.keyHeads) = (4, 2) }
      var one = OneOperator(op)
      one.batch = 2
      one.floats(isByHeads ? [2, 4, 3, 6] : [2, 3, 24])
      one.floats(isByHeads ? [2, 2, 3, 6] : [2, 3, 12])
      one.floats(isByHeads ? [2, 2, 3, 7] : [2, 3, 14])
      one.floats([2, 2, 5, 6])
      one.floats([2, 2, 5, 7])
      try one.compare(threads: threads)
    }
    var counted = OneOperator(
      Self.attention { ($0.hasKeyCounts, $0.rule.isCausal) = (true, isCausal) })
    counted.batch = 3
    counted.floats([3, 2, 2, 4])
    for _ in 0..<2 { counted.floats([3, 2, 6, 4]) }
    counted.inputs.append((.i64, [3], [6, 1, 4]))
    try counted.compare(threads: threads)
  }

  @Test(arguments: [false, true], [1, 2])
  func turnsPairs(isInterleaved: Bool, threads: Int) throws {
    for (lengths, turned) in [([2, 3, 5, 8], 0), ([2, 3, 5, 8], 6), ([2, 5, 24], 4)] {
      for hasPositions in [false, true] {
        var op = RotaryPositions()
        (op.heads, op.turned) = (3, turned)
        (op.isInterleaved, op.hasPositions) = (isInterleaved, hasPositions)
        var one = OneOperator(op)
        one.batch = 2
        one.floats(lengths)
        let half = (turned == 0 ? 8 : turned) / 2
        for _ in 0..<2 { one.floats(hasPositions ? [11, half] : [2, 5, half]) }
        if hasPositions { one.inputs.append((.i64, [2, 5], [0, 1, 2, 3, 4, 10, 9, 8, 7, 6])) }
        try one.compare(threads: threads)
      }
    }
  }

  static let cells: [Recurrence.Cell] = [
    .plain(isRectified: false), .plain(isRectified: true), .gru(resetsAfterProduct: false),
    .gru(resetsAfterProduct: true), .lstm,
  ]

  @Test(arguments: cells, [RecurrentLayer.Direction.forward, .reverse, .bidirectional])
  func goesThroughSequences(cell: Recurrence.Cell, direction: RecurrentLayer.Direction) throws {
    let (steps, batch, inputs, states) = (4, 3, 5, 11)
    for isBatchFirst in [false, true] {
      for (isFull, isKept) in [(false, true), (true, true), (true, false)] {
        var op = RecurrentLayer(cell, direction, isBatchFirst: isBatchFirst)
        let (D, G) = (op.directions, cell.gates)
        (op.hasBias, op.hasState) = (isFull, isFull)
        (op.hasCell, op.hasPeepholes) = (isFull && cell == .lstm, isFull && cell == .lstm)
        var one = OneOperator(op)
        one.parameters = isKept ? (isFull ? [1, 2, 3] : [1, 2]) : []
        one.floats(isBatchFirst ? [batch, steps, inputs] : [steps, batch, inputs])
        one.floats([D, G * states, inputs])
        one.floats([D, G * states, states])
        if op.hasBias { one.floats([D, 2 * G * states]) }
        let state = isBatchFirst ? [batch, D, states] : [D, batch, states]
        if op.hasState { one.floats(state) }
        if op.hasCell { one.floats(state) }
        if op.hasPeepholes { one.floats([D, 3 * states]) }
        for threads in [1, 2] { try one.compare(threads: threads) }
      }
    }
  }

  /// Only the first state is not known before a run.
  @Test func goesThroughSequencesThatAreParameters() throws {
    var op = RecurrentLayer(.lstm, .forward, isBatchFirst: false)
    op.hasState = true
    var one = OneOperator(op)
    one.parameters = [0, 1, 2]
    for lengths in [[4, 3, 5], [1, 44, 5], [1, 44, 11], [1, 3, 11]] { one.floats(lengths) }
    try one.compare(threads: 2)
  }
}
