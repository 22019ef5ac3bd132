import Basics
import Graphs

/// Values in the layout that an operator reads: images lie `N H W C` in graphs, `N C H W` in models.
extension Translator {
  /// A value in another layout.
  struct Conversion: Hashable {
    var value: Graph.Value
    var layout: PlacedValue.Layout
  }

  /// A value with the model's order of elements.
  mutating func plain(_ placed: PlacedValue, _ name: String) throws(Problem) -> Graph.Value {
    switch placed.layout {
    case .plain: return placed.value
    case .channelsLast: return try converted(placed.value, to: .plain, [0, 3, 1, 2], name)
    case .flattened:
      let key = Conversion(value: placed.value, layout: .flattened)
      if let known = conversions[key] { return known }
      let own = builder[placed.value].type.dimensions
      let staysInOrder = own[3] == 1 || (own[1] == 1 && own[2] == 1)
      let result =
        staysInOrder
        ? try append(unique("\(name).view"), Reshape(placed.dimensions), placed.value)
        : try append(unique("\(name).rows"), Flattening(), placed.value)
      conversions[key] = result
      return result
    }
  }

  /// An image with its channels innermost.
  mutating func image(_ placed: PlacedValue, _ name: String) throws(Problem) -> PlacedValue {
    guard placed.dimensions.count == 4 else {
      throw .malformed("reads \(placed.dimensions.count) dimensions; supported are images, of 4")
    }
    guard placed.layout == .plain else { return placed }
    let value = try converted(placed.value, to: .channelsLast, [0, 2, 3, 1], name)
    return PlacedValue(value: value, dimensions: placed.dimensions, layout: .channelsLast)
  }

  /// A value under other dimensions, its elements in the model's order.
  ///
  /// - Parameters:
  ///   - placed: The value.
  ///   - dimensions: As many elements.
  ///   - name: The node's.
  /// - Returns: The same graph value where nothing has to move.
  /// - Throws: Dimensions with another number of elements.
  mutating func reshaped(
    _ placed: PlacedValue, to dimensions: [Dimension], _ name: String
  ) throws(Problem) -> PlacedValue {
    guard dimensions != placed.dimensions else { return placed }
    var result = PlacedValue(value: placed.value, dimensions: dimensions)
    if placed.layout == .channelsLast, dimensions.count == 2,
      dimensions[0] == placed.dimensions[0]
    {
      result.layout = .flattened
      return result
    }
    let own = builder[placed.value].type.dimensions
    if placed.layout == .flattened, dimensions == [own[0], own[3], own[1], own[2]] {
      result.layout = .channelsLast
      return result
    }
    let hasBatch = [placed.dimensions, dimensions].map { $0.first == .batch }
    let isApart =
      hasBatch[0] == hasBatch[1]
      && [placed.dimensions, dimensions].allSatisfy { !$0.dropFirst().contains(.batch) }
    result.value = try append(
      name, Reshape(dimensions, images: isApart ? nil : batch), plain(placed, name))
    return result
  }

  /// The dimensions that lengths stand for: the outermost is the batch wherever it is as long.
  ///
  /// - Parameter lengths: Of a value that is computed, the outermost first.
  /// - Returns: Lengths alone in a model whose inputs have no batch.
  func dimensions(_ lengths: [Int]) -> [Dimension] {
    let hasBatch = builder.inputs.contains { builder[$0.value].type.dimensions.contains(.batch) }
    return hasBatch ? [Dimension](lengths, images: batch) : lengths.map { .fixed($0) }
  }

  /// Appends a node with one input and one output.
  mutating func append(
    _ name: String, _ op: some Operator, _ input: Graph.Value
  ) throws(Problem) -> Graph.Value { try builder.append(name, op, [input])[0] }

  /// A value after an operator that keeps dimensions and layout.
  mutating func changed(
    _ placed: PlacedValue, by op: some Operator, _ name: String
  ) throws(Problem) -> PlacedValue {
    var result = placed
    result.value = try append(name, op, placed.value)
    return result
  }

  /// What an operator gives: in the model's order of elements, or as an image.
  mutating func result(
    _ name: String, _ op: some Operator, _ inputs: [Graph.Value], isImage: Bool = false
  ) throws(Problem) -> PlacedValue {
    let value = try builder.append(name, op, inputs)[0]
    return placedResult(value, isImage: isImage)
  }

  /// An image turned round, or seen otherwise where the order of its elements is the same.
  private mutating func converted(
    _ value: Graph.Value, to layout: PlacedValue.Layout, _ permutation: [Int], _ name: String
  ) throws(Problem) -> Graph.Value {
    let key = Conversion(value: value, layout: layout)
    if let known = conversions[key] { return known }
    let dimensions = builder[value].type.dimensions
    // One dimension of the three behind the batch moves past the two others.
    let (moving, passed) =
      layout == .plain
      ? (dimensions[3], dimensions[1...2])
      : (
        dimensions[1], dimensions[2...3]
      )
    let target = permutation.map { dimensions[$0] }
    let staysInOrder = moving == 1 || passed.allSatisfy { $0 == 1 }
    let result =
      staysInOrder
      ? try append(unique("\(name).view"), Reshape(target), value)
      : try append(unique("\(name).layout"), Transpose(permutation), value)
    conversions[key] = result
    return result
  }
}
