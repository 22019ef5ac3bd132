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

  /// Appends a fully connected layer that gives some of the outputs of a larger matrix.
  ///
  /// - Parameters:
  ///   - name: Of the layer.
  ///   - input: Rows.
  ///   - outputs: Those of the matrix that it gives.
  ///   - matrix: The weights of all, `outputs × inputs`.
  ///   - bias: One number for each output of the matrix.
  ///   - isStoredByInput: Whether the matrix lies `inputs × outputs`.
  /// - Returns: The same rows, as long as there are outputs.
  /// - Throws: Rows that the matrix does not fit.
  package mutating func part(
    _ name: String, _ input: Graph.Value, _ outputs: Range<Int>, of matrix: Graph.Value,
    bias: Graph.Value, isStoredByInput: Bool = false
  ) throws(Problem) -> Graph.Value {
    let total = self[bias].type.dimensions.first?.length ?? 0
    let op = Convolution.rows(
      outputs: outputs.count, hasBias: true, isStoredByInput: isStoredByInput,
      part: Convolution.Part(first: outputs.lowerBound, total: total))
    return try append(name, op, [input, matrix, bias])[0]
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

  /// Appends attention as PyTorch's `MultiheadAttention`: one matrix for queries, keys and values.
  ///
  /// - Parameters:
  ///   - name: The module's name.
  ///   - input: What queries come from, `batch × tokens × floats`.
  ///   - memory: What keys and values come from, as wide.
  ///   - heads: Which divide the floats.
  ///   - isCausal: Whether keys behind a query are hidden.
  /// - Returns: As the input.
  /// - Throws: Widths that do not fit one another.
  package mutating func multiheadAttention(
    _ name: String, _ input: Graph.Value, memory: Graph.Value, heads: Int, isCausal: Bool = false
  ) throws(Problem) -> Graph.Value {
    let width = width(input)
    let matrix = parameter(
      Parameter(name: "\(name).in_proj_weight", shape: [3 * width, width], role: .filters))
    let bias = parameter(
      Parameter(name: "\(name).in_proj_bias", shape: [3 * width], role: .bias))
    let queries = try part("\(name).query", input, 0..<width, of: matrix, bias: bias)
    let keys = try part("\(name).key", memory, width..<2 * width, of: matrix, bias: bias)
    let values = try part("\(name).value", memory, 2 * width..<3 * width, of: matrix, bias: bias)
    let mixed = try attention(
      name, queries: queries, keys: keys, values: values, heads: heads, isCausal: isCausal)
    return try rows("\(name).out_proj", mixed, outputs: width)
  }

  /// Appends which keys are seen, as attention takes it, from a number for each token, 0 for none.
  ///
  /// - Parameters:
  ///   - name: Of the nodes.
  ///   - mask: Whole numbers, `batch × tokens`.
  /// - Returns: Flags, `batch × 1 × 1 × tokens`.
  /// - Throws: Values of another form.
  package mutating func seenKeys(
    _ name: String, _ mask: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let flags = try append("\(name).flags", ElementCast(to: .bool), [mask])[0]
    return try append(name, Reshape([.batch, 1, 1, .fixed(width(mask))]), [flags])[0]
  }

  /// What a recurrent layer has behind its last step.
  package typealias RecurrentState = (state: Graph.Value, cell: Graph.Value)

  /// Appends one layer of PyTorch's `LSTM`, forward and batch first.
  ///
  /// - Parameters:
  ///   - module: The module's name.
  ///   - layer: Which of its layers.
  ///   - input: `batch × steps × floats`.
  ///   - width: Floats of a state.
  ///   - start: What it begins with; nil for zeros.
  /// - Returns: The states of all steps, `batch × steps × 1 × width`, and what is behind the last.
  /// - Throws: Widths that do not fit one another.
  package mutating func lstm(
    _ module: String, layer: Int, _ input: Graph.Value, width: Int,
    from start: RecurrentState? = nil
  ) throws(Problem) -> (steps: Graph.Value, last: RecurrentState) {
    var op = RecurrentLayer(.lstm, .forward, isBatchFirst: true)
    op.weights = .torch
    (op.hasBias, op.hasState, op.hasCell) = (true, start != nil, start != nil)
    let tensors: [(name: String, shape: [Int], role: Parameter.Role)] = [
      ("weight_ih", [4 * width, self.width(input)], .filters),
      ("weight_hh", [4 * width, width], .filters), ("bias_ih", [4 * width], .bias),
      ("bias_hh", [4 * width], .bias),
    ]
    var inputs = [input]
    for tensor in tensors {
      inputs.append(
        parameter(
          Parameter(
            name: "\(module).\(tensor.name)_l\(layer)", shape: tensor.shape, role: tensor.role)))
    }
    if let start { inputs += [start.state, start.cell] }
    let values = try append("\(module).l\(layer)", op, inputs)
    return (values[0], (values[1], values[2]))
  }

  /// Appends the states of one direction as rows: `batch × steps × floats`.
  package mutating func steps(
    _ name: String, _ states: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let dimensions = self[states].type.dimensions
    return try append(name, Reshape(Array(dimensions[..<2]) + dimensions[3...]), [states])[0]
  }

  /// Floats of a row; 1 where that is not known, which operators then refuse by name.
  private func width(_ value: Graph.Value) -> Int {
    self[value].type.dimensions.last?.length ?? 1
  }
}
