import Basics
import Graphs
import Kernels
import Tensors

/// The layers that networks for sequences are written in; values are `batch × tokens × floats`.
extension GraphBuilder {
  /// Appends a fully connected layer over each token's floats.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - input: Rows of any rank.
  ///   - outputs: Floats of a row of the result.
  ///   - hasBias: Whether a bias is added.
  ///   - isStoredByInput: Whether the weights lie `inputs × outputs`, as in GPT-2's `Conv1D`.
  /// - Returns: The same rows, `outputs` long.
  /// - Throws: An input without rows.
  package mutating func rows(
    _ name: String, _ input: Graph.Value, outputs: Int, hasBias: Bool = true,
    isStoredByInput: Bool = false
  ) throws(Problem) -> Graph.Value {
    let inputs = width(input)
    let weight = parameter(
      Parameter(
        name: "\(name).weight", shape: isStoredByInput ? [inputs, outputs] : [outputs, inputs],
        role: .filters, isStoredByInput: isStoredByInput))
    let op = Convolution.rows(
      outputs: outputs, hasBias: hasBias, isStoredByInput: isStoredByInput)
    return try append(name, op, [input, weight] + (hasBias ? [bias(name, outputs)] : []))[0]
  }

  /// A table of which numbers pick rows, the same one each time that it is named.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - rows: How many there are.
  ///   - width: Floats of each.
  /// - Returns: `rows × width`.
  package mutating func table(_ name: String, rows: Int, width: Int) -> Graph.Value {
    parameter(Parameter(name: "\(name).weight", shape: [rows, width], role: .filters))
  }

  /// Appends the rows of a table that numbers name.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - numbers: Whole numbers, `batch × tokens`.
  ///   - table: `rows × floats`.
  /// - Returns: `batch × tokens × floats`; NaN for a number that names no row.
  /// - Throws: Numbers that are no whole ones.
  package mutating func embedding(
    _ name: String, _ numbers: Graph.Value, of table: Graph.Value
  ) throws(Problem) -> Graph.Value {
    try append(name, IndexedReading(IndexedAccess(.slices(axis: 0))), [table, numbers])[0]
  }

  /// Appends the first rows of a table, one for each place of a sequence.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - table: `rows × floats`.
  ///   - count: At most the rows that there are.
  /// - Returns: `count × floats`.
  /// - Throws: A table that is too short.
  package mutating func firstRows(
    _ name: String, of table: Graph.Value, count: Int
  ) throws(Problem) -> Graph.Value {
    guard self[table].type.dimensions.first != .fixed(count) else { return table }
    return try append(name, AxisSelection([Array(0..<count), nil]), [table])[0]
  }

  /// Appends a sum whose second part is the same for each item of a batch.
  package mutating func addRows(
    _ name: String, _ a: Graph.Value, _ rows: Graph.Value
  ) throws(Problem) -> Graph.Value { try append(name, Pairwise(.add), [a, rows])[0] }

  /// Appends a fully connected layer that has the rows of a table as its weights.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - input: Rows.
  ///   - table: `outputs × inputs`.
  ///   - bias: One number an output; nil for none.
  /// - Returns: The same rows, as long as the table.
  /// - Throws: Rows that the table does not fit.
  package mutating func tied(
    _ name: String, _ input: Graph.Value, to table: Graph.Value, bias: Graph.Value? = nil
  ) throws(Problem) -> Graph.Value {
    let outputs = self[table].type.dimensions.first?.length ?? 0
    let op = Convolution.rows(outputs: outputs, hasBias: bias != nil)
    return try append(name, op, [input, table] + (bias.map { [$0] } ?? []))[0]
  }

  /// Appends a layer norm over each token's floats.
  package mutating func layerNorm(
    _ name: String, _ input: Graph.Value, epsilon: Double
  ) throws(Problem) -> Graph.Value {
    let rank = self[input].type.dimensions.count
    let shape = [width(input)]
    let scale = parameter(Parameter(name: "\(name).weight", shape: shape, role: .normScale))
    let shift = parameter(Parameter(name: "\(name).bias", shape: shape, role: .normShift))
    let op = LayerNormalization(axis: rank - 1, epsilon: epsilon)
    return try append(name, op, [input, scale, shift])[0]
  }

  /// Appends GELU: by the error function, or as it is written with tanh.
  package mutating func gelu(
    _ name: String, _ input: Graph.Value, byTanh: Bool = false
  ) throws(Problem) -> Graph.Value {
    try append(name, Pointwise(byTanh ? .geluByTanh : .gelu), [input])[0]
  }

  /// Appends some of each token's floats.
  package mutating func channels(
    _ name: String, _ input: Graph.Value, _ range: Range<Int>
  ) throws(Problem) -> Graph.Value {
    let whole = [[Int]?](repeating: nil, count: self[input].type.dimensions.count - 1)
    return try append(name, AxisSelection(whole + [Array(range)]), [input])[0]
  }

  /// Appends attention over heads, which lie side by side in each token's floats.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - queries: `batch × tokens × floats`.
  ///   - keys: `batch × keys × floats`.
  ///   - values: As many as keys.
  ///   - heads: Of all three.
  ///   - isCausal: Whether keys behind a query are hidden.
  ///   - mask: What is added to scores, or says which keys are seen; nil for nothing.
  /// - Returns: As the queries.
  /// - Throws: Lengths that do not fit one another.
  package mutating func attention(
    _ name: String, queries: Graph.Value, keys: Graph.Value, values: Graph.Value, heads: Int,
    isCausal: Bool = false, mask: Graph.Value? = nil
  ) throws(Problem) -> Graph.Value {
    var op = HeadAttention()
    (op.heads, op.keyHeads, op.rule.isCausal) = (heads, heads, isCausal)
    if let mask { (op.hasMask, op.masksByFlags) = (true, self[mask].type.element == .bool) }
    return try append(name, op, [queries, keys, values] + (mask.map { [$0] } ?? []))[0]
  }

  /// Floats of a row; 1 where that is not known, which operators then refuse by name.
  private func width(_ value: Graph.Value) -> Int {
    self[value].type.dimensions.last?.length ?? 1
  }
}
